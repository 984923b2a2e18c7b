import canonicalize from "canonicalize";

import { escapePointer, parseRecord, type RemittanceRecord } from "./remittance-record.ts";
import { RemittanceError } from "./remittance-error.ts";

/** One leaf of a record: a string, and the JSON pointer (RFC 6901) to it. */
export interface RecordField {
  readonly pointer: string;
  readonly value: string;
}

/** A record with a few hundred lines of goods has less. */
const MAX_TEXT = 1_048_576;

/** The document by RFC 8785: equal records have equal text. */
export function canonicalText(record: RemittanceRecord): string {
  return requireText(record);
}

/**
 * Reads a document that was written down. Anything but its canonical form is refused, such as a member that stands twice, of which
 * every program could take another. @throws RemittanceError
 */
export function readRecord(text: string): RemittanceRecord {
  if (text.length > MAX_TEXT) throw new RemittanceError("invalid_field", "", `at most ${MAX_TEXT} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RemittanceError("invalid_field", "", "JSON");
  }
  const record = parseRecord(value);
  if (canonicalText(record) !== text.replace(/\n$/, "")) {
    throw new RemittanceError("not_canonical", "", "the canonical form of JSON (RFC 8785)");
  }
  return record;
}

/** All leaves in the order of their pointers. A record is given back by them: it has no empty object or array. */
export function fieldsOf(record: RemittanceRecord): readonly RecordField[] {
  return leavesOf(record, "").sort((one, other) => (one.pointer < other.pointer ? -1 : 1));
}

export function requireText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new RemittanceError("invalid_field", "", "JSON");
  return text;
}

function leavesOf(value: unknown, pointer: string): RecordField[] {
  if (value === undefined) return [];
  if (typeof value === "string") return [{ pointer, value }];
  if (typeof value !== "object" || value === null) throw new RemittanceError("invalid_field", pointer, "a string");
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) throw new RemittanceError("invalid_field", pointer, "nothing that is empty");
  return members.flatMap(([name, member]) => leavesOf(member, `${pointer}/${escapePointer(name)}`));
}
