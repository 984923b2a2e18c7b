import { type Database, inTransaction } from "../store/database.ts";
import {
  deleteOrphan,
  deleteRetired,
  listTenants,
  listTenantsInClear,
  listUnderRetired,
  listWrappedOtherwise,
  lockClearDocument,
  lockItem,
  lockTenantKey,
  retireTenantKey,
  type Rotated,
  saveDocument,
  saveRotated,
  saveWrapped,
} from "../store/key-rotation.ts";
import { deleteItemKeys } from "../store/vault-keys.ts";
import { documentItem, versionItem } from "./items.ts";
import type { MasterKeys } from "./master-keys.ts";
import { createVault, openItem, openTenantKey, wrapTenantKey } from "./vault.ts";

/**
 * Wraps every tenant's key under the present master key; then the others may be destroyed. Each key is a transaction of its own: it can
 * be stopped anywhere and run again, also beside another one and while records are read and written.
 * @returns how many were wrapped here. @throws AppError `master_key_missing`, `content_unreadable`
 */
export async function rewrapTenantKeys(database: Database, keys: MasterKeys): Promise<number> {
  const [present] = keys;
  let wrapped = 0;
  for (;;) {
    const due = await listWrappedOtherwise(database, present.id);
    if (due.length === 0) return wrapped;
    for (const id of due) {
      const isDone = await inTransaction(database, async (db) => {
        const found = await lockTenantKey(db, id);
        if (found === undefined || found.masterKey === present.id) return false;
        const { merchant } = found;
        await saveWrapped(db, wrapTenantKey(keys, merchant, id, openTenantKey(keys, merchant, found)));
        return true;
      });
      if (isDone) wrapped += 1;
    }
  }
}

/**
 * Gives tenants new keys and seals everything of theirs anew, each item by a key of its own; then destroys the old ones. Documents
 * that are kept in the clear are sealed too. Where an earlier run was stopped, that one is finished. As `rewrapTenantKeys` otherwise.
 * @param merchant Hers only. @returns how many items were sealed here.
 */
export async function resealTenants(database: Database, keys: MasterKeys, merchant?: string): Promise<number> {
  const all = new Set([...(await listTenants(database)), ...(await listTenantsInClear(database))]);
  let sealed = 0;
  for (const each of merchant === undefined ? all : [merchant]) sealed += await resealTenant(database, keys, each);
  return sealed;
}

async function resealTenant(database: Database, keys: MasterKeys, merchant: string): Promise<number> {
  await inTransaction(database, (db) => retireTenantKey(db, merchant));
  let sealed = 0;
  for (;;) {
    const due = await listUnderRetired(database, merchant);
    if (due.length === 0) break;
    for (const itemKey of due) if (await resealItem(database, keys, merchant, itemKey)) sealed += 1;
  }
  while (await sealClearDocument(database, keys, merchant)) sealed += 1;
  await deleteRetired(database, merchant);
  return sealed;
}

async function resealItem(database: Database, keys: MasterKeys, merchant: string, itemKey: string): Promise<boolean> {
  const vault = createVault(keys);
  return inTransaction(database, async (db) => {
    const found = await lockItem(db, itemKey);
    if (found === undefined) {
      await deleteOrphan(db, itemKey);
      return false;
    }
    const item = nameOf(found);
    const plain = openItem(keys, merchant, item, found.item);
    await saveRotated(db, found, await vault.seal(db, merchant, item, plain));
    await deleteItemKeys(db, [itemKey]);
    return true;
  });
}

async function sealClearDocument(database: Database, keys: MasterKeys, merchant: string): Promise<boolean> {
  return inTransaction(database, async (db) => {
    const found = await lockClearDocument(db, merchant);
    if (found === undefined) return false;
    const item = documentItem(found.paymentId, found.hash);
    const { itemKey, sealed } = await createVault(keys).seal(db, merchant, item, found.content);
    await saveDocument(db, found, itemKey, sealed);
    return true;
  });
}

function nameOf(rotated: Rotated): string {
  return rotated.kind === "version"
    ? versionItem(rotated.recordId, rotated.version)
    : documentItem(rotated.paymentId, rotated.hash);
}
