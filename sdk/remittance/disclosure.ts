import { z } from "zod";

import { treeOf } from "./commit-record.ts";
import { hash } from "./field-shapes.ts";
import { fieldsOf } from "./fields.ts";
import { fieldSalt, leafHash, memoOf, openTree, rootOf, type SaltedField } from "./field-tree.ts";
import { RemittanceError } from "./remittance-error.ts";
import { parseRecord, readIssue } from "./remittance-record.ts";

export const DISCLOSURE_FORMAT = "corridor-disclosure";
export const DISCLOSURE_VERSION = "1";
/** What a disclosure is of is always shown. */
const ALWAYS = ["/format", "/version"];
const MAX_FIELDS = 20_000;

const pointer = z
  .string("a JSON pointer")
  .regex(/^(\/([^~/]|~[01])*)+$/, "a JSON pointer")
  .max(200);

export const disclosureSchema = z.strictObject(
  {
    format: z.literal(DISCLOSURE_FORMAT, DISCLOSURE_FORMAT),
    version: z.literal(DISCLOSURE_VERSION, DISCLOSURE_VERSION),
    /** What is shown, each field with its own salt. */
    fields: z
      .array(z.strictObject({ pointer, value: z.string().max(1_000), salt: hash }))
      .min(1)
      .max(MAX_FIELDS),
    /** What is not: where it stands in the record, and no more. */
    hidden: z.array(pointer).max(MAX_FIELDS),
    /** The nodes of the tree that are needed to find its root. */
    proof: z.array(hash).max(MAX_FIELDS),
  },
  "a disclosure",
);

/** Some fields of a record, and the proof that its memo commits to them. */
export type Disclosure = z.output<typeof disclosureSchema>;

/** What a disclosure shows of the record that a memo commits to. */
export interface DisclosedFields {
  readonly fields: ReadonlyMap<string, string>;
  /** Fields that are there and were not shown. */
  readonly hidden: readonly string[];
}

/**
 * Shows some fields of a record and hides the others. What is shown is the whole of what a pointer names: of `/goods` every line.
 * Whoever gets it learns which fields the record has, and nothing of the hidden ones' values.
 * @throws RemittanceError `unknown_pointer` if the record has no such field; as `createRecord` otherwise.
 */
export function disclose(record: unknown, salt: string, pointers: readonly string[]): Disclosure {
  const all = fieldsOf(parseRecord(record));
  const asked = [...ALWAYS, ...pointers];
  for (const each of asked) {
    if (!all.some((field) => isUnder(field.pointer, each))) {
      throw new RemittanceError("unknown_pointer", each, "a field of the record");
    }
  }
  const places = all.flatMap((field, place) => (asked.some((each) => isUnder(field.pointer, each)) ? [place] : []));
  const shown = new Set(places);
  return {
    format: DISCLOSURE_FORMAT,
    version: DISCLOSURE_VERSION,
    fields: all.filter((_, place) => shown.has(place)).map((field) => salted(field, salt)),
    hidden: all.filter((_, place) => !shown.has(place)).map((field) => field.pointer),
    proof: [...openTree(treeOf(all, salt), places)],
  };
}

/**
 * Reads a disclosure that anybody may have made. @returns undefined if the memo does not commit to it.
 * @throws RemittanceError `invalid_field` or `invalid_disclosure` if it is none.
 */
export function verifyDisclosure(disclosure: unknown, memo: string): DisclosedFields | undefined {
  const result = disclosureSchema.safeParse(disclosure);
  if (!result.success) throw readIssue(result.error);
  const { fields, hidden, proof } = result.data;
  const pointers = [...fields.map((field) => field.pointer), ...hidden].sort();
  requireOutline(pointers, new Set(fields.map((field) => field.pointer)));
  const placeOf = new Map(pointers.map((each, place) => [each, place]));
  const leaves = new Map(fields.map((field) => [placeOf.get(field.pointer) ?? -1, leafHash(field)]));
  const root = rootOf(pointers.length, leaves, proof);
  if (root === undefined || memoOf(pointers, root) !== memo.toLowerCase()) return undefined;
  return { fields: new Map(fields.map((field) => [field.pointer, field.value])), hidden };
}

/** No field stands twice, none is inside another, and what the document is, is shown. */
function requireOutline(pointers: readonly string[], shown: ReadonlySet<string>): void {
  const all = new Set(pointers);
  if (all.size !== pointers.length) throw new RemittanceError("invalid_disclosure", "", "each field once");
  for (const each of pointers) {
    for (let end = each.lastIndexOf("/"); end > 0; end = each.lastIndexOf("/", end - 1)) {
      if (all.has(each.slice(0, end))) throw new RemittanceError("invalid_disclosure", each, "no field inside a field");
    }
  }
  for (const each of ALWAYS) {
    if (!shown.has(each)) throw new RemittanceError("invalid_disclosure", each, "a field that is shown");
  }
}

function salted(field: Omit<SaltedField, "salt">, salt: string): SaltedField {
  return { ...field, salt: fieldSalt(salt, field.pointer) };
}

function isUnder(field: string, pointer: string): boolean {
  return field === pointer || field.startsWith(`${pointer}/`);
}
