import type { Database } from "../../relayer/store/database.ts";
import { type MasterKeys, readMasterKeys } from "../../relayer/vault/master-keys.ts";
import { resealTenants, rewrapTenantKeys } from "../../relayer/vault/rotation.ts";
import { UsageError } from "../local/options.ts";

/** @throws UsageError unless there are keys, as the relayer reads them. */
export function recordKeysOf(setting = ""): MasterKeys {
  const keys = readMasterKeys(setting.split(",").map((part) => part.trim()));
  if (keys !== undefined) return keys;
  throw new UsageError(
    "CORRIDOR_RECORD_KEYS must be set: id=32 bytes in base64, separated by commas, the present one first.",
  );
}

/** After a new master key was put first. */
export async function rewrap(database: Database, keys: MasterKeys): Promise<string> {
  const wrapped = await rewrapTenantKeys(database, keys);
  const [{ id }, ...others] = keys;
  const rest =
    others.length === 0 ? "" : ` ${others.map((key) => key.id).join(", ")} may be taken out of CORRIDOR_RECORD_KEYS.`;
  return `${wrapped} merchants' keys were wrapped under ${id}; nothing is under another one.${rest}`;
}

/** @param merchant Hers only. */
export async function reseal(database: Database, keys: MasterKeys, merchant: string | undefined): Promise<string> {
  const sealed = await resealTenants(database, keys, merchant);
  return `${sealed} versions of records and documents were sealed anew; the keys before are destroyed.`;
}
