import type { Queryable } from "./database.ts";

export interface FlowSum {
  readonly from: string;
  readonly to: string;
  readonly token: string;
  readonly amount: bigint;
}

export interface CorridorSum {
  readonly payToken: string;
  readonly settleToken: string;
  readonly payments: number;
  readonly paid: bigint;
  readonly settled: bigint;
  readonly fee: bigint;
}

/**
 * What settled from `from` on and before `to` (Unix seconds), summed by who paid whom. A payment goes from its payer to its
 * merchant, a held one when its hold opens; an exchanged one from its payer to the maker in the pay token, and from the maker to
 * the merchant in the settlement token; its refund in the pay currency the same way back. What the Escrow gives back is not in it.
 */
export async function readFlows(db: Queryable, from: bigint, to: bigint): Promise<FlowSum[]> {
  const { rows } = await db.query<FlowSum>(
    `WITH p AS (
       SELECT * FROM payments WHERE state IN ('settled', 'final') AND settled_at >= $1 AND settled_at < $2
     ), flows AS (
       SELECT payer AS f, merchant AS t, token, amount FROM p WHERE fx IS NULL
       UNION ALL SELECT payer, fx->'quote'->>'maker', token, fx_paid FROM p WHERE fx IS NOT NULL
       UNION ALL SELECT fx->'quote'->>'maker', merchant, fx->'quote'->>'settleToken', (fx->>'settleAmount')::numeric
         FROM p WHERE fx IS NOT NULL
       UNION ALL SELECT q.merchant, r.maker, q.fx->'quote'->>'settleToken', r.cost
         FROM fx_refunds r JOIN payments q ON q.id = r.payment_id WHERE r.refunded_at >= $1 AND r.refunded_at < $2
       UNION ALL SELECT r.maker, q.payer, q.token, r.returned
         FROM fx_refunds r JOIN payments q ON q.id = r.payment_id WHERE r.refunded_at >= $1 AND r.refunded_at < $2
     )
     SELECT f AS "from", t AS "to", token, sum(amount) AS amount FROM flows WHERE f <> t GROUP BY f, t, token`,
    [from, to],
  );
  return rows;
}

/** Exchanged payments of the same time, by what was paid and what was settled. */
export async function readCorridors(db: Queryable, from: bigint, to: bigint): Promise<CorridorSum[]> {
  const { rows } = await db.query<Omit<CorridorSum, "payments"> & { payments: bigint }>(
    `SELECT token AS "payToken", fx->'quote'->>'settleToken' AS "settleToken", count(*) AS payments,
       sum(fx_paid) AS paid, sum((fx->>'settleAmount')::numeric) AS settled, sum(fx_fee) AS fee
     FROM payments
     WHERE fx IS NOT NULL AND state IN ('settled', 'final') AND settled_at >= $1 AND settled_at < $2
     GROUP BY 1, 2`,
    [from, to],
  );
  return rows.map((row) => ({ ...row, payments: Number(row.payments) }));
}
