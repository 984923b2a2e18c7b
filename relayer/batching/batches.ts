import type { BatchLimits } from "../config.ts";
import type { QueueState } from "../store/payments.ts";

/** Gas of one row, one batch and one transaction, above what `npm run bench:gas` measures in the worst case. */
export const ROW_GAS = 23_000;
export const BATCH_GAS = 75_000;
export const TRANSACTION_GAS = 60_000;

/** The gas limit of a transaction. Too much costs nothing; too little loses the whole of it. */
export function gasLimit(rows: number, batches: number): number {
  return TRANSACTION_GAS + rows * ROW_GAS + batches * BATCH_GAS;
}

/** The most rows that a transaction takes. */
export function maxRows(limits: BatchLimits): number {
  const byGas = Math.floor((limits.maxGas - TRANSACTION_GAS - BATCH_GAS) / ROW_GAS);
  return Math.max(1, Math.min(limits.maxRows, byGas));
}

/** Whether it is time to send: the batch is full, or its oldest payment has waited long enough. */
export function isDue(queue: QueueState, limits: BatchLimits): boolean {
  return queue.waiting > 0 && (queue.waiting >= maxRows(limits) || queue.oldestMs >= limits.maxAgeMs);
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
}

export interface BatchOf<R extends PayableRow> {
  readonly payee: string;
  readonly token: string;
  readonly rows: readonly R[];
}

/**
 * Groups rows by payee and token; in each, a payer's payments go by nonce, so that a higher one does not push a lower one
 * out of the window. As many rows as the gas allows; the rest is returned as left over.
 */
export function groupIntoBatches<R extends PayableRow>(
  rows: readonly R[],
  maxGas: number,
): { batches: BatchOf<R>[]; left: R[] } {
  const groups = new Map<string, R[]>();
  const left: R[] = [];
  let gas = TRANSACTION_GAS;
  for (const row of [...rows].sort(byPayerAndNonce)) {
    const key = `${row.payee}:${row.token}`;
    const group = groups.get(key);
    const cost = ROW_GAS + (group === undefined ? BATCH_GAS : 0);
    if (gas + cost > maxGas) {
      left.push(row);
      continue;
    }
    gas += cost;
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const batches: BatchOf<R>[] = [];
  for (const group of groups.values()) {
    const first = group[0];
    if (first !== undefined) batches.push({ payee: first.payee, token: first.token, rows: group });
  }
  return { batches, left };
}

function byPayerAndNonce(a: PayableRow, b: PayableRow): number {
  if (a.payer !== b.payer) return a.payer < b.payer ? -1 : 1;
  return a.nonce < b.nonce ? -1 : a.nonce > b.nonce ? 1 : 0;
}
