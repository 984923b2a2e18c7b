import { fieldsOf } from "../../sdk/remittance/fields.ts";
import { readSealed, type RecordRow } from "../store/records.ts";
import { versionItem } from "../vault/items.ts";
import { type RecordContent, readContent } from "./content.ts";
import type { RecordKeeping } from "./keep-record.ts";

/** One version of a record, in the clear. */
export interface OpenedVersion extends RecordContent {
  readonly version: number;
  readonly memo: string;
}

/**
 * Opens all versions of records. One that is erased has none, also if it is erased while this is asked.
 * @throws AppError `content_unreadable` if a row was changed or moved; `master_key_missing`, retriable.
 */
export async function openRecords(
  { database, vault }: RecordKeeping,
  rows: readonly RecordRow[],
): Promise<ReadonlyMap<string, readonly OpenedVersion[]>> {
  const sealed = await readSealed(
    database,
    rows.map(({ id }) => id),
  );
  const merchants = new Map(rows.map(({ id, merchant }) => [id, merchant]));
  const opened = new Map<string, OpenedVersion[]>(rows.map(({ id }) => [id, []]));
  for (const { recordId, version, memo, ...item } of sealed) {
    const merchant = merchants.get(recordId) ?? "";
    const content = readContent(vault.open(merchant, versionItem(recordId, version), item));
    opened.get(recordId)?.push({ ...content, version, memo });
  }
  return opened;
}

/** Whether a text stands in what a record says of its parties, whatever the case. Errs on the side of saying so. */
export function concerns({ record }: RecordContent, subject: string): boolean {
  const wanted = folded(subject);
  return fieldsOf(record).some(
    ({ pointer, value }) => /^\/(payer|payee|travelRule)\//.test(pointer) && folded(value).includes(wanted),
  );
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
