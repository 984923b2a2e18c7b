import type { Queryable } from "./database.ts";

/** A key as it is stored: never its secret. */
export interface ApiKeyRecord {
  /** 16 hex digits. */
  readonly id: string;
  readonly name: string;
  /** Whose it is; null: the operator's. */
  readonly merchant: string | null;
  readonly scopes: readonly string[];
  readonly prefix: string;
  readonly keyHash: Buffer;
  /** The secret before the last rotation, and until when it is good. */
  readonly previousHash: Buffer | null;
  readonly previousUntil: Date | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export type NewApiKey = Pick<ApiKeyRecord, "id" | "name" | "merchant" | "scopes" | "prefix" | "keyHash" | "expiresAt">;

const COLUMNS = `id, name, merchant, scopes, prefix, key_hash AS "keyHash", previous_hash AS "previousHash",
  previous_until AS "previousUntil", created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt",
  last_used_at AS "lastUsedAt"`;

export async function insertApiKey(db: Queryable, key: NewApiKey): Promise<ApiKeyRecord> {
  const { rows } = await db.query<ApiKeyRecord>(
    `INSERT INTO api_keys (id, name, merchant, scopes, prefix, key_hash, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
    [key.id, key.name, key.merchant, key.scopes, key.prefix, key.keyHash, key.expiresAt],
  );
  const row = rows[0];
  if (row === undefined) throw new Error("The key was not stored");
  return row;
}

export async function findApiKey(db: Queryable, id: string): Promise<ApiKeyRecord | undefined> {
  const { rows } = await db.query<ApiKeyRecord>(`SELECT ${COLUMNS} FROM api_keys WHERE id = $1`, [id]);
  return rows[0];
}

/** The newest keys, or the next ones behind the key `after`. @param merchant Hers only; absent: all. */
export async function listApiKeys(
  db: Queryable,
  merchant: string | undefined,
  after: string | undefined,
  limit: number,
): Promise<ApiKeyRecord[]> {
  const { rows } = await db.query<ApiKeyRecord>(
    `SELECT ${COLUMNS} FROM api_keys
     WHERE ($1::text IS NULL OR merchant = $1)
       AND ($2::text IS NULL OR (created_at, id) < (SELECT a.created_at, a.id FROM api_keys a WHERE a.id = $2))
     ORDER BY created_at DESC, id DESC LIMIT $3`,
    [merchant ?? null, after ?? null, limit],
  );
  return rows;
}

/**
 * Gives a key another secret; the present one stays good for `graceSeconds`.
 * @returns undefined if there is no such key, or it is revoked or expired.
 */
export async function rotateApiKey(
  db: Queryable,
  id: string,
  secret: { readonly keyHash: Buffer; readonly prefix: string },
  graceSeconds: number,
): Promise<ApiKeyRecord | undefined> {
  const { rows } = await db.query<ApiKeyRecord>(
    `UPDATE api_keys SET key_hash = $2, prefix = $3,
       previous_hash = CASE WHEN $4::int > 0 THEN key_hash END,
       previous_until = CASE WHEN $4::int > 0 THEN clock_timestamp() + make_interval(secs => $4::int) END
     WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
     RETURNING ${COLUMNS}`,
    [id, secret.keyHash, secret.prefix, graceSeconds],
  );
  return rows[0];
}

/** Ends a key for good. One that has ended keeps its first time. */
export async function revokeApiKey(db: Queryable, id: string): Promise<ApiKeyRecord | undefined> {
  const { rows } = await db.query<ApiKeyRecord>(
    `UPDATE api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  return rows[0];
}

/** Notes that a key is in use, at most once a minute. */
export async function touchApiKey(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE api_keys SET last_used_at = clock_timestamp()
     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')`,
    [id],
  );
}
