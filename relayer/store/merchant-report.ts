import type { Queryable } from "./database.ts";

/** Whose payments, of which time. Unix seconds; `to` is exclusive. */
export interface ReportSpan {
  readonly merchant: string;
  readonly from: number;
  readonly to: number;
  /** How long each step is, from `from` on. Seconds. */
  readonly step: number;
}

/** Settled payments that began in one step, came from one country and were paid and settled in the same tokens. */
export interface SettledGroup {
  readonly start: number;
  readonly payerCountry: string | null;
  readonly payToken: string;
  readonly settleToken: string;
  readonly payments: number;
  /** In the settlement token, as `fees`. {qTok} */
  readonly volume: bigint;
  readonly fees: bigint;
}

export interface SettleSpeed {
  /** Null: of the whole span. */
  readonly start: number | null;
  readonly payments: number;
  /** Seconds. */
  readonly p50: number;
  readonly p95: number;
}

export interface RefusalCount {
  readonly code: string;
  readonly payments: number;
}

const SETTLED = `merchant = $1 AND state IN ('settled', 'final') AND settled_at >= $2 AND settled_at < $3`;
const START = "($2::bigint + (settled_at - $2) / $4::bigint * $4)::float8";

/** What settled, by the time of its block. An exchanged payment's fee is the Exchange's; another's its share of its batch's. */
export async function readSettledGroups(
  db: Queryable,
  { merchant, from, to, step }: ReportSpan,
): Promise<SettledGroup[]> {
  const { rows } = await db.query<SettledGroup>(
    `SELECT ${START} AS start, r.payer_country AS "payerCountry", p.token AS "payToken",
       coalesce(p.fx->'quote'->>'settleToken', p.token) AS "settleToken", count(*)::float8 AS payments,
       sum(coalesce((p.fx->>'settleAmount')::numeric, p.amount)) AS volume,
       sum(coalesce(p.fx_fee, p.fee, 0)) AS fees
     FROM (SELECT * FROM payments WHERE ${SETTLED}) p LEFT JOIN payment_requests r ON r.id = p.request_id
     GROUP BY 1, 2, 3, 4`,
    [merchant, from, to, step],
  );
  return rows;
}

/** How long payments took from accepted to their block, whose time is in whole seconds and the chain's own. */
export async function readSettleSpeeds(
  db: Queryable,
  { merchant, from, to, step }: ReportSpan,
): Promise<SettleSpeed[]> {
  const { rows } = await db.query<SettleSpeed>(
    `SELECT start, count(*)::float8 AS payments, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
     FROM (SELECT ${START} AS start, greatest(0, settled_at - extract(epoch FROM accepted_at)::float8) AS seconds
       FROM payments WHERE ${SETTLED}) s
     GROUP BY GROUPING SETS ((start), ()) HAVING count(*) > 0 ORDER BY start`,
    [merchant, from, to, step],
  );
  return rows;
}

/** Accepted payments that ended otherwise, by when they were accepted. */
export async function readRefusals(
  db: Queryable,
  { merchant, from, to }: Omit<ReportSpan, "step">,
): Promise<RefusalCount[]> {
  const { rows } = await db.query<RefusalCount>(
    `SELECT coalesce(code, state) AS code, count(*)::float8 AS payments FROM payments
     WHERE merchant = $1 AND state IN ('rejected', 'expired')
       AND accepted_at >= to_timestamp($2::float8) AND accepted_at < to_timestamp($3::float8)
     GROUP BY 1 ORDER BY 2 DESC, 1`,
    [merchant, from, to],
  );
  return rows;
}
