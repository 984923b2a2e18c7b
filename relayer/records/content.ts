import { z } from "zod";

import { canonicalText, readRecord } from "../../sdk/remittance/fields.ts";
import type { RemittanceRecord } from "../../sdk/remittance/remittance-record.ts";
import { AppError } from "../app-error.ts";

/** What is sealed of a version: the document, and the salt that opens its memo. */
export interface RecordContent {
  readonly record: RemittanceRecord;
  readonly salt: string;
}

const schema = z.strictObject({ text: z.string(), salt: z.string() });

export function writeContent({ record, salt }: RecordContent): Buffer {
  return Buffer.from(JSON.stringify({ text: canonicalText(record), salt }));
}

/** @throws AppError `content_unreadable` of what `writeContent` did not write. */
export function readContent(plain: Buffer): RecordContent {
  try {
    const { text, salt } = schema.parse(JSON.parse(plain.toString("utf8")));
    return { record: readRecord(text), salt };
  } catch (cause) {
    throw new AppError("content_unreadable", "a record that was opened is none", { cause });
  }
}
