import type { Queryable } from "./database.ts";

/** Something that a merchant is to be told. `id` names it for good, so that it is told once. */
export interface Message {
  readonly id: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface DueMessage extends Message {
  readonly createdAt: Date;
  readonly attempts: number;
}

/** Writes messages; to be called in the SQL transaction that makes them true. */
export async function insertMessages(db: Queryable, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  await db.query(
    `INSERT INTO outbox (id, type, payload) SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
     ON CONFLICT DO NOTHING`,
    [messages.map((m) => m.id), messages.map((m) => m.type), messages.map((m) => JSON.stringify(m.payload))],
  );
}

/** Takes messages that are due, each by one instance at a time: until `leaseMs` is over nobody else is given them. */
export async function takeMessages(db: Queryable, limit: number, leaseMs: number): Promise<DueMessage[]> {
  const { rows } = await db.query<DueMessage>(
    `UPDATE outbox SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + $2 * interval '1 millisecond'
     WHERE id IN (SELECT id FROM outbox WHERE delivered_at IS NULL AND next_attempt_at <= clock_timestamp()
       ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING id, type, payload, created_at AS "createdAt", attempts`,
    [limit, leaseMs],
  );
  return rows;
}

export async function markDelivered(db: Queryable, id: string): Promise<void> {
  await db.query("UPDATE outbox SET delivered_at = clock_timestamp(), last_error = NULL WHERE id = $1", [id]);
}

export async function postponeMessage(db: Queryable, id: string, delayMs: number, error: string): Promise<void> {
  await db.query(
    `UPDATE outbox SET next_attempt_at = clock_timestamp() + $2 * interval '1 millisecond', last_error = $3 WHERE id = $1`,
    [id, delayMs, error],
  );
}
