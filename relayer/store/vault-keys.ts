import type { Queryable } from "./database.ts";

/** A merchant's key, wrapped under a master key. */
export interface TenantKey {
  readonly id: string;
  /** The master key's id. */
  readonly masterKey: string;
  readonly wrapped: Buffer;
}

/** An item with the keys that open it. */
export interface SealedItem {
  readonly itemKey: string;
  readonly wrappedItemKey: Buffer;
  readonly content: Buffer;
  readonly tenant: TenantKey;
}

/** A row of an item joined with its keys: `i` of item_keys, `t` of tenant_keys. */
export interface SealedColumns {
  readonly itemKey: string;
  readonly wrappedItemKey: Buffer;
  readonly content: Buffer;
  readonly tenantKey: string;
  readonly masterKey: string;
  readonly wrappedTenantKey: Buffer;
}

/** To be selected beside `content`. Item and keys are read by one statement: a rotation is seen whole or not at all. */
export const KEY_COLUMNS = `i.id AS "itemKey", i.wrapped AS "wrappedItemKey", t.id AS "tenantKey",
  t.master_key AS "masterKey", t.wrapped AS "wrappedTenantKey"`;

export function sealedItem(row: SealedColumns): SealedItem {
  const { itemKey, wrappedItemKey, content, tenantKey, masterKey, wrappedTenantKey } = row;
  return { itemKey, wrappedItemKey, content, tenant: { id: tenantKey, masterKey, wrapped: wrappedTenantKey } };
}

/** The merchant's key that is not retired; nobody retires it before the transaction ends. */
export async function lockPresentKey(db: Queryable, merchant: string): Promise<TenantKey | undefined> {
  const { rows } = await db.query<TenantKey>(
    `SELECT id, master_key AS "masterKey", wrapped FROM tenant_keys
     WHERE merchant = $1 AND retired_at IS NULL FOR SHARE`,
    [merchant],
  );
  return rows[0];
}

/** Stores a merchant's key unless she has one. */
export async function insertTenantKey(db: Queryable, merchant: string, key: TenantKey): Promise<void> {
  await db.query(
    `INSERT INTO tenant_keys (id, merchant, master_key, wrapped) VALUES ($1, $2, $3, $4)
     ON CONFLICT (merchant) WHERE retired_at IS NULL DO NOTHING`,
    [key.id, merchant, key.masterKey, key.wrapped],
  );
}

export async function insertItemKey(
  db: Queryable,
  key: { readonly id: string; readonly tenantKey: string; readonly wrapped: Buffer },
): Promise<void> {
  await db.query("INSERT INTO item_keys (id, tenant_key, wrapped) VALUES ($1, $2, $3)", [
    key.id,
    key.tenantKey,
    key.wrapped,
  ]);
}

/** Destroys items' keys: nothing opens them again. */
export async function deleteItemKeys(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query("DELETE FROM item_keys WHERE id = ANY($1::uuid[])", [ids]);
}
