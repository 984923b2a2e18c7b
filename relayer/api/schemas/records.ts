import { z } from "zod";

import { disclose, disclosureSchema } from "../../../sdk/remittance/disclosure.ts";
import { recordSchema } from "../../../sdk/remittance/remittance-record.ts";
import { RECORD_ACTIONS } from "../../store/record-audit.ts";
import { MAX_PAGE } from "../read.ts";
import { MAX_POINTERS } from "../record-bodies.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref, taken } from "./json-schema.ts";
import { listed, page } from "./list.ts";
import { FIELD, json, jsonBody, type Operation, PARAMETER } from "./operation.ts";
import { EXAMPLE_RECORD } from "./record-example.ts";
import { ADDRESS, HASH, PAYMENT_ID, RFC3339, UUID } from "./values.ts";

const EXAMPLE_SALT = `0x${"5a".repeat(32)}`;

/** What the SDK reads, as far as JSON Schema can say it. */
function schemaOf(schema: z.ZodType, example: unknown, description: string): JsonSchema {
  const members = Object.entries(z.toJSONSchema(schema, { io: "input" })).filter(([name]) => name !== "$schema");
  return { ...Object.fromEntries(members), description, examples: [example] };
}

const SALT = {
  ...{ type: "string", pattern: "^0x[0-9a-f]{64}$", examples: [EXAMPLE_SALT] },
  description: "32 random bytes in hex, of this record only; whoever has it and the record can verify the memo.",
};
const POINTER = {
  ...{ type: "string", pattern: "^(/([^~/]|~[01])*)+$", maxLength: 200, examples: ["/goods/0/description"] },
  description: "A JSON pointer (RFC 6901) to a field, or to an object with all fields in it.",
};
const VERSION = { type: "integer", minimum: 1, maximum: 10_000, examples: [1] };
const ENTRY_ID = { type: "string", pattern: "^[1-9][0-9]{0,17}$", examples: ["42"] };
const record = {
  id: UUID,
  merchant: ADDRESS,
  memo: described(HASH, "Of the first version: what payers sign and the chain has."),
  requestId: nullable(UUID),
  versions: listOf(answered({ version: VERSION, memo: HASH, createdAt: RFC3339 })),
  createdAt: RFC3339,
  erasedAt: described(nullable(RFC3339), "Since when nobody can read it here; null: it can be read."),
};
const merchant = described(ADDRESS, "By a merchant's key it is she; the operator says who.");
const NO_STORE = { "Cache-Control": { type: "string", enum: ["no-store"] } };

export const RECORD_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  RemittanceRecord: schemaOf(recordSchema, EXAMPLE_RECORD, "What a payment is for: docs/records.md."),
  Disclosure: schemaOf(
    disclosureSchema,
    disclose(EXAMPLE_RECORD, EXAMPLE_SALT, ["/goods/0/description", "/goods/0/quantity"]),
    "Some fields of a record, each with its salt, where the hidden ones stand, and the proof.",
  ),
  Record: answered(record),
  RecordList: listed("records", ref("Record"), UUID),
  OpenRecord: answered({
    ...record,
    contents: listOf(answered({ version: VERSION, memo: HASH, record: ref("RemittanceRecord"), salt: SALT })),
  }),
  RecordExport: listed("records", ref("OpenRecord"), UUID),
  RecordAuditEntry: answered({
    id: ENTRY_ID,
    action: oneOf(RECORD_ACTIONS),
    actor: described(
      { type: "string", examples: ["3f9c0a7be1d24c58"] },
      "A key's or a session's id, `operator`, or the party of the payment who signed: `payer` or `payee`.",
    ),
    pointers: described({ type: ["array", "null"], items: POINTER }, "Of a disclosure: which fields were asked for."),
    at: RFC3339,
  }),
  RecordAuditList: listed("entries", ref("RecordAuditEntry"), ENTRY_ID),
};

const KEPT = { 201: json("Kept.", ref("Record")), 200: json("It is known already.", ref("Record")) };

export const RECORD_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/records", id: "storeRecord", tag: "records", access: "records:write" },
    summary: "Keep a remittance record",
    description:
      "It is kept encrypted. Its memo is made here as the SDK makes it; a payment request that is named must have the same. The " +
      "same record again is found by its memo.",
    body: jsonBody(taken({ record: ref("RemittanceRecord"), salt: SALT }, { merchant, request: UUID })),
    answers: KEPT,
    problems: [...FIELD, "record_mismatch", "record_erased", "record_key_missing"],
  },
  {
    ...{ method: "get", path: "/v1/records", id: "listRecords", tag: "records", access: "records:read" },
    summary: "List records without what they say, the newest first",
    query: { merchant: ADDRESS, request: UUID, memo: HASH, ...page(UUID) },
    answers: { 200: json("A page.", ref("RecordList")) },
    problems: PARAMETER,
  },
  {
    ...{ method: "get", path: "/v1/records/:id", id: "readRecord", tag: "records", access: "records:read" },
    summary: "Read a record, all versions of it",
    params: { id: UUID },
    answers: { 200: json("The record.", ref("OpenRecord"), NO_STORE) },
    problems: ["invalid_field", "not_found", "record_erased", "record_key_missing"],
  },
  {
    ...{ method: "post", path: "/v1/records/:id/corrections", id: "correctRecord", tag: "records" },
    access: "records:write",
    summary: "Correct a record by a later version",
    description: "It names the memo of the latest version in `corrects`. The chain's memo stays that of the first.",
    params: { id: UUID },
    body: jsonBody(taken({ record: ref("RemittanceRecord"), salt: SALT })),
    answers: KEPT,
    problems: [...FIELD, "not_found", "record_superseded", "record_erased", "record_key_missing"],
  },
  {
    ...{ method: "delete", path: "/v1/records/:id", id: "eraseRecord", tag: "records", access: "records:write" },
    summary: "Erase what a record says, for good",
    description: "The key that opens it is destroyed. Its memos stay, and the payment does.",
    params: { id: UUID },
    answers: { 200: json("What is left.", ref("Record")) },
    problems: ["invalid_field", "not_found"],
  },
  {
    ...{ method: "post", path: "/v1/records/:id/disclosures", id: "discloseRecord", tag: "records" },
    access: "records:read",
    summary: "Show some fields of a record, with their proof",
    params: { id: UUID },
    body: jsonBody(
      taken(
        { pointers: listOf(POINTER, { minItems: 1, maxItems: MAX_POINTERS }) },
        { version: described({ ...VERSION, default: 1 }, "By default the first, whose memo the chain has.") },
      ),
    ),
    answers: { 200: json("The disclosure.", ref("Disclosure"), NO_STORE) },
    problems: ["invalid_field", "not_found", "record_erased", "record_key_missing"],
  },
  {
    ...{ method: "post", path: "/v1/records/export", id: "exportRecords", tag: "records", access: "records:read" },
    summary: "Export whole records, all of them or those about somebody",
    description: "A page may be empty and have a `next` all the same. What is erased is left out.",
    body: jsonBody(
      taken(
        {},
        {
          merchant,
          subject: {
            ...{ type: "string", minLength: 2, maxLength: 200, examples: ["Nakamura"] },
            description: "Stands in what a record says of its parties, whatever the case.",
          },
          cursor: described(UUID, "`next` of the page before."),
          limit: { type: "integer", minimum: 1, maximum: MAX_PAGE, default: 50, examples: [20] },
        },
      ),
      false,
    ),
    answers: { 200: json("A page.", ref("RecordExport"), NO_STORE) },
    problems: [...PARAMETER, "record_key_missing"],
  },
  {
    ...{ method: "get", path: "/v1/records/:id/audit", id: "auditRecord", tag: "records", access: "records:read" },
    summary: "List who did what with a record, the newest first",
    params: { id: UUID },
    query: page(ENTRY_ID),
    answers: { 200: json("A page.", ref("RecordAuditList")) },
    problems: ["invalid_field", "not_found"],
  },
  {
    ...{ method: "post", path: "/v1/payments/:id/record/read", id: "readPaymentRecord", tag: "records" },
    access: "open",
    summary: "Read the record behind a payment as its payer or payee, by signature",
    params: { id: PAYMENT_ID },
    body: jsonBody(ref("DocumentAccess")),
    answers: { 200: json("The record.", ref("OpenRecord"), NO_STORE) },
    problems: [...FIELD, "not_found", "not_party", "expired", "bad_signature", "record_erased", "record_key_missing"],
  },
];
