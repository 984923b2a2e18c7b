import type { Queryable } from "./database.ts";
import { KEY_COLUMNS, type SealedColumns, sealedItem, type SealedItem, type TenantKey } from "./vault-keys.ts";

const PAGE = 500;

/** Tenants' keys that are wrapped under another master key than `present`. */
export async function listWrappedOtherwise(db: Queryable, present: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    "SELECT id FROM tenant_keys WHERE master_key <> $1 ORDER BY id LIMIT $2",
    [present, PAGE],
  );
  return rows.map(({ id }) => id);
}

export async function lockTenantKey(
  db: Queryable,
  id: string,
): Promise<(TenantKey & { readonly merchant: string }) | undefined> {
  const { rows } = await db.query<TenantKey & { merchant: string }>(
    `SELECT id, merchant, master_key AS "masterKey", wrapped FROM tenant_keys WHERE id = $1 FOR UPDATE`,
    [id],
  );
  return rows[0];
}

export async function saveWrapped(db: Queryable, { id, masterKey, wrapped }: TenantKey): Promise<void> {
  await db.query("UPDATE tenant_keys SET master_key = $2, wrapped = $3 WHERE id = $1", [id, masterKey, wrapped]);
}

/** Merchants who have keys. */
export async function listTenants(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ merchant: string }>("SELECT DISTINCT merchant FROM tenant_keys ORDER BY merchant");
  return rows.map(({ merchant }) => merchant);
}

/** Merchants some of whose documents are kept in the clear. */
export async function listTenantsInClear(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ merchant: string }>(
    `SELECT DISTINCT p.merchant FROM documents d JOIN payments p ON p.id = d.payment_id
     WHERE d.item_key IS NULL ORDER BY p.merchant`,
  );
  return rows.map(({ merchant }) => merchant);
}

/** Retires the merchant's present key, unless an earlier rotation is not done. @returns whether it did. */
export async function retireTenantKey(db: Queryable, merchant: string): Promise<boolean> {
  await db.query("SELECT 1 FROM tenant_keys WHERE merchant = $1 ORDER BY id FOR UPDATE", [merchant]);
  // Only a statement that begins under the lock sees what its last holder did.
  const { rowCount } = await db.query(
    `UPDATE tenant_keys SET retired_at = clock_timestamp() WHERE merchant = $1 AND retired_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM tenant_keys WHERE merchant = $1 AND retired_at IS NOT NULL)`,
    [merchant],
  );
  return (rowCount ?? 0) > 0;
}

/** Keys of the merchant's items whose tenant's key is retired. */
export async function listUnderRetired(db: Queryable, merchant: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT i.id FROM item_keys i JOIN tenant_keys t ON t.id = i.tenant_key
     WHERE t.merchant = $1 AND t.retired_at IS NOT NULL ORDER BY i.id LIMIT $2`,
    [merchant, PAGE],
  );
  return rows.map(({ id }) => id);
}

/** What a rotation seals anew: a version of a record, or a document. */
export type Rotated =
  | { readonly kind: "version"; readonly recordId: string; readonly version: number; readonly item: SealedItem }
  | { readonly kind: "document"; readonly paymentId: string; readonly hash: string; readonly item: SealedItem };

/** Locks the row that an item's key opens. @returns undefined if the key is gone, or its tenant's key is not retired. */
export async function lockItem(db: Queryable, itemKey: string): Promise<Rotated | undefined> {
  const joined = `JOIN item_keys i ON i.id = c.item_key JOIN tenant_keys t ON t.id = i.tenant_key
     WHERE c.item_key = $1 AND t.retired_at IS NOT NULL FOR UPDATE OF c`;
  const { rows: versions } = await db.query<SealedColumns & { recordId: string; version: number }>(
    `SELECT c.record_id AS "recordId", c.version, c.sealed AS content, ${KEY_COLUMNS} FROM remittance_versions c ${joined}`,
    [itemKey],
  );
  const [version] = versions;
  if (version !== undefined) {
    return { kind: "version", recordId: version.recordId, version: version.version, item: sealedItem(version) };
  }
  const { rows: documents } = await db.query<SealedColumns & { paymentId: string; hash: string }>(
    `SELECT c.payment_id AS "paymentId", c.hash, c.content, ${KEY_COLUMNS} FROM documents c ${joined}`,
    [itemKey],
  );
  const [document] = documents;
  if (document === undefined) return undefined;
  return { kind: "document", paymentId: document.paymentId, hash: document.hash, item: sealedItem(document) };
}

export async function saveRotated(
  db: Queryable,
  rotated: Rotated,
  { itemKey, sealed }: { readonly itemKey: string; readonly sealed: Buffer },
): Promise<void> {
  switch (rotated.kind) {
    case "version":
      await db.query(
        "UPDATE remittance_versions SET item_key = $3, sealed = $4 WHERE record_id = $1 AND version = $2",
        [rotated.recordId, rotated.version, itemKey, sealed],
      );
      break;
    case "document":
      await saveDocument(db, rotated, itemKey, sealed);
  }
}

/** Destroys a key that opens nothing, as the row that it opened was taken out of the table by somebody's hand. */
export async function deleteOrphan(db: Queryable, itemKey: string): Promise<void> {
  await db.query(
    `DELETE FROM item_keys i WHERE id = $1
       AND NOT EXISTS (SELECT 1 FROM remittance_versions WHERE item_key = i.id)
       AND NOT EXISTS (SELECT 1 FROM documents WHERE item_key = i.id)`,
    [itemKey],
  );
}

/** A document of the merchant that is kept in the clear, locked; undefined if there is none that nobody else works on. */
export async function lockClearDocument(
  db: Queryable,
  merchant: string,
): Promise<{ readonly paymentId: string; readonly hash: string; readonly content: Buffer } | undefined> {
  const { rows } = await db.query<{ paymentId: string; hash: string; content: Buffer }>(
    `SELECT d.payment_id AS "paymentId", d.hash, d.content FROM documents d JOIN payments p ON p.id = d.payment_id
     WHERE p.merchant = $1 AND d.item_key IS NULL LIMIT 1 FOR UPDATE OF d SKIP LOCKED`,
    [merchant],
  );
  return rows[0];
}

export async function saveDocument(
  db: Queryable,
  { paymentId, hash }: { readonly paymentId: string; readonly hash: string },
  itemKey: string,
  sealed: Buffer,
): Promise<void> {
  await db.query("UPDATE documents SET item_key = $3, content = $4 WHERE payment_id = $1 AND hash = $2", [
    paymentId,
    hash,
    itemKey,
    sealed,
  ]);
}

/** Destroys the merchant's retired keys under which nothing is left. */
export async function deleteRetired(db: Queryable, merchant: string): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM tenant_keys t WHERE merchant = $1 AND retired_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM item_keys i WHERE i.tenant_key = t.id)`,
    [merchant],
  );
  return rowCount ?? 0;
}
