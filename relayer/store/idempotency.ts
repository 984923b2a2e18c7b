import type { Queryable } from "./database.ts";

/** The answer that a request got. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type Begun =
  /** The caller is the first, or the first one's process is gone: it does the work. */
  | { readonly kind: "begun" }
  | { readonly kind: "answered"; readonly answer: StoredAnswer }
  | { readonly kind: "in_flight" }
  | { readonly kind: "other_request" };

/**
 * After this, whoever began is taken to be gone. Should it only be slow, both do the work: an act is stored once for its
 * effect, and a payment request once for its name.
 */
const GIVEN_UP = "10 seconds";
const KEPT = "24 hours";

/** Claims an idempotency key for a request. @param fingerprint Equal for equal requests only. */
export async function beginRequest(
  db: Queryable,
  request: { readonly scope: string; readonly key: string; readonly fingerprint: string },
): Promise<Begun> {
  const { scope, key, fingerprint } = request;
  await db.query(`DELETE FROM idempotency_keys WHERE started_at < clock_timestamp() - interval '${KEPT}'`);
  const { rowCount } = await db.query(
    `INSERT INTO idempotency_keys AS k (scope, key, fingerprint) VALUES ($1, $2, $3)
     ON CONFLICT (scope, key) DO UPDATE SET started_at = clock_timestamp()
       WHERE k.status IS NULL AND k.fingerprint = $3 AND k.started_at < clock_timestamp() - interval '${GIVEN_UP}'`,
    [scope, key, fingerprint],
  );
  if (rowCount === 1) return { kind: "begun" };
  const { rows } = await db.query<{ fingerprint: string; status: number | null; body: unknown }>(
    "SELECT fingerprint, status, body FROM idempotency_keys WHERE scope = $1 AND key = $2",
    [scope, key],
  );
  const row = rows[0];
  if (row === undefined) return { kind: "in_flight" };
  if (row.fingerprint !== fingerprint) return { kind: "other_request" };
  if (row.status === null) return { kind: "in_flight" };
  return { kind: "answered", answer: { status: row.status, body: row.body } };
}

/** Keeps the answer for whoever repeats the request. */
export async function finishRequest(db: Queryable, scope: string, key: string, answer: StoredAnswer): Promise<void> {
  await db.query("UPDATE idempotency_keys SET status = $3, body = $4 WHERE scope = $1 AND key = $2", [
    scope,
    key,
    answer.status,
    JSON.stringify(answer.body),
  ]);
}

/** Frees the key: nothing was done, and the request may be made again. */
export async function abandonRequest(db: Queryable, scope: string, key: string): Promise<void> {
  await db.query("DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2 AND status IS NULL", [scope, key]);
}
