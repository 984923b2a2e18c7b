import type { Queryable } from "./database.ts";
import { KEY_COLUMNS, type SealedColumns, sealedItem, type SealedItem } from "./vault-keys.ts";

/** A remittance record without what it says. */
export interface RecordRow {
  readonly id: string;
  readonly merchant: string;
  /** Of the first version. */
  readonly memo: string;
  readonly requestId: string | null;
  readonly createdAt: Date;
  readonly erasedAt: Date | null;
  /** All of them, the first one first. */
  readonly versions: readonly VersionRow[];
}

export interface VersionRow {
  readonly version: number;
  readonly memo: string;
  readonly createdAt: string;
}

export interface RecordFilter {
  readonly merchant: string | undefined;
  readonly request?: string | undefined;
  readonly memo?: string | undefined;
}

const SELECT = `SELECT r.id, r.merchant, r.memo, r.request_id AS "requestId", r.created_at AS "createdAt", r.erased_at AS "erasedAt",
    (SELECT json_agg(json_build_object('version', v.version, 'memo', v.memo, 'createdAt',
        to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY v.version)
      FROM remittance_versions v WHERE v.record_id = r.id) AS versions
  FROM remittance_records r`;

/** @returns false if the merchant has a record with this memo. */
export async function insertRecord(
  db: Queryable,
  record: Pick<RecordRow, "id" | "merchant" | "memo" | "requestId">,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO remittance_records (id, merchant, memo, request_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (merchant, memo) DO NOTHING`,
    [record.id, record.merchant, record.memo, record.requestId],
  );
  return rowCount === 1;
}

export async function insertVersion(
  db: Queryable,
  recordId: string,
  version: { readonly version: number; readonly memo: string; readonly itemKey: string; readonly sealed: Buffer },
): Promise<void> {
  await db.query(
    "INSERT INTO remittance_versions (record_id, version, memo, item_key, sealed) VALUES ($1, $2, $3, $4, $5)",
    [recordId, version.version, version.memo, version.itemKey, version.sealed],
  );
}

/** @param merchant Hers only; null: anybody's. */
export async function findRecord(db: Queryable, merchant: string | null, id: string): Promise<RecordRow | undefined> {
  const { rows } = await db.query<RecordRow>(`${SELECT} WHERE r.id = $1 AND ($2::text IS NULL OR r.merchant = $2)`, [
    id,
    merchant,
  ]);
  return rows[0];
}

export async function findRecordByMemo(db: Queryable, merchant: string, memo: string): Promise<RecordRow | undefined> {
  const { rows } = await db.query<RecordRow>(`${SELECT} WHERE r.merchant = $1 AND r.memo = $2`, [merchant, memo]);
  return rows[0];
}

/** Nobody corrects or erases it before the transaction ends. */
export async function lockRecord(db: Queryable, id: string): Promise<void> {
  await db.query("SELECT 1 FROM remittance_records WHERE id = $1 FOR UPDATE", [id]);
}

export async function setRecordRequest(db: Queryable, id: string, requestId: string): Promise<void> {
  await db.query("UPDATE remittance_records SET request_id = $2 WHERE id = $1 AND request_id IS NULL", [id, requestId]);
}

/** The newest records, or the next ones behind `after`. */
export async function listRecords(
  db: Queryable,
  { merchant, request, memo }: RecordFilter,
  after: string | undefined,
  limit: number,
): Promise<RecordRow[]> {
  const { rows } = await db.query<RecordRow>(
    `${SELECT}
     WHERE ($1::text IS NULL OR r.merchant = $1) AND ($2::uuid IS NULL OR r.request_id = $2)
       AND ($3::text IS NULL OR r.memo = $3)
       AND ($4::uuid IS NULL OR (r.created_at, r.id) < (SELECT a.created_at, a.id FROM remittance_records a WHERE a.id = $4))
     ORDER BY r.created_at DESC, r.id DESC LIMIT $5`,
    [merchant ?? null, request ?? null, memo ?? null, after ?? null, limit],
  );
  return rows;
}

/** What is sealed of records that are not erased, by record and version. */
export async function readSealed(
  db: Queryable,
  recordIds: readonly string[],
): Promise<(SealedItem & { readonly recordId: string; readonly version: number; readonly memo: string })[]> {
  const { rows } = await db.query<SealedColumns & { recordId: string; version: number; memo: string }>(
    `SELECT v.record_id AS "recordId", v.version, v.memo, v.sealed AS content, ${KEY_COLUMNS}
     FROM remittance_versions v JOIN item_keys i ON i.id = v.item_key JOIN tenant_keys t ON t.id = i.tenant_key
     WHERE v.record_id = ANY($1::uuid[]) ORDER BY v.record_id, v.version`,
    [recordIds],
  );
  return rows.map((row) => ({ ...sealedItem(row), recordId: row.recordId, version: row.version, memo: row.memo }));
}

/** Takes what is sealed out of a record that is locked. @returns the keys that opened it, to be destroyed. */
export async function clearRecord(db: Queryable, id: string): Promise<string[]> {
  const { rows } = await db.query<{ itemKey: string }>(
    `UPDATE remittance_versions v SET item_key = NULL, sealed = NULL
     FROM (SELECT record_id, version, item_key FROM remittance_versions
       WHERE record_id = $1 AND item_key IS NOT NULL FOR UPDATE) o
     WHERE v.record_id = o.record_id AND v.version = o.version RETURNING o.item_key AS "itemKey"`,
    [id],
  );
  await db.query("UPDATE remittance_records SET erased_at = clock_timestamp() WHERE id = $1 AND erased_at IS NULL", [
    id,
  ]);
  return rows.map(({ itemKey }) => itemKey);
}
