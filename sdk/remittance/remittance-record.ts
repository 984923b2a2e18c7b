import { z } from "zod";

import { isEqual, parseDecimal, productOf, sumOf } from "./decimal.ts";
import { amount, country, date, hash, listOf, matching, oneOf, rate, text } from "./field-shapes.ts";
import { legalPerson, party } from "./person.ts";
import { PURPOSE_CODES } from "./purpose-codes.ts";
import { RemittanceError } from "./remittance-error.ts";

export const RECORD_FORMAT = "corridor-remittance";
export const RECORD_VERSION = "1";

const PURPOSE = "a code of ISO 20022's ExternalPurpose1Code, such as GDDS";

const goodsLine = z.strictObject(
  {
    description: text(256),
    /** Harmonized System, 6 digits and up to 4 national ones. */
    commodityCode: matching(/^\d{6,10}$/, "6 to 10 digits of the Harmonized System").optional(),
    originCountry: country.optional(),
    quantity: amount,
    /** UN/ECE Recommendation 20: `C62` one piece, `KGM` a kilogram. */
    unit: matching(/^[A-Z0-9]{2,3}$/, "a unit by UN/ECE Recommendation 20, such as C62"),
    netWeightKg: amount.optional(),
    unitPrice: amount,
    amount,
    taxRate: rate.optional(),
  },
  "goods",
);

const tax = z.strictObject(
  { kind: oneOf(["VAT", "GST", "SALES", "EXCISE", "CUSTOMS", "OTHER"]), rate, base: amount, amount },
  "a tax",
);

/** What a payment is for, whole. Every leaf is a string: nothing depends on how a language writes numbers. */
export const recordSchema = z.strictObject(
  {
    format: z.literal(RECORD_FORMAT, RECORD_FORMAT),
    version: z.literal(RECORD_VERSION, RECORD_VERSION),
    /** The invoice's number. */
    reference: text(35),
    issuedOn: date,
    dueOn: date.optional(),
    /** Unique end-to-end transaction reference, a UUID of version 4. */
    uetr: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, "a UUID of version 4"),
    purpose: z.string(PURPOSE).refine((code) => PURPOSE_CODES.includes(code), PURPOSE),
    currency: matching(/^[A-Z]{3}$/, "a currency by ISO 4217, such as EUR"),
    payer: party,
    payee: party,
    goods: listOf(goodsLine, 100),
    taxes: listOf(tax, 20).optional(),
    totals: z.strictObject({ net: amount, tax: amount, gross: amount }, "net, tax and gross"),
    /** Of the travel rule: who moves the money for payer and payee, if anybody does. */
    travelRule: z
      .strictObject({ originatingVasp: legalPerson.optional(), beneficiaryVasp: legalPerson.optional() }, "an object")
      .refine((value) => value.originatingVasp !== undefined || value.beneficiaryVasp !== undefined, "one of the two")
      .optional(),
    references: listOf(
      z.strictObject(
        {
          kind: oneOf([
            ...(["purchase_order", "contract", "delivery_note", "transport_document"] as const),
            ...(["customs_declaration", "export_licence", "other"] as const),
          ]),
          value: text(70),
        },
        "a kind and a value",
      ),
      50,
    ).optional(),
    note: text(500).optional(),
    /** The memo of the version that this one corrects, and why. */
    corrects: z.strictObject({ memo: hash, reason: text(140) }, "a memo and a reason").optional(),
  },
  "a remittance record",
);

export type RemittanceRecord = z.output<typeof recordSchema>;

/** Reads what anybody may have written. @throws RemittanceError */
export function parseRecord(value: unknown): RemittanceRecord {
  const result = recordSchema.safeParse(value);
  if (!result.success) throw readIssue(result.error);
  requireSums(result.data);
  return result.data;
}

/** What a schema finds wrong first, without the value. */
export function readIssue({ issues: [issue] }: z.ZodError): RemittanceError {
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...unknown].map((part) => `/${escapePointer(String(part))}`).join("");
  const expected = unknown.length > 0 ? "no such member" : (issue?.message ?? "another value");
  return new RemittanceError("invalid_field", path, expected);
}

/** A member's name as it stands in a JSON pointer (RFC 6901). */
export function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function requireSums({ goods, taxes = [], totals }: RemittanceRecord): void {
  for (const [index, line] of goods.entries()) {
    const stated = parseDecimal(line.amount);
    const product = productOf(parseDecimal(line.quantity), parseDecimal(line.unitPrice), stated.places);
    if (isEqual(stated, product)) continue;
    throw new RemittanceError("wrong_sum", `/goods/${index}/amount`, "quantity times unitPrice, rounded half up");
  }
  const [net, tax] = [parseDecimal(totals.net), parseDecimal(totals.tax)];
  if (!isEqual(net, sumOf(goods.map((line) => parseDecimal(line.amount))))) {
    throw new RemittanceError("wrong_sum", "/totals/net", "the sum of the goods' amounts");
  }
  if (!isEqual(tax, sumOf(taxes.map((each) => parseDecimal(each.amount))))) {
    throw new RemittanceError("wrong_sum", "/totals/tax", "the sum of the taxes' amounts");
  }
  if (!isEqual(parseDecimal(totals.gross), sumOf([net, tax]))) {
    throw new RemittanceError("wrong_sum", "/totals/gross", "net plus tax");
  }
}
