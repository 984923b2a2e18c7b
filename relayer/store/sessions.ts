import type { Queryable } from "./database.ts";

/** Somebody who signed in. */
export interface SessionRecord {
  readonly id: string;
  readonly address: string;
  readonly expiresAt: Date;
}

export interface Challenge {
  readonly nonce: string;
  readonly message: string;
}

/** Challenges that wait for a signature at a time; so few clients can ask for so many that none is dropped for another. */
export const MAX_CHALLENGES = 10_000;

const COLUMNS = `id, address, expires_at AS "expiresAt"`;

/**
 * Keeps a challenge for `seconds`, and forgets those that are past.
 * @returns false if too many wait: nothing was kept.
 */
export async function insertChallenge(
  db: Queryable,
  { nonce, message }: Challenge,
  seconds: number,
  limit = MAX_CHALLENGES,
): Promise<boolean> {
  await db.query("DELETE FROM session_challenges WHERE expires_at <= clock_timestamp()");
  const { rowCount } = await db.query(
    `INSERT INTO session_challenges (nonce, message, expires_at)
     SELECT $1, $2, clock_timestamp() + make_interval(secs => $3)
     WHERE (SELECT count(*) FROM session_challenges) < $4`,
    [nonce, message, seconds, limit],
  );
  return rowCount === 1;
}

/**
 * Takes a challenge away, so that it is good once, whichever instance is asked.
 * @returns its message; undefined if there is none, or it is past.
 */
export async function takeChallenge(db: Queryable, nonce: string): Promise<string | undefined> {
  const { rows } = await db.query<{ message: string; live: boolean }>(
    "DELETE FROM session_challenges WHERE nonce = $1 RETURNING message, expires_at > clock_timestamp() AS live",
    [nonce],
  );
  return rows[0]?.live === true ? rows[0].message : undefined;
}

/** Opens a session for `seconds`, and forgets those that are past. */
export async function insertSession(
  db: Queryable,
  { secretHash, address }: { readonly secretHash: Buffer; readonly address: string },
  seconds: number,
): Promise<SessionRecord> {
  await db.query("DELETE FROM sessions WHERE expires_at <= clock_timestamp()");
  const { rows } = await db.query<SessionRecord>(
    `INSERT INTO sessions (secret_hash, address, expires_at)
     VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3)) RETURNING ${COLUMNS}`,
    [secretHash, address, seconds],
  );
  const row = rows[0];
  if (row === undefined) throw new Error("The session was not stored");
  return row;
}

/** @returns undefined if there is no such session, or it is past. */
export async function findSession(db: Queryable, secretHash: Buffer): Promise<SessionRecord | undefined> {
  const { rows } = await db.query<SessionRecord>(
    `SELECT ${COLUMNS} FROM sessions WHERE secret_hash = $1 AND expires_at > clock_timestamp()`,
    [secretHash],
  );
  return rows[0];
}

/** Ends a session for good, in every instance. */
export async function deleteSession(db: Queryable, id: string): Promise<void> {
  await db.query("DELETE FROM sessions WHERE id = $1", [id]);
}
