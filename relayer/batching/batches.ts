import { splitNonce } from "../../sdk/device-nonce.ts";
import type { BatchLimits } from "../config.ts";
import type { NewPayment, StoredFx, StoredTerms } from "../store/payments.ts";
import type { QueueState } from "../store/queues.ts";
import { signatureGas } from "./signature-gas.ts";

/** Gas of one row and one batch, above what `npm run bench:gas` measures in the worst case. */
export interface GasModel {
  readonly row: number;
  readonly batch: number;
}

export const SETTLEMENT_GAS: GasModel = { row: 23_000, batch: 75_000 };
/** A hold's row writes a slot of its own; a batch logs up to eight splits. */
export const OPENING_GAS: GasModel = { row: 62_000, batch: 120_000 };
/** A pulled row moves tokens, which may ask a wallet about a signature; a batch deposits what came. */
export const PULLED_PAYMENT_GAS: GasModel = { row: 130_000, batch: 180_000 };
export const PULLED_HOLD_GAS: GasModel = { row: 180_000, batch: 220_000 };
/** A row may be the only one of its payee, whose account and agreement are then its own. A batch asks two price feeds. */
export const EXCHANGE_GAS: GasModel = { row: 85_000, batch: 330_000 };
export const EXCHANGED_HOLD_GAS: GasModel = { row: 100_000, batch: 480_000 };
export const TRANSACTION_GAS = 60_000;

/** What one row needs, with its signature. */
export type RowGas<R> = (row: R) => number;

/** The gas limit of a transaction. Too much costs nothing; too little loses the whole of it. */
export function gasLimit<R>(
  groups: readonly { readonly rows: readonly R[] }[],
  batch: number,
  rowGas: RowGas<R>,
): number {
  const rows = groups.flatMap((group) => group.rows).reduce((sum, row) => sum + rowGas(row), 0);
  return TRANSACTION_GAS + rows + groups.length * batch;
}

/** A device's terms are read, its state is read and written, for the first time perhaps. */
const DEVICE_GAS = 40_000;

/** The gas of rows that the Ledger settles, whoever signed them and by whichever kind of signature. */
export function signedRowGas<R extends PayableRow>(gas: GasModel, hasP256Precompile: boolean): RowGas<R> {
  return ({ payer, signer, signature, nonce }) =>
    gas.row +
    (splitNonce(nonce).index === 0 ? 0 : DEVICE_GAS) +
    signatureGas({ signer: signer ?? payer, signature }, hasP256Precompile);
}

/** The most rows that a transaction takes. */
export function maxRows(limits: BatchLimits, gas: GasModel): number {
  const byGas = Math.floor((limits.maxGas - TRANSACTION_GAS - gas.batch) / gas.row);
  return Math.max(1, Math.min(limits.maxRows, byGas));
}

/** Whether it is time to send what has no gas model of its own. @see isDue */
export function isRipe({ waiting, oldestMs }: QueueState, { maxRows: rows, maxAgeMs }: BatchLimits): boolean {
  return waiting > 0 && (waiting >= rows || oldestMs >= maxAgeMs);
}

/** Whether it is time to send: the batch is full, or its oldest payment has waited long enough. */
export function isDue(queue: QueueState, limits: BatchLimits, gas: GasModel): boolean {
  return queue.waiting > 0 && (queue.waiting >= maxRows(limits, gas) || queue.oldestMs >= limits.maxAgeMs);
}

export interface PayableRow {
  readonly id: string;
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
  readonly memo: string;
  readonly r: string;
  readonly vs: string;
  readonly signature: string | null;
  readonly signer: string | null;
}

export interface BatchOf<R extends PayableRow> {
  readonly payee: string;
  readonly token: string;
  readonly rows: readonly R[];
}

/** A payment to the Escrow. */
export type HoldToOpen = NewPayment & { readonly terms: StoredTerms };

/** A payment to the Exchange. */
export type ExchangedRow = NewPayment & { readonly fx: StoredFx };

/** Groups payments by quote; in each, those of one payee follow each other, as they are credited together. @see groupRows */
export function groupByQuote<R extends ExchangedRow>(
  rows: readonly R[],
  maxGas: number,
  rowGas: RowGas<R>,
): { groups: Group<R>[]; left: R[] } {
  const { groups, left } = groupRows(rows, maxGas, EXCHANGE_GAS.batch, rowGas, (row) => row.fx.quote.id);
  const byPayee = (a: R, b: R): number => (a.fx.payee < b.fx.payee ? -1 : a.fx.payee > b.fx.payee ? 1 : 0);
  return { groups: groups.map(({ rows: of }) => grouped([...of].sort(byPayee))), left };
}

function grouped<R>(rows: readonly R[]): Group<R> {
  const [first] = rows;
  if (first === undefined) throw new Error("A group has no rows");
  return { first, rows };
}

/** Groups exchanged payments into holds by all that these share. @see groupRows */
export function groupExchangedHolds<R extends ExchangedRow & HoldToOpen>(
  rows: readonly R[],
  maxGas: number,
  rowGas: RowGas<R>,
): { groups: Group<R>[]; left: R[] } {
  return groupRows(rows, maxGas, EXCHANGED_HOLD_GAS.batch, rowGas, ({ fx, terms }) =>
    [fx.quote.id, fx.refundRule, fx.refundDeadline, sharedBy(fx.quote.settleToken, terms)].join(":"),
  );
}

/** Groups rows by payee and token. @see groupRows */
export function groupIntoBatches<R extends PayableRow>(
  rows: readonly R[],
  maxGas: number,
  batchGas: number,
  rowGas: RowGas<R>,
): { batches: BatchOf<R>[]; left: R[] } {
  const { groups, left } = groupRows(rows, maxGas, batchGas, rowGas, (row) => `${row.payee}:${row.token}`);
  return { batches: groups.map(({ first, rows: of }) => ({ payee: first.payee, token: first.token, rows: of })), left };
}

/** Groups holds by merchant, token and splits, which the holds of a batch share. @see groupRows */
export function groupHolds<R extends HoldToOpen>(
  rows: readonly R[],
  maxGas: number,
  batchGas: number,
  rowGas: RowGas<R>,
): { groups: Group<R>[]; left: R[] } {
  return groupRows(rows, maxGas, batchGas, rowGas, (row) => sharedBy(row.token, row.terms));
}

/** What the holds of a batch share, as a text to compare. */
export function sharedBy(token: string, terms: StoredTerms): string {
  const splits = terms.splits.map(({ recipient, shareBps }) => `${recipient}=${shareBps}`);
  return [terms.payee, token, ...splits].join(":");
}

export interface Group<R> {
  readonly first: R;
  readonly rows: readonly R[];
}

/**
 * Groups rows by a key; in each group, a payer's payments go by nonce, so that a higher one does not push a lower one out
 * of the window. As many rows as the gas allows; the rest is returned as left over.
 */
function groupRows<R extends PayableRow>(
  rows: readonly R[],
  maxGas: number,
  batchGas: number,
  rowGas: RowGas<R>,
  keyOf: (row: R) => string,
): { groups: Group<R>[]; left: R[] } {
  const groups = new Map<string, { first: R; rows: R[] }>();
  const left: R[] = [];
  let gas = TRANSACTION_GAS;
  for (const row of [...rows].sort(byPayerAndNonce)) {
    const key = keyOf(row);
    const group = groups.get(key);
    const added = rowGas(row) + (group === undefined ? batchGas : 0);
    if (gas + added > maxGas) {
      left.push(row);
      continue;
    }
    gas += added;
    if (group === undefined) groups.set(key, { first: row, rows: [row] });
    else group.rows.push(row);
  }
  return { groups: [...groups.values()], left };
}

function byPayerAndNonce(a: PayableRow, b: PayableRow): number {
  if (a.payer !== b.payer) return a.payer < b.payer ? -1 : 1;
  return a.nonce < b.nonce ? -1 : a.nonce > b.nonce ? 1 : 0;
}
