import type { RefundRule } from "../../sdk/fx.ts";
import type { HoldStatus, Split } from "../../sdk/hold.ts";
import type { Funding, Payment, PaymentState } from "../../sdk/payment.ts";
import { AppError } from "../app-error.ts";
import type { StoredQuote } from "../stored-quote.ts";
import type { WalletDeployment } from "../wallet-deployment.ts";
import type { Queryable } from "./database.ts";
import type { Queue, QueueState } from "./queues.ts";

/** `HoldTerms` as they are stored: numbers, which JSON has. */
export interface StoredTerms {
  readonly payee: string;
  readonly splits: readonly Split[];
  readonly captureDeadline: number;
  readonly refundDeadline: number;
  readonly arbiter: string;
  readonly rulingPeriod: number;
  readonly defaultPayerBps: number;
  readonly memo: string;
}

/** What a payment to the Exchange is to become. Amounts as decimal strings. */
export interface StoredFx {
  readonly quote: StoredQuote;
  readonly payee: string;
  readonly settleAmount: string;
  readonly memo: string;
  /** What it costs at the quote's rate, at most the payment's amount: what is taken, and reserved. */
  readonly cost: string;
  /** Null if it is not held. */
  readonly refundRule: RefundRule | null;
  readonly refundDeadline: number;
}

/** A payment that was checked and may be stored. */
export interface NewPayment extends Payment {
  readonly id: string;
  readonly funding: Funding;
  /** Of a payment that is held, in the Escrow. */
  readonly terms: StoredTerms | null;
  /** The id by which the Escrow knows it then: the payment's own, unless it is exchanged. */
  readonly holdId: string | null;
  /** Of a payment to the Exchange. With terms of either kind, `memo` is their hash. */
  readonly fx: StoredFx | null;
  /** Who is paid in the end. */
  readonly merchant: string;
  readonly requestId: string | null;
  /** Compact ECDSA; zero words if the signature stands in `signature`. */
  readonly r: string;
  readonly vs: string;
  readonly signature: string | null;
  /** Whose signature it is; null: the payer's. */
  readonly signer: string | null;
  /** How the payer's wallet comes to be, if it was not there yet. */
  readonly deployment: WalletDeployment | null;
}

export interface PaymentRecord extends NewPayment {
  readonly state: PaymentState;
  readonly code: string | null;
  readonly attempts: number;
  /** The relayer's own transaction that carries it, if any. */
  readonly transactionHash: string | null;
  /** The transaction that settled it, whoever sent it. */
  readonly settledHash: string | null;
  readonly blockNumber: bigint | null;
  /** Unix seconds, of that block. */
  readonly settledAt: bigint | null;
  /** Of an exchanged payment: what was paid, and the operator's fee in the settlement token. */
  readonly fxPaid: bigint | null;
  readonly fxFee: bigint | null;
  readonly acceptedAt: Date;
}

/** What a payment takes of its payer's account. */
export function takenBy({ amount, fx }: Pick<NewPayment, "amount" | "fx">): bigint {
  return fx === null ? amount : BigInt(fx.cost);
}

/** What a payment settles: what its merchant gets, or what is held for her. */
export function settledBy({ token, amount, fx }: Pick<NewPayment, "token" | "amount" | "fx">): {
  readonly token: string;
  readonly amount: bigint;
} {
  return fx === null ? { token, amount } : { token: fx.quote.settleToken, amount: BigInt(fx.settleAmount) };
}

const COLUMNS = `id, payer, payee, token, amount, nonce, deadline, memo, r, vs, signature, signer, funding, deployment, state, code, attempts,
  terms, fx, hold_id AS "holdId", fx_paid AS "fxPaid", fx_fee AS "fxFee", settled_at AS "settledAt", merchant, request_id AS "requestId", transaction_hash AS "transactionHash", settled_hash AS "settledHash", block_number AS "blockNumber",
  accepted_at AS "acceptedAt"`;

export async function findPayment(db: Queryable, id: string): Promise<PaymentRecord | undefined> {
  const { rows } = await db.query<PaymentRecord>(`SELECT ${COLUMNS} FROM payments WHERE id = $1`, [id]);
  return rows[0];
}

export async function findPayments(db: Queryable, ids: readonly string[]): Promise<PaymentRecord[]> {
  const { rows } = await db.query<PaymentRecord>(`SELECT ${COLUMNS} FROM payments WHERE id = ANY($1)`, [ids]);
  return rows;
}

/** Ids of the live or settled payments that hold these nonces of accounts. */
export async function findNonceHolders(
  db: Queryable,
  payments: readonly Pick<Payment, "payer" | "token" | "nonce">[],
): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; payer: string; token: string; nonce: bigint }>(
    `SELECT p.id, p.payer, p.token, p.nonce FROM payments p
     JOIN unnest($1::text[], $2::text[], $3::numeric[]) AS k (payer, token, nonce)
       ON p.payer = k.payer AND p.token = k.token AND p.nonce = k.nonce
     WHERE p.state NOT IN ('rejected', 'expired') AND p.funding = 'account'`,
    [payments.map((p) => p.payer), payments.map((p) => p.token), payments.map((p) => p.nonce)],
  );
  return new Map(rows.map((row) => [nonceKey(row), row.id]));
}

export function nonceKey(payment: { payer: string; token: string; nonce: bigint }): string {
  return `${payment.payer}:${payment.token}:${payment.nonce}`;
}

/** Stores payments. @returns those that were not there; with pulled ones another instance may have been first. */
export async function insertPayments(db: Queryable, payments: readonly NewPayment[]): Promise<PaymentRecord[]> {
  const column = <K extends keyof NewPayment>(key: K): NewPayment[K][] => payments.map((payment) => payment[key]);
  const { rows } = await db.query<PaymentRecord>(
    `INSERT INTO payments (id, payer, payee, token, amount, nonce, deadline, memo, r, vs, terms, merchant, request_id,
       funding, signature, signer, deployment, fx, hold_id)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::bigint[],
       $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::text[], $13::uuid[], $14::text[], $15::text[], $16::text[],
       $17::jsonb[], $18::jsonb[], $19::text[])
     ON CONFLICT (id) DO NOTHING
     RETURNING ${COLUMNS}`,
    [
      column("id"),
      column("payer"),
      column("payee"),
      column("token"),
      column("amount"),
      column("nonce"),
      column("deadline"),
      column("memo"),
      column("r"),
      column("vs"),
      payments.map(({ terms }) => (terms === null ? null : JSON.stringify(terms))),
      column("merchant"),
      column("requestId"),
      column("funding"),
      column("signature"),
      column("signer"),
      payments.map(({ deployment }) => (deployment === null ? null : JSON.stringify(deployment))),
      payments.map(({ fx }) => (fx === null ? null : JSON.stringify(fx))),
      column("holdId"),
    ],
  );
  return rows;
}

/**
 * What a payment is sent by: `settle` and `open` of Ledger and Escrow, `pay` and `open` of the Gateway, or `exchange` and
 * `exchangeIntoHolds` of the Exchange.
 */
export interface PaymentKind {
  readonly funding: Funding;
  readonly hold: boolean;
  readonly fx: boolean;
}

export function kindName({ funding, hold, fx }: PaymentKind): string {
  const what = `${fx ? "exchanged " : ""}${hold ? "hold" : "payment"}`;
  return funding === "account" ? what : `${funding} ${what}`;
}

export function isOfKind(payment: PaymentRecord, { funding, hold, fx }: PaymentKind): boolean {
  return payment.funding === funding && (payment.terms !== null) === hold && (payment.fx !== null) === fx;
}

/** {@link isOfKind} as a condition, made of constants only; without those that wait for their payer's wallet. */
function ofKind({ funding, hold, fx }: PaymentKind): string {
  const [terms, exchanged] = [hold, fx].map((is) => (is ? "NOT NULL" : "NULL"));
  return `funding = '${funding}' AND terms IS ${terms} AND fx IS ${exchanged} AND (deployment IS NULL OR deployed)`;
}

/** The payments of a kind that wait to be sent. */
export function paymentQueue(kind: PaymentKind): Queue {
  return { name: kindName(kind), table: "payments", condition: ofKind(kind) };
}

/** How many accepted payments (of one kind, or all) wait, counted up to `limit`, and for how long the oldest has. */
export async function queueState(db: Queryable, limit: number, kind?: PaymentKind): Promise<QueueState> {
  const condition = kind === undefined ? "" : `AND ${ofKind(kind)}`;
  const { rows } = await db.query<{ waiting: bigint; oldest: number | null }>(
    `SELECT count(*) AS waiting,
       (extract(epoch FROM clock_timestamp() - min(accepted_at)) * 1000)::float8 AS oldest
     FROM (SELECT accepted_at FROM payments WHERE state = 'accepted' ${condition} ORDER BY accepted_at LIMIT $1) q`,
    [limit],
  );
  return { waiting: Number(rows[0]?.waiting ?? 0n), oldestMs: rows[0]?.oldest ?? 0 };
}

/** Hands the oldest accepted payments to a lane whose lease is live. Two lanes never get the same one. */
export async function assignPayments(
  db: Queryable,
  lane: { address: string; fence: bigint },
  limit: number,
  kind: PaymentKind,
): Promise<PaymentRecord[]> {
  const { rows } = await db.query<PaymentRecord>(
    `UPDATE payments SET state = 'assigned', lane = $1, transaction_hash = NULL, updated_at = clock_timestamp()
     WHERE id IN (
       SELECT id FROM payments WHERE state = 'accepted' AND ${ofKind(kind)}
       ORDER BY accepted_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     AND EXISTS (SELECT 1 FROM lanes WHERE address = $1 AND fence = $2 AND lease_until > clock_timestamp())
     RETURNING ${COLUMNS}`,
    [lane.address, lane.fence, limit],
  );
  return rows;
}

/** Notes the transaction that carries these payments; to be called in the SQL transaction that stores it. */
export async function attachPayments(db: Queryable, hash: string, lane: string, ids: readonly string[]): Promise<void> {
  const { rowCount } = await db.query(
    `UPDATE payments SET state = 'submitted', transaction_hash = $1, attempts = attempts + 1,
       updated_at = clock_timestamp()
     WHERE id = ANY($2) AND state = 'assigned' AND lane = $3 AND transaction_hash IS NULL`,
    [hash, ids, lane],
  );
  requireAll(ids.length, rowCount);
}

/** @throws AppError `assignment_lost` if another lane has some of them by now. */
export function requireAll(wanted: number, updated: number | null): void {
  if (updated === wanted) return;
  throw new AppError("assignment_lost", `${wanted} rows to sign for, ${updated ?? 0} still assigned`, {
    retriable: true,
  });
}

/** Puts payments back that were handed to a lane and never signed. */
export async function releaseAssigned(db: Queryable, lane: string): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE payments SET state = 'accepted', lane = NULL, updated_at = clock_timestamp()
     WHERE lane = $1 AND state = 'assigned' AND transaction_hash IS NULL`,
    [lane],
  );
  return rowCount ?? 0;
}

/** Refuses assigned payments that were never signed; one that settled meanwhile stays settled. */
export async function refuseAssigned(
  db: Queryable,
  refusals: readonly { readonly id: string; readonly code: string }[],
): Promise<number> {
  if (refusals.length === 0) return 0;
  const { rowCount } = await db.query(
    `UPDATE payments p SET state = CASE WHEN r.code = 'expired' THEN 'expired' ELSE 'rejected' END, code = r.code,
       lane = NULL, updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[]) AS r (id, code)
     WHERE p.id = r.id AND p.state = 'assigned' AND p.transaction_hash IS NULL`,
    [refusals.map((refusal) => refusal.id), refusals.map((refusal) => refusal.code)],
  );
  return rowCount ?? 0;
}

/** Expires what nobody has signed a transaction for and whose deadline is past. */
export async function expireAccepted(db: Queryable, now: bigint): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE payments SET state = 'expired', code = 'expired', updated_at = clock_timestamp()
     WHERE state = 'accepted' AND deadline < $1`,
    [now],
  );
  return rowCount ?? 0;
}

export interface PaymentFilter {
  readonly merchant?: string | undefined;
  readonly payer?: string | undefined;
  readonly state?: PaymentState | undefined;
  readonly holdStatus?: HoldStatus | undefined;
  /** What the merchant gets. */
  readonly token?: string | undefined;
  readonly request?: string | undefined;
  /** That the merchant named, not the hash of a hold's or an exchange's terms. */
  readonly memo?: string | undefined;
  /** Accepted from then on, and before `to`. Unix seconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The newest payments, or the next ones behind the payment `after`. */
export async function listPayments(
  db: Queryable,
  filter: PaymentFilter,
  after: string | undefined,
  limit: number,
): Promise<PaymentRecord[]> {
  const { rows } = await db.query<PaymentRecord>(
    `SELECT ${COLUMNS} FROM payments p
     WHERE ($1::text IS NULL OR merchant = $1) AND ($2::text IS NULL OR payer = $2) AND ($3::text IS NULL OR state = $3)
       AND ($4::text IS NULL OR EXISTS (SELECT 1 FROM holds h WHERE h.id = p.hold_id AND h.status = $4))
       AND ($7::text IS NULL OR coalesce(fx -> 'quote' ->> 'settleToken', token) = $7)
       AND ($8::uuid IS NULL OR request_id = $8) AND ($9::text IS NULL OR coalesce(terms ->> 'memo', fx ->> 'memo', memo) = $9)
       AND ($10::double precision IS NULL OR accepted_at >= to_timestamp($10))
       AND ($11::double precision IS NULL OR accepted_at < to_timestamp($11))
       AND ($5::text IS NULL OR (accepted_at, id) < (SELECT a.accepted_at, a.id FROM payments a WHERE a.id = $5))
     ORDER BY accepted_at DESC, id DESC LIMIT $6`,
    [
      filter.merchant ?? null,
      filter.payer ?? null,
      filter.state ?? null,
      filter.holdStatus ?? null,
      after ?? null,
      limit,
      filter.token ?? null,
      filter.request ?? null,
      filter.memo ?? null,
      filter.from ?? null,
      filter.to ?? null,
    ],
  );
  return rows;
}

/** How many payments are in each state that still changes. */
export async function countOpenStates(db: Queryable): Promise<Map<PaymentState, number>> {
  const { rows } = await db.query<{ state: PaymentState; count: bigint }>(
    `SELECT state, count(*) FROM payments WHERE state IN ('accepted', 'assigned', 'submitted') GROUP BY state`,
  );
  return new Map(rows.map((row) => [row.state, Number(row.count)]));
}
