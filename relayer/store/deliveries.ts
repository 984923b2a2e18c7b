import type { DeliveryState, DisabledReason } from "../../sdk/webhooks.ts";
import type { Queryable } from "./database.ts";
import type { EndpointRecord } from "./webhook-endpoints.ts";

/** A message to an endpoint, taken to be sent now. */
export interface DueDelivery {
  readonly endpointId: string;
  readonly sequence: bigint;
  /** This one included. */
  readonly attempts: number;
  readonly url: string;
  readonly configured: boolean;
  readonly eventId: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

export interface Capacity {
  /** Messages to be taken at most. */
  readonly total: number;
  /** Messages that may be under way to one endpoint; one, if it is failing. */
  readonly perEndpoint: number;
  /** How many are, by endpoint; those with the fewest come first. */
  readonly running: ReadonlyMap<string, number>;
  /** Endpoints that took long to answer, and how many messages may be under way to one of them. */
  readonly slow: ReadonlySet<string>;
  readonly perSlowEndpoint: number;
  /** Whether endpoints whose secrets are stored can be served. */
  readonly stored: boolean;
}

/**
 * Takes messages that are due, each by one instance at a time: until `leaseMs` is over nobody else is given them. Room is
 * given endpoint by endpoint, so that none waits behind another.
 */
export async function takeDeliveries(db: Queryable, capacity: Capacity, leaseMs: number): Promise<DueDelivery[]> {
  const { rows } = await db.query<DueDelivery>(
    `WITH room AS (
       SELECT e.id, coalesce(r.running, 0) AS running,
         CASE WHEN e.failing_since IS NOT NULL THEN 1 WHEN e.id = ANY ($7::uuid[]) THEN least($2::int, $8::int)
           ELSE $2::int END - coalesce(r.running, 0) AS free
       FROM webhook_endpoints e LEFT JOIN unnest($3::uuid[], $4::int[]) AS r (id, running) ON r.id = e.id
       WHERE e.enabled AND (e.configured OR $5)
       ORDER BY running),
     due AS MATERIALIZED (
       SELECT d.endpoint_id, d.sequence FROM room CROSS JOIN LATERAL (
         SELECT endpoint_id, sequence FROM deliveries
         WHERE endpoint_id = room.id AND state = 'pending' AND next_attempt_at <= statement_timestamp()
         ORDER BY next_attempt_at LIMIT greatest(0, room.free) FOR UPDATE SKIP LOCKED) d
       LIMIT $1),
     taken AS (
       UPDATE deliveries d SET attempts = d.attempts + 1, leased_until = clock_timestamp() + $6 * interval '1 millisecond',
         next_attempt_at = clock_timestamp() + $6 * interval '1 millisecond'
       FROM due WHERE d.endpoint_id = due.endpoint_id AND d.sequence = due.sequence
       RETURNING d.endpoint_id, d.sequence, d.attempts)
     SELECT t.endpoint_id AS "endpointId", t.sequence, t.attempts, e.url, e.configured, v.id AS "eventId", v.type,
       v.payload, v.created_at AS "createdAt"
     FROM taken t JOIN webhook_endpoints e ON e.id = t.endpoint_id JOIN events v ON v.sequence = t.sequence
     ORDER BY t.sequence`,
    [
      capacity.total,
      capacity.perEndpoint,
      [...capacity.running.keys()],
      [...capacity.running.values()],
      capacity.stored,
      leaseMs,
      [...capacity.slow],
      capacity.perSlowEndpoint,
    ],
  );
  return rows;
}

type Taken = Pick<DueDelivery, "endpointId" | "sequence" | "attempts">;

/** Where the taker's lease ran out and another one took the message, its word counts no more. */
const TAKEN = "endpoint_id = $1 AND sequence = $2 AND attempts = $3 AND state = 'pending'";

export async function markDelivered(db: Queryable, taken: Taken, status: number): Promise<void> {
  await db.query(
    `WITH done AS (
       UPDATE deliveries SET state = 'delivered', delivered_at = clock_timestamp(), leased_until = NULL, last_status = $4,
         last_error = NULL
       WHERE ${TAKEN} RETURNING endpoint_id)
     UPDATE webhook_endpoints e SET failing_since = NULL FROM done
     WHERE e.id = done.endpoint_id AND e.failing_since IS NOT NULL`,
    [taken.endpointId, taken.sequence, taken.attempts, status],
  );
}

export interface Failure {
  readonly status: number | null;
  readonly error: string;
  /** Until it is tried again; null: never. */
  readonly delayMs: number | null;
  /** The endpoint said that it is gone. */
  readonly gone: boolean;
  /** An endpoint that has failed for this long, and for nothing but failed, is disabled. */
  readonly toleranceMs: number;
}

/** @returns why the endpoint was disabled by this, if it was. */
export async function markFailed(db: Queryable, taken: Taken, failure: Failure): Promise<DisabledReason | null> {
  const { rows } = await db.query<{ reason: DisabledReason | null }>(
    `WITH failed AS (
       UPDATE deliveries SET state = CASE WHEN $4::float8 IS NULL THEN 'dead' ELSE 'pending' END, leased_until = NULL,
         next_attempt_at = clock_timestamp() + coalesce($4, 0) * interval '1 millisecond', last_status = $5, last_error = $6
       WHERE ${TAKEN} RETURNING endpoint_id),
     judged AS (
       SELECT e.id, CASE WHEN $7 THEN 'gone'
         WHEN e.failing_since < clock_timestamp() - $8 * interval '1 millisecond' THEN 'failing' END AS reason
       FROM webhook_endpoints e JOIN failed f ON f.endpoint_id = e.id WHERE e.enabled)
     UPDATE webhook_endpoints e SET failing_since = coalesce(e.failing_since, clock_timestamp()),
       enabled = j.reason IS NULL, disabled_reason = j.reason
     FROM judged j WHERE e.id = j.id AND (j.reason IS NOT NULL OR e.failing_since IS NULL)
     RETURNING j.reason`,
    [
      taken.endpointId,
      taken.sequence,
      taken.attempts,
      failure.delayMs,
      failure.status,
      failure.error,
      failure.gone,
      failure.toleranceMs,
    ],
  );
  return rows[0]?.reason ?? null;
}

/** Gives a message back that was not sent after all. */
export async function releaseDelivery(db: Queryable, taken: Taken): Promise<void> {
  await db.query(
    `UPDATE deliveries SET attempts = attempts - 1, leased_until = NULL, next_attempt_at = clock_timestamp()
     WHERE ${TAKEN}`,
    [taken.endpointId, taken.sequence, taken.attempts],
  );
}

/** What became of a message. */
export interface DeliveryRecord {
  readonly sequence: bigint;
  readonly eventId: string;
  readonly type: string;
  readonly paymentId: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly deliveredAt: Date | null;
  readonly createdAt: Date;
}

/** The newest messages to an endpoint, or the next ones below a sequence. */
export async function listDeliveries(
  db: Queryable,
  endpointId: string,
  state: DeliveryState | undefined,
  below: bigint | undefined,
  limit: number,
): Promise<DeliveryRecord[]> {
  const { rows } = await db.query<DeliveryRecord>(
    `SELECT d.sequence, v.id AS "eventId", v.type, v.payment_id AS "paymentId", d.state, d.attempts,
       d.next_attempt_at AS "nextAttemptAt", d.last_status AS "lastStatus", d.last_error AS "lastError",
       d.delivered_at AS "deliveredAt", v.created_at AS "createdAt"
     FROM deliveries d JOIN events v ON v.sequence = d.sequence
     WHERE d.endpoint_id = $1 AND ${state === undefined ? "true" : `d.state = '${state}'`}
       AND ($2::bigint IS NULL OR d.sequence < $2)
     ORDER BY d.sequence DESC LIMIT $3`,
    [endpointId, below ?? null, limit],
  );
  return rows;
}

/** An event that concerns an endpoint: its own tests, and what it subscribes to. */
const CONCERNS = `(CASE WHEN v.type = 'endpoint.test' THEN v.payload->>'endpointId' = $1::text
  ELSE ($2::text IS NULL OR v.merchant = $2) AND ($3::text[] IS NULL OR v.type = ANY ($3)) END)`;

/** A message starts anew, unless it is being sent at this very moment. */
const ANEW = `ON CONFLICT (endpoint_id, sequence) DO UPDATE SET state = 'pending', attempts = 0,
    next_attempt_at = clock_timestamp(), delivered_at = NULL, leased_until = NULL
  WHERE d.leased_until IS NULL OR d.leased_until < clock_timestamp()`;

type Target = Pick<EndpointRecord, "id" | "merchant" | "eventTypes">;

/** Sends an event to an endpoint again, or for the first time. @returns whether there is such an event for it. */
export async function replayEvent(db: Queryable, endpoint: Target, eventId: string): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    `WITH event AS (SELECT v.sequence FROM events v WHERE v.id = $4 AND ${CONCERNS}),
     sent AS (
       INSERT INTO deliveries AS d (endpoint_id, sequence) SELECT $1::uuid, sequence FROM event ${ANEW})
     SELECT EXISTS (SELECT 1 FROM event) AS found`,
    [endpoint.id, endpoint.merchant, endpoint.eventTypes, eventId],
  );
  return rows[0]?.found ?? false;
}

/**
 * Sends events since a time to an endpoint again, the oldest first, tests aside.
 * @param only Those alone whose message is in this state; otherwise all, those that it was never told included.
 * @returns how many, and the last one's sequence if there may be more.
 */
export async function replaySince(
  db: Queryable,
  endpoint: Target,
  range: { readonly since: Date; readonly after: bigint; readonly only: DeliveryState | undefined },
  limit: number,
): Promise<{ replayed: number; next: bigint | null }> {
  const { rows } = await db.query<{ replayed: bigint; last: bigint | null }>(
    `WITH event AS (
       SELECT v.sequence FROM events v
       WHERE v.created_at >= $4 AND v.sequence > $5 AND v.type <> 'endpoint.test' AND ${CONCERNS}
         AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM deliveries o
           WHERE o.endpoint_id = $1::uuid AND o.sequence = v.sequence AND o.state = $6))
       ORDER BY v.sequence LIMIT $7),
     sent AS (
       INSERT INTO deliveries AS d (endpoint_id, sequence) SELECT $1::uuid, sequence FROM event ${ANEW})
     SELECT count(*) AS replayed, max(sequence) AS last FROM event`,
    [endpoint.id, endpoint.merchant, endpoint.eventTypes, range.since, range.after, range.only ?? null, limit],
  );
  const { replayed = 0n, last = null } = rows[0] ?? {};
  return { replayed: Number(replayed), next: Number(replayed) < limit ? null : last };
}
