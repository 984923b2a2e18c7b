import type { Queryable } from "./database.ts";

/** What the Exchange says of a payment that it exchanged. */
export interface ExchangedPayment {
  readonly id: string;
  readonly paid: bigint;
  /** In the settlement token. */
  readonly fee: bigint;
}

/** A refund in the pay currency, as the Exchange tells it. */
export interface FxRefundRecord {
  readonly paymentId: string;
  /** In the settlement token: of what was captured; the sum with this one; what the payee paid. */
  readonly amount: bigint;
  readonly refunded: bigint;
  readonly cost: bigint;
  /** In the pay token. */
  readonly returned: bigint;
  readonly quote: string;
  readonly maker: string;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  /** Unix seconds. */
  readonly refundedAt: bigint;
}

export async function saveExchanged(db: Queryable, exchanged: readonly ExchangedPayment[]): Promise<void> {
  if (exchanged.length === 0) return;
  await db.query(
    `UPDATE payments p SET fx_paid = e.paid, fx_fee = e.fee
     FROM unnest($1::text[], $2::numeric[], $3::numeric[]) AS e (id, paid, fee) WHERE p.id = e.id`,
    [exchanged.map((e) => e.id), exchanged.map((e) => e.paid), exchanged.map((e) => e.fee)],
  );
}

/** Stores refunds of payments that are known here to have settled. */
export async function saveRefunds(db: Queryable, refunds: readonly FxRefundRecord[]): Promise<void> {
  if (refunds.length === 0) return;
  await db.query(
    `INSERT INTO fx_refunds (payment_id, refunded, amount, quote, maker, cost, returned, transaction_hash, block_number, refunded_at)
     SELECT r.* FROM unnest($1::text[], $2::numeric[], $3::numeric[], $4::text[], $5::text[], $6::numeric[], $7::numeric[],
       $8::text[], $9::bigint[], $10::bigint[])
       AS r (payment_id, refunded, amount, quote, maker, cost, returned, transaction_hash, block_number, refunded_at)
     JOIN payments p ON p.id = r.payment_id AND p.state IN ('settled', 'final')
     ON CONFLICT (payment_id, refunded) DO NOTHING`,
    [
      refunds.map((r) => r.paymentId),
      refunds.map((r) => r.refunded),
      refunds.map((r) => r.amount),
      refunds.map((r) => r.quote),
      refunds.map((r) => r.maker),
      refunds.map((r) => r.cost),
      refunds.map((r) => r.returned),
      refunds.map((r) => r.transactionHash),
      refunds.map((r) => r.blockNumber),
      refunds.map((r) => r.refundedAt),
    ],
  );
}

export async function undoRefundsAbove(db: Queryable, ancestor: bigint): Promise<void> {
  await db.query("DELETE FROM fx_refunds WHERE block_number > $1", [ancestor]);
}

/** What was refunded of each payment in its pay currency. */
export interface FxRefunds {
  readonly refunded: bigint;
  readonly returned: bigint;
}

export async function readRefunds(db: Queryable, ids: readonly string[]): Promise<Map<string, FxRefunds>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<FxRefunds & { id: string }>(
    `SELECT payment_id AS id, max(refunded) AS refunded, sum(returned) AS returned FROM fx_refunds
     WHERE payment_id = ANY($1) GROUP BY payment_id`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
