import { toUtf8String } from "ethers";

import { invoiceMemo } from "../record/memo.ts";
import { recordMemo } from "./commit-record.ts";
import { readRecord } from "./fields.ts";
import { RemittanceError } from "./remittance-error.ts";

/** What a memo can commit to: all bytes of a file, or the fields of a remittance record. */
export interface FileMemo {
  readonly of: "file" | "record";
  readonly memo: string;
}

/**
 * The memos that a file and a salt can make: one of its bytes, and of the document of a remittance record one of its fields. No memo can be
 * of both kinds: what is hashed last has 64 bytes of a file, 128 of a record. @throws RangeError on a salt of another length.
 */
export function fileMemos(file: Uint8Array, salt: string): readonly FileMemo[] {
  const asFile: FileMemo = { of: "file", memo: invoiceMemo(file, salt) };
  try {
    return [asFile, { of: "record", memo: recordMemo(readRecord(toUtf8String(file)), salt) }];
  } catch (error) {
    // Bytes that are no text, or text that is no record: a file like others.
    if (error instanceof RemittanceError || (error as { code?: unknown }).code === "INVALID_ARGUMENT") return [asFile];
    throw error;
  }
}
