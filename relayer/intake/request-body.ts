import { z } from "zod";

import { MAX_AMOUNT, MAX_DEADLINE } from "../../sdk/typed-data.ts";
import { COUNTRY, isCountry } from "../../sdk/countries.ts";
import { isPlainText } from "../../sdk/plain-text.ts";
import { address, type FieldProblem, hex, integer, readProblem, termsShape } from "./authorization.ts";

const TITLE = "1 to 200 characters, none of them a control character or one that changes the direction of text";

const common = {
  merchant: address,
  token: address,
  amount: integer("amount_out_of_range", 1n, MAX_AMOUNT),
  memo: hex(32).transform((text) => text.toLowerCase()),
  expiresAt: integer("invalid_field", 0n, MAX_DEADLINE),
  title: z
    .string(TITLE)
    .refine((text) => isPlainText(text, 200), TITLE)
    .nullable()
    .default(null),
  payerCountry: z.string(COUNTRY).refine(isCountry, COUNTRY).nullable().default(null),
  reusable: z.boolean("true or false").default(false),
};

const schema = z.discriminatedUnion(
  "capture",
  [
    z.strictObject({ ...common, capture: z.literal("automatic") }, "a JSON object"),
    z.strictObject(
      { ...common, capture: z.literal("manual"), hold: z.strictObject(termsShape, "the terms of the hold") },
      "a JSON object",
    ),
  ],
  "automatic or manual",
);

/** What a merchant asks for, well formed but not checked against anything. */
export type RequestBody = z.output<typeof schema>;

/** Reads a request's body. Never throws. */
export function parseRequestBody(
  body: unknown,
): { readonly ok: true; readonly request: RequestBody } | { readonly ok: false; readonly problem: FieldProblem } {
  const result = schema.safeParse(body);
  if (result.success) return { ok: true, request: result.data };
  return { ok: false, problem: readProblem(result.error, "a payment request") };
}
