import { newSalt } from "../record/memo.ts";
import { canonicalText, type RecordField, fieldsOf } from "./fields.ts";
import { buildTree, fieldSalt, leafHash, memoOf } from "./field-tree.ts";
import { parseRecord, RECORD_FORMAT, RECORD_VERSION, type RemittanceRecord } from "./remittance-record.ts";

/** A record, and what binds a payment to it. */
export interface CommittedRecord {
  readonly record: RemittanceRecord;
  /** The canonical document, to be kept. */
  readonly text: string;
  /** 32 bytes in hex, to be kept with it: it opens every field. */
  readonly salt: string;
  /** What payer and chain get. */
  readonly memo: string;
}

/** A record without what every record has. */
export type NewRecord = Omit<RemittanceRecord, "format" | "version">;

/**
 * Makes a record's memo. The same record and salt make the same one. @param salt By default a new one. Never use one twice.
 * @throws RemittanceError
 */
export function createRecord(record: NewRecord, salt = newSalt()): CommittedRecord {
  const checked = parseRecord({ ...record, format: RECORD_FORMAT, version: RECORD_VERSION });
  return { record: checked, text: canonicalText(checked), salt, memo: recordMemo(checked, salt) };
}

/** Whether a memo commits to this record. @throws RemittanceError if it is no record, or that no salt. */
export function verifyRecord(record: unknown, salt: string, memo: string): boolean {
  return recordMemo(parseRecord(record), salt) === memo.toLowerCase();
}

/** The memo of a record: `memoOf` the tree over its fields. */
export function recordMemo(record: RemittanceRecord, salt: string): string {
  const fields = fieldsOf(record);
  return memoOf(
    fields.map(({ pointer }) => pointer),
    treeOf(fields, salt)[0] ?? "",
  );
}

export function treeOf(fields: readonly RecordField[], salt: string): readonly string[] {
  return buildTree(fields.map((field) => leafHash({ ...field, salt: fieldSalt(salt, field.pointer) })));
}
