import type { Queryable } from "./database.ts";

/** Something that subscribers are to be told. `id` names it for good, so that it is told once. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly paymentId: string;
  readonly merchant: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface EventRecord {
  /** Of two events of one payment the later has the higher one. */
  readonly sequence: bigint;
  readonly id: string;
  readonly type: string;
  readonly paymentId: string | null;
  readonly merchant: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

/** How long events and what became of their messages are kept. */
export const KEPT_DAYS = 30;

const COLUMNS = `v.sequence, v.id, v.type, v.payment_id AS "paymentId", v.merchant, v.payload, v.created_at AS "createdAt"`;

/**
 * Writes events, as far as an enabled endpoint subscribes to them, with their deliveries; to be called in the SQL
 * transaction that makes them true. Those of payments' states are written by triggers (migration 0008).
 */
export async function recordEvents(db: Queryable, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await db.query(
    `WITH told AS (
       INSERT INTO events (id, type, payment_id, merchant, payload)
       SELECT n.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
         AS n (id, type, payment_id, merchant, payload)
       WHERE EXISTS (SELECT 1 FROM webhook_subscribers(n.merchant, n.type))
       ON CONFLICT (id) DO NOTHING
       RETURNING sequence, type, merchant)
     INSERT INTO deliveries (endpoint_id, sequence)
     SELECT s.id, t.sequence FROM told t CROSS JOIN LATERAL webhook_subscribers(t.merchant, t.type) AS s (id)`,
    [
      events.map((event) => event.id),
      events.map((event) => event.type),
      events.map((event) => event.paymentId),
      events.map((event) => event.merchant),
      events.map((event) => JSON.stringify(event.payload)),
    ],
  );
}

/** Writes a test message to one endpoint, whatever it subscribes to. @returns the event. */
export async function recordTest(
  db: Queryable,
  endpoint: { readonly id: string; readonly merchant: string | null },
): Promise<EventRecord> {
  const { rows } = await db.query<EventRecord>(
    `WITH v AS (
       INSERT INTO events (type, merchant, payload) VALUES ('endpoint.test', $2, $3) RETURNING *),
     sent AS (INSERT INTO deliveries (endpoint_id, sequence) SELECT $1, sequence FROM v)
     SELECT ${COLUMNS} FROM v`,
    [endpoint.id, endpoint.merchant, JSON.stringify({ endpointId: endpoint.id })],
  );
  const [event] = rows;
  if (event === undefined) throw new Error("The test was not stored");
  return event;
}

/**
 * A merchant's events (null: everybody's) behind a sequence, the oldest first.
 * @param upTo No event with a lower sequence may still be under way; see `event-horizon.ts`.
 */
export async function listEvents(
  db: Queryable,
  merchant: string | null,
  after: bigint,
  upTo: bigint,
  limit: number,
): Promise<EventRecord[]> {
  const { rows } = await db.query<EventRecord>(
    `SELECT ${COLUMNS} FROM events v
     WHERE ($1::text IS NULL OR v.merchant = $1) AND v.sequence > $2 AND v.sequence <= $3 ORDER BY v.sequence LIMIT $4`,
    [merchant, after, upTo, limit],
  );
  return rows;
}

/** Forgets events older than {@link KEPT_DAYS} and their deliveries, a part at a time. @returns how many. */
export async function forgetOldEvents(db: Queryable, limit: number): Promise<number> {
  const { rowCount } = await db.query(
    `WITH head AS (SELECT sequence, created_at FROM events ORDER BY sequence LIMIT $1),
     old AS (SELECT max(sequence) AS last FROM head WHERE created_at < clock_timestamp() - $2 * interval '1 day'),
     gone AS (
       DELETE FROM deliveries d USING webhook_endpoints e
       WHERE d.endpoint_id = e.id AND d.sequence <= (SELECT last FROM old))
     DELETE FROM events WHERE sequence <= (SELECT last FROM old)`,
    [limit, KEPT_DAYS],
  );
  return rowCount ?? 0;
}
