import type { Payment, PaymentState } from "../../sdk/payment.ts";
import type { Queryable } from "./database.ts";

export interface PaymentRecord extends Payment {
  readonly id: string;
  readonly r: string;
  readonly vs: string;
  readonly state: PaymentState;
  readonly code: string | null;
  readonly attempts: number;
  /** The relayer's own transaction that carries it, if any. */
  readonly transactionHash: string | null;
  /** The transaction that settled it, whoever sent it. */
  readonly settledHash: string | null;
  readonly blockNumber: bigint | null;
  readonly acceptedAt: Date;
}

/** A payment that was checked and may be stored. */
export interface NewPayment extends Payment {
  readonly id: string;
  readonly r: string;
  readonly vs: string;
}

const COLUMNS = `id, payer, payee, token, amount, nonce, deadline, memo, r, vs, state, code, attempts,
  transaction_hash AS "transactionHash", settled_hash AS "settledHash", block_number AS "blockNumber",
  accepted_at AS "acceptedAt"`;

export async function findPayment(db: Queryable, id: string): Promise<PaymentRecord | undefined> {
  const { rows } = await db.query<PaymentRecord>(`SELECT ${COLUMNS} FROM payments WHERE id = $1`, [id]);
  return rows[0];
}

export async function findPayments(db: Queryable, ids: readonly string[]): Promise<PaymentRecord[]> {
  const { rows } = await db.query<PaymentRecord>(`SELECT ${COLUMNS} FROM payments WHERE id = ANY($1)`, [ids]);
  return rows;
}

/** Ids of the live or settled payments that hold these nonces. */
export async function findNonceHolders(db: Queryable, payments: readonly Payment[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; payer: string; token: string; nonce: bigint }>(
    `SELECT p.id, p.payer, p.token, p.nonce FROM payments p
     JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS k (payer, token, nonce)
       ON p.payer = k.payer AND p.token = k.token AND p.nonce = k.nonce
     WHERE p.state NOT IN ('rejected', 'expired')`,
    [payments.map((p) => p.payer), payments.map((p) => p.token), payments.map((p) => p.nonce)],
  );
  return new Map(rows.map((row) => [nonceKey(row), row.id]));
}

export function nonceKey(payment: { payer: string; token: string; nonce: bigint }): string {
  return `${payment.payer}:${payment.token}:${payment.nonce}`;
}

export async function insertPayments(db: Queryable, payments: readonly NewPayment[]): Promise<PaymentRecord[]> {
  const column = <K extends keyof NewPayment>(key: K): NewPayment[K][] => payments.map((payment) => payment[key]);
  const { rows } = await db.query<PaymentRecord>(
    `INSERT INTO payments (id, payer, payee, token, amount, nonce, deadline, memo, r, vs)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::bigint[], $7::bigint[],
       $8::text[], $9::text[], $10::text[])
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
    ],
  );
  return rows;
}

export interface QueueState {
  readonly waiting: number;
  readonly oldestMs: number;
}

/** How many accepted payments wait, counted up to `limit`, and for how long the oldest has. */
export async function queueState(db: Queryable, limit: number): Promise<QueueState> {
  const { rows } = await db.query<{ waiting: bigint; oldest: number | null }>(
    `SELECT count(*) AS waiting,
       (extract(epoch FROM clock_timestamp() - min(accepted_at)) * 1000)::float8 AS oldest
     FROM (SELECT accepted_at FROM payments WHERE state = 'accepted' ORDER BY accepted_at LIMIT $1) q`,
    [limit],
  );
  return { waiting: Number(rows[0]?.waiting ?? 0n), oldestMs: rows[0]?.oldest ?? 0 };
}

/** Hands the oldest accepted payments to a lane whose lease is live. Two lanes never get the same one. */
export async function assignPayments(
  db: Queryable,
  lane: { address: string; fence: bigint },
  limit: number,
): Promise<PaymentRecord[]> {
  const { rows } = await db.query<PaymentRecord>(
    `UPDATE payments SET state = 'assigned', lane = $1, transaction_hash = NULL, updated_at = clock_timestamp()
     WHERE id IN (
       SELECT id FROM payments WHERE state = 'accepted' ORDER BY accepted_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     AND EXISTS (SELECT 1 FROM lanes WHERE address = $1 AND fence = $2 AND lease_until > clock_timestamp())
     RETURNING ${COLUMNS}`,
    [lane.address, lane.fence, limit],
  );
  return rows;
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

/** How many payments are in each state that still changes. */
export async function countOpenStates(db: Queryable): Promise<Map<PaymentState, number>> {
  const { rows } = await db.query<{ state: PaymentState; count: bigint }>(
    `SELECT state, count(*) FROM payments WHERE state IN ('accepted', 'assigned', 'submitted') GROUP BY state`,
  );
  return new Map(rows.map((row) => [row.state, Number(row.count)]));
}
