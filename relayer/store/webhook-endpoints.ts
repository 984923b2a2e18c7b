import type { DisabledReason } from "../../sdk/webhooks.ts";
import { type Database, inTransaction, type Queryable } from "./database.ts";

/** What the endpoint made from the configuration is known by, as in migration 0008. */
export const CONFIGURED_ENDPOINT = "00000000-0000-8000-8000-000000000001";
/** Endpoints that a merchant may have, and secrets that may be live at once. */
export const MAX_ENDPOINTS = 20;
export const MAX_SECRETS = 5;

export interface EndpointRecord {
  readonly id: string;
  /** Whose payments it is told of; null: everybody's. */
  readonly merchant: string | null;
  /** Made from the configuration, where its secret stands too. */
  readonly configured: boolean;
  readonly url: string;
  /** Null: all. */
  readonly eventTypes: readonly string[] | null;
  readonly enabled: boolean;
  readonly disabledReason: DisabledReason | null;
  readonly failingSince: Date | null;
  readonly createdAt: Date;
}

/** A merchant sees and changes what is hers; null, the operator, everything. */
type Owner = string | null;

const COLUMNS = `id, merchant, configured, url, event_types AS "eventTypes", enabled, disabled_reason AS "disabledReason",
  failing_since AS "failingSince", created_at AS "createdAt"`;
const OWNED = "($1::text IS NULL OR merchant = $1)";

/** Stores an endpoint with its first secret, sealed. @returns `undefined` if its owner has as many as she may have. */
export async function insertEndpoint(
  database: Database,
  endpoint: Pick<EndpointRecord, "id" | "merchant" | "url" | "eventTypes">,
  sealed: Buffer,
): Promise<EndpointRecord | undefined> {
  return inTransaction(database, async (db) => {
    await db.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 7262008))", [endpoint.merchant ?? ""]);
    const { rows } = await db.query<EndpointRecord>(
      `INSERT INTO webhook_endpoints (id, merchant, url, event_types)
       SELECT $1, $2, $3, $4
       WHERE (SELECT count(*) FROM webhook_endpoints WHERE merchant IS NOT DISTINCT FROM $2 AND NOT configured) < $5
       RETURNING ${COLUMNS}`,
      [endpoint.id, endpoint.merchant, endpoint.url, endpoint.eventTypes, MAX_ENDPOINTS],
    );
    if (rows[0] !== undefined) {
      await db.query("INSERT INTO webhook_secrets (endpoint_id, sealed) VALUES ($1, $2)", [endpoint.id, sealed]);
    }
    return rows[0];
  });
}

/** Makes the configured endpoint what the configuration says; `undefined`: there is none. */
export async function saveConfiguredEndpoint(
  db: Queryable,
  endpoint: { readonly url: string; readonly eventTypes: readonly string[] | null } | undefined,
): Promise<void> {
  if (endpoint === undefined) {
    await db.query(
      "UPDATE webhook_endpoints SET enabled = false, disabled_reason = 'not_configured' WHERE configured AND enabled",
    );
    return;
  }
  await db.query(
    `INSERT INTO webhook_endpoints (id, configured, url, event_types) VALUES ($1, true, $2, $3)
     ON CONFLICT (id) DO UPDATE SET url = excluded.url, event_types = excluded.event_types, enabled = true,
       disabled_reason = NULL, failing_since = NULL`,
    [CONFIGURED_ENDPOINT, endpoint.url, endpoint.eventTypes],
  );
}

export async function findEndpoint(db: Queryable, owner: Owner, id: string): Promise<EndpointRecord | undefined> {
  const { rows } = await db.query<EndpointRecord>(
    `SELECT ${COLUMNS} FROM webhook_endpoints WHERE ${OWNED} AND id = $2`,
    [owner, id],
  );
  return rows[0];
}

/** The oldest first. */
export async function listEndpoints(db: Queryable, owner: Owner): Promise<EndpointRecord[]> {
  const { rows } = await db.query<EndpointRecord>(
    `SELECT ${COLUMNS} FROM webhook_endpoints WHERE ${OWNED} ORDER BY created_at, id`,
    [owner],
  );
  return rows;
}

export interface EndpointChange {
  readonly url?: string | undefined;
  /** Null: all. */
  readonly eventTypes?: readonly string[] | null | undefined;
  /** Enabled anew, an endpoint starts with a clean slate. */
  readonly enabled?: boolean | undefined;
}

export async function changeEndpoint(
  db: Queryable,
  owner: Owner,
  id: string,
  change: EndpointChange,
): Promise<EndpointRecord | undefined> {
  const { rows } = await db.query<EndpointRecord>(
    `UPDATE webhook_endpoints SET url = coalesce($3, url),
       event_types = CASE WHEN $4 THEN $5::text[] ELSE event_types END,
       enabled = coalesce($6, enabled),
       disabled_reason = CASE WHEN $6 THEN NULL WHEN NOT $6 AND enabled THEN 'owner' ELSE disabled_reason END,
       failing_since = CASE WHEN $6 THEN NULL ELSE failing_since END
     WHERE ${OWNED} AND id = $2 RETURNING ${COLUMNS}`,
    [owner, id, change.url ?? null, change.eventTypes !== undefined, change.eventTypes ?? null, change.enabled ?? null],
  );
  return rows[0];
}

/** Forgets an endpoint, its secrets and what became of its messages. */
export async function deleteEndpoint(database: Database, owner: Owner, id: string): Promise<boolean> {
  return inTransaction(database, async (db) => {
    const { rowCount } = await db.query(`DELETE FROM webhook_endpoints WHERE ${OWNED} AND id = $2 AND NOT configured`, [
      owner,
      id,
    ]);
    if (rowCount !== 1) return false;
    await db.query("DELETE FROM deliveries WHERE endpoint_id = $1", [id]);
    return true;
  });
}

/**
 * Gives an endpoint a new secret; those that it has sign beside it for `graceMs` yet.
 * @returns until when, or `undefined` if too many are live.
 */
export async function rotateSecret(
  database: Database,
  id: string,
  sealed: Buffer,
  graceMs: number,
): Promise<Date | undefined> {
  return inTransaction(database, async (db) => {
    await db.query("SELECT 1 FROM webhook_endpoints WHERE id = $1 FOR NO KEY UPDATE", [id]);
    await db.query("DELETE FROM webhook_secrets WHERE endpoint_id = $1 AND expires_at <= clock_timestamp()", [id]);
    const { rows: counted } = await db.query<{ count: bigint }>(
      "SELECT count(*) FROM webhook_secrets WHERE endpoint_id = $1",
      [id],
    );
    if (Number(counted[0]?.count ?? 0n) >= MAX_SECRETS) return undefined;
    const { rows } = await db.query<{ until: Date }>(
      `UPDATE webhook_secrets SET expires_at = clock_timestamp() + $2 * interval '1 millisecond'
       WHERE endpoint_id = $1 AND expires_at IS NULL RETURNING expires_at AS until`,
      [id, graceMs],
    );
    await db.query("INSERT INTO webhook_secrets (endpoint_id, sealed) VALUES ($1, $2)", [id, sealed]);
    return rows[0]?.until ?? new Date();
  });
}

/** The sealed secrets that sign now, the newest first, by endpoint. */
export async function liveSecrets(db: Queryable, endpointIds: readonly string[]): Promise<Map<string, Buffer[]>> {
  const secrets = new Map<string, Buffer[]>();
  if (endpointIds.length === 0) return secrets;
  const { rows } = await db.query<{ endpointId: string; sealed: Buffer }>(
    `SELECT endpoint_id AS "endpointId", sealed FROM webhook_secrets
     WHERE endpoint_id = ANY ($1) AND (expires_at IS NULL OR expires_at > clock_timestamp()) ORDER BY id DESC`,
    [endpointIds],
  );
  for (const { endpointId, sealed } of rows) secrets.set(endpointId, [...(secrets.get(endpointId) ?? []), sealed]);
  return secrets;
}
