import type { SettledPayment } from "../../sdk/reconcile/order.ts";
import type { Queryable } from "./database.ts";

/** Whose payments. Unix seconds; `to` is exclusive. */
export interface ReconciledSpan {
  readonly merchant: string;
  readonly from: number;
  readonly to: number;
}

/** By what orders name payments, whenever they settled. */
export interface NamedPayments {
  readonly payments: readonly string[];
  readonly requests: readonly string[];
  readonly memos: readonly string[];
}

const MEMO = "coalesce(p.terms ->> 'memo', p.fx ->> 'memo', p.memo)";

/**
 * A merchant's payments that settled in the span, and those that are named; in what she gets. A hold's `captured` has the part of what
 * was divided that stays hers, so what is neither captured nor still held went back.
 * @param limit One more than may be: whoever gets it knows that there are too many.
 */
export async function readSettledPayments(
  db: Queryable,
  { merchant, from, to }: ReconciledSpan,
  { payments, requests, memos }: NamedPayments,
  limit: number,
): Promise<SettledPayment[]> {
  const { rows } = await db.query<SettledPayment>(
    `SELECT id, "requestId", memo, token, amount, fee, "settledAt", "transactionHash",
       coalesce(amount - captured - still + refunded, 0) + exchanged_back AS returned, coalesce(still, 0) AS held
     FROM (SELECT p.id, p.request_id::text AS "requestId", ${MEMO} AS memo,
         coalesce(p.fx -> 'quote' ->> 'settleToken', p.token) AS token,
         coalesce((p.fx ->> 'settleAmount')::numeric, p.amount) AS amount, coalesce(p.fx_fee, p.fee) AS fee,
         p.settled_at AS "settledAt", coalesce(p.settled_hash, p.transaction_hash) AS "transactionHash",
         h.captured, h.refunded,
         CASE WHEN h.status IN ('open', 'disputed')
           THEN coalesce((p.fx ->> 'settleAmount')::numeric, p.amount) - h.captured ELSE h.captured - h.captured END AS still,
         coalesce((SELECT sum(r.amount) FROM fx_refunds r WHERE r.payment_id = p.id), 0) AS exchanged_back
       FROM payments p LEFT JOIN holds h ON h.id = p.hold_id
       WHERE p.merchant = $1 AND p.state IN ('settled', 'final') AND (p.settled_at >= $2 AND p.settled_at < $3
         OR p.id = ANY($4) OR p.request_id = ANY($5::uuid[]) OR ${MEMO} = ANY($6))
       LIMIT $7) settled`,
    [merchant, from, to, payments, requests, memos, limit],
  );
  return rows;
}
