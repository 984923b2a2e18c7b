import type { Funding, PaymentState } from "../../sdk/payment.ts";
import type { Queryable } from "./database.ts";
import { kindName } from "./payments.ts";

/** Live payments of one state and kind. */
export interface LiveGroup {
  readonly state: Extract<PaymentState, "accepted" | "assigned" | "submitted">;
  /** What they are sent by, as `kindName`; `wallet` if they wait for their payer's wallet. */
  readonly kind: string;
  readonly count: number;
  /** Since the oldest of them was accepted. */
  readonly oldestSeconds: number;
}

/** Payments that are not decided yet, out of an index that holds no others: settled ones cost nothing, however many. */
export async function readLivePayments(db: Queryable): Promise<LiveGroup[]> {
  const { rows } = await db.query<{
    state: LiveGroup["state"];
    funding: Funding;
    hold: boolean;
    fx: boolean;
    wallet: boolean;
    count: bigint;
    oldestSeconds: number;
  }>(
    `SELECT state, funding, terms IS NOT NULL AS hold, fx IS NOT NULL AS fx,
       deployment IS NOT NULL AND NOT deployed AS wallet, count(*),
       extract(epoch FROM clock_timestamp() - min(accepted_at))::float8 AS "oldestSeconds"
     FROM payments WHERE state IN ('accepted', 'assigned', 'submitted') GROUP BY 1, 2, 3, 4, 5`,
  );
  return rows.map(({ state, wallet, count, oldestSeconds, ...kind }) => ({
    ...{ state, kind: wallet ? "wallet" : kindName(kind), count: Number(count), oldestSeconds },
  }));
}

export interface LaneReading {
  readonly lane: string;
  /** Whether the instance that asks holds it. */
  readonly held: boolean;
  /** Nonces that were signed for and of which no transaction is known to be mined. */
  readonly inFlight: number;
  /** Since the oldest of those was signed; 0 if there is none. */
  readonly oldestSeconds: number;
}

/** How lanes stand. @param holder Names the instance that asks. */
export async function readLanes(db: Queryable, lanes: readonly string[], holder: string): Promise<LaneReading[]> {
  const { rows } = await db.query<LaneReading>(
    `SELECT l.address AS lane, coalesce(l.holder = $2 AND l.lease_until > clock_timestamp(), false) AS held,
       count(DISTINCT t.nonce)::int AS "inFlight",
       coalesce(extract(epoch FROM clock_timestamp() - min(t.signed_at)), 0)::float8 AS "oldestSeconds"
     FROM lanes l LEFT JOIN transactions t ON t.lane = l.address AND t.state IN ('signed', 'broadcast')
     WHERE l.address = ANY($1) GROUP BY l.address`,
    [lanes, holder],
  );
  return rows;
}

export interface OutboxReading {
  /** Messages, counted by endpoint, that wait to be delivered. */
  readonly count: number;
  /** 0 if there is none. */
  readonly oldestSeconds: number;
  /** Messages that were given up. */
  readonly dead: number;
}

/** Messages to endpoints that are enabled. */
export async function readOutbox(db: Queryable): Promise<OutboxReading> {
  const { rows } = await db.query<OutboxReading>(
    `SELECT count(*) FILTER (WHERE d.state = 'pending')::int AS count, count(*) FILTER (WHERE d.state = 'dead')::int AS dead,
       coalesce(extract(epoch FROM clock_timestamp() - min(v.created_at) FILTER (WHERE d.state = 'pending')), 0)::float8
         AS "oldestSeconds"
     FROM deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id AND e.enabled
     JOIN events v ON v.sequence = d.sequence
     WHERE d.state IN ('pending', 'dead')`,
  );
  return rows[0] ?? { count: 0, oldestSeconds: 0, dead: 0 };
}
