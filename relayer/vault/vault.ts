import { randomBytes, randomUUID } from "node:crypto";

import type { PoolClient } from "pg";

import { AppError } from "../app-error.ts";
import { open, seal } from "../sealed-box.ts";
import {
  insertItemKey,
  insertTenantKey,
  lockPresentKey,
  type SealedItem,
  type TenantKey,
} from "../store/vault-keys.ts";
import { type MasterKeys, masterKey } from "./master-keys.ts";

/**
 * Keeps what nobody may read who has the database only. Each item is sealed by a key of its own, that one by its tenant's, and that
 * one by a master key of the configuration. Each says in its authenticated data whose it is and what it is of, so that rows
 * cannot be moved.
 */
export interface Vault {
  /** Seals an item and stores its key. @param db In the transaction that stores the item. @param item What row it is. */
  seal(db: PoolClient, merchant: string, item: string, plain: Buffer): Promise<NewItem>;
  /**
   * @throws AppError `content_unreadable` if anything of it was changed or is of another row; `master_key_missing`, retriable.
   */
  open(merchant: string, item: string, sealed: SealedItem): Buffer;
}

export interface NewItem {
  readonly itemKey: string;
  readonly sealed: Buffer;
}

const KEY_BYTES = 32;
const ATTEMPTS = 5;

export function createVault(keys: MasterKeys): Vault {
  return {
    async seal(db, merchant, item, plain) {
      const tenant = await presentKey(db, keys, merchant);
      return sealUnder(db, keys, tenant, merchant, item, plain);
    },
    open: (merchant, item, sealed) => openItem(keys, merchant, item, sealed),
  };
}

/** Seals an item under a tenant's key. */
export async function sealUnder(
  db: PoolClient,
  keys: MasterKeys,
  tenant: TenantKey,
  merchant: string,
  item: string,
  plain: Buffer,
): Promise<NewItem> {
  const itemKey = randomUUID();
  const key = randomBytes(KEY_BYTES);
  const wrapped = seal(openTenantKey(keys, merchant, tenant), ofItemKey(merchant, itemKey, tenant.id), key);
  await insertItemKey(db, { id: itemKey, tenantKey: tenant.id, wrapped });
  return { itemKey, sealed: seal(key, ofContent(merchant, itemKey, item), plain) };
}

export function openItem(keys: MasterKeys, merchant: string, item: string, sealed: SealedItem): Buffer {
  const { itemKey, wrappedItemKey, content, tenant } = sealed;
  const tenantKey = openTenantKey(keys, merchant, tenant);
  return readable(item, () => {
    const key = open(tenantKey, ofItemKey(merchant, itemKey, tenant.id), wrappedItemKey);
    return open(key, ofContent(merchant, itemKey, item), content);
  });
}

export function openTenantKey(keys: MasterKeys, merchant: string, { id, masterKey: name, wrapped }: TenantKey): Buffer {
  const master = masterKey(keys, name);
  return readable(`tenant-key:${id}`, () => open(master, ofTenantKey(merchant, id, name), wrapped));
}

/** Wraps a tenant's key under the present master key. */
export function wrapTenantKey([present]: MasterKeys, merchant: string, id: string, key: Buffer): TenantKey {
  return { id, masterKey: present.id, wrapped: seal(present.key, ofTenantKey(merchant, id, present.id), key) };
}

export function newTenantKey(keys: MasterKeys, merchant: string): TenantKey {
  return wrapTenantKey(keys, merchant, randomUUID(), randomBytes(KEY_BYTES));
}

/** The tenant's key that is not retired, which stays so until the transaction ends. */
async function presentKey(db: PoolClient, keys: MasterKeys, merchant: string): Promise<TenantKey> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // One that a rotation retires while this waits for it is not found.
    const found = await lockPresentKey(db, merchant);
    if (found !== undefined) return found;
    await insertTenantKey(db, merchant, newTenantKey(keys, merchant));
  }
  throw new AppError("tenant_key_busy", `The key of ${merchant} is being replaced`, { retriable: true });
}

function ofTenantKey(merchant: string, id: string, master: string): string {
  return JSON.stringify(["tenant-key", merchant, id, master]);
}

function ofItemKey(merchant: string, id: string, tenantKey: string): string {
  return JSON.stringify(["item-key", merchant, id, tenantKey]);
}

function ofContent(merchant: string, itemKey: string, item: string): string {
  return JSON.stringify(["content", merchant, itemKey, item]);
}

function readable(what: string, work: () => Buffer): Buffer {
  try {
    return work();
  } catch (cause) {
    throw new AppError("content_unreadable", `what is stored cannot be opened as ${what}`, { cause });
  }
}
