import { AppError } from "../app-error.ts";

/** A key out of the configuration, under which tenants' keys are kept. It is nowhere in the database. */
export interface MasterKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** The first is the present one; the others open what has not been wrapped anew yet. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]];

const FORM = /^([a-z0-9][a-z0-9-]{0,31})=([A-Za-z0-9+/]{43}=)$/;

/** @param parts `id=32 bytes in base64`. @returns undefined if one has another form, an id stands twice, or there is none. */
export function readMasterKeys(parts: readonly string[]): MasterKeys | undefined {
  const keys = parts.flatMap((part) => {
    const [, id, text] = FORM.exec(part) ?? [];
    return id === undefined || text === undefined ? [] : [{ id, key: Buffer.from(text, "base64") }];
  });
  const [first, ...others] = keys;
  const isWhole = keys.length === parts.length && new Set(keys.map(({ id }) => id)).size === keys.length;
  return first === undefined || !isWhole ? undefined : [first, ...others];
}

/** @throws AppError `master_key_missing`, retriable: another instance may have it. */
export function masterKey(keys: MasterKeys, id: string): Buffer {
  const found = keys.find((each) => each.id === id);
  if (found !== undefined) return found.key;
  throw new AppError("master_key_missing", `CORRIDOR_RECORD_KEYS has no key ${id}, which the database needs`, {
    retriable: true,
  });
}
