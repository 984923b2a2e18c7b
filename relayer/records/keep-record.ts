import { createHash } from "node:crypto";

import type { PoolClient } from "pg";

import { recordMemo } from "../../sdk/remittance/commit-record.ts";
import { type Database, inTransaction } from "../store/database.ts";
import { recordAction } from "../store/record-audit.ts";
import {
  clearRecord,
  findRecord,
  findRecordByMemo,
  insertRecord,
  insertVersion,
  lockRecord,
  type RecordRow,
  setRecordRequest,
} from "../store/records.ts";
import { deleteItemKeys } from "../store/vault-keys.ts";
import { versionItem } from "../vault/items.ts";
import type { Vault } from "../vault/vault.ts";
import { type RecordContent, writeContent } from "./content.ts";

export interface RecordKeeping {
  readonly database: Database;
  readonly vault: Vault;
}

/** What became of a record that was handed in. */
export type Kept =
  | { readonly kind: "kept" | "known"; readonly row: RecordRow }
  | { readonly kind: "erased" }
  /** Another payment request has this record. */
  | { readonly kind: "other_request"; readonly requestId: string }
  /** A correction has to name the latest version's memo. */
  | { readonly kind: "superseded"; readonly latest: string };

/**
 * Keeps a record; the same one again is found by its memo. @param memo The record's. @param requestId The payment request with this
 * memo, if it is known.
 */
export async function keepRecord(
  { database, vault }: RecordKeeping,
  merchant: string,
  memo: string,
  content: RecordContent,
  { requestId, actor }: { readonly requestId: string | null; readonly actor: string },
): Promise<Kept> {
  const id = uuidOf(merchant, memo);
  return inTransaction(database, async (db) => {
    if (await insertRecord(db, { id, merchant, memo, requestId })) {
      await keepVersion(db, vault, { id, merchant }, 1, memo, content);
      await recordAction(db, [id], { action: "stored", actor });
      return { kind: "kept", row: await requireRecord(db, id) };
    }
    const known = await findRecordByMemo(db, merchant, memo);
    if (known === undefined) throw new Error("The record was not stored");
    if (known.erasedAt !== null) return { kind: "erased" };
    if (requestId === null || known.requestId === requestId) return { kind: "known", row: known };
    if (known.requestId !== null) return { kind: "other_request", requestId: known.requestId };
    await setRecordRequest(db, known.id, requestId);
    return { kind: "known", row: await requireRecord(db, known.id) };
  });
}

/** Adds a version that names the latest one as what it corrects. The chain's memo stays that of the first. */
export async function correctRecord(
  { database, vault }: RecordKeeping,
  { id, merchant }: Pick<RecordRow, "id" | "merchant">,
  content: RecordContent,
  actor: string,
): Promise<Kept> {
  const memo = recordMemo(content.record, content.salt);
  return inTransaction(database, async (db) => {
    await lockRecord(db, id);
    const row = await requireRecord(db, id);
    if (row.erasedAt !== null) return { kind: "erased" };
    if (row.versions.some((version) => version.memo === memo)) return { kind: "known", row };
    const latest = row.versions.at(-1);
    if (latest === undefined) throw new Error("The record has no version");
    if (content.record.corrects?.memo !== latest.memo) return { kind: "superseded", latest: latest.memo };
    await keepVersion(db, vault, { id, merchant }, latest.version + 1, memo, content);
    await recordAction(db, [id], { action: "corrected", actor });
    return { kind: "kept", row: await requireRecord(db, id) };
  });
}

/** Destroys a record's contents and the keys that open copies of them. What is left: id, merchant, memos, times. Idempotent. */
export async function eraseRecord(database: Database, id: string, actor: string): Promise<RecordRow> {
  return inTransaction(database, async (db) => {
    await lockRecord(db, id);
    const row = await requireRecord(db, id);
    if (row.erasedAt !== null) return row;
    await deleteItemKeys(db, await clearRecord(db, id));
    await recordAction(db, [id], { action: "erased", actor });
    return requireRecord(db, id);
  });
}

async function keepVersion(
  db: PoolClient,
  vault: Vault,
  { id, merchant }: Pick<RecordRow, "id" | "merchant">,
  version: number,
  memo: string,
  content: RecordContent,
): Promise<void> {
  const { itemKey, sealed } = await vault.seal(db, merchant, versionItem(id, version), writeContent(content));
  await insertVersion(db, id, { version, memo, itemKey, sealed });
}

async function requireRecord(db: PoolClient, id: string): Promise<RecordRow> {
  const row = await findRecord(db, null, id);
  if (row === undefined) throw new Error(`There is no record ${id}`);
  return row;
}

/** A version 8 UUID (RFC 9562): the same record of the same merchant has the same one. Memos cannot be guessed, nor can it. */
function uuidOf(merchant: string, memo: string): string {
  const hash = createHash("sha256").update(`record\n${merchant}\n${memo}`).digest("hex");
  const hex = `${hash.slice(0, 12)}8${hash.slice(13, 16)}8${hash.slice(17, 32)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
