import { getAddress, isHexString, ZeroAddress } from "ethers";
import { z } from "zod";

import { splitNonce } from "../../sdk/device-nonce.ts";
import { type FxHoldTerms, type FxTerms, REFUND_RULES } from "../../sdk/fx.ts";
import { BPS, type HoldTerms, MAX_SPLITS } from "../../sdk/hold.ts";
import { FUNDINGS } from "../../sdk/payment.ts";
import { MAX_AMOUNT, MAX_DEADLINE, MAX_NONCE, MAX_UINT64 } from "../../sdk/typed-data.ts";

/** Codes of what a body can have wrong before anything is looked up. */
export type FieldCode = "invalid_field" | "bad_checksum" | "amount_out_of_range";

export interface FieldProblem {
  readonly code: FieldCode;
  readonly field: string;
  readonly expected: string;
}

function expecting(
  code: FieldCode,
  expected: string,
): { code: "custom"; message: string; params: { problem: FieldCode } } {
  return { code: "custom", message: expected, params: { problem: code } };
}

export const address = z.string("an address in hex").transform((text, context) => {
  if (!isHexString(text, 20)) {
    context.addIssue(expecting("invalid_field", "an address: 0x and 40 hex digits"));
    return z.NEVER;
  }
  try {
    return getAddress(text);
  } catch {
    context.addIssue(expecting("bad_checksum", "an address with a valid EIP-55 checksum, or all small letters"));
    return z.NEVER;
  }
});

const DECIMAL = "a whole number as a decimal string";

export function integer(code: FieldCode, minimum: bigint, maximum: bigint) {
  const expected = `${DECIMAL}, from ${minimum} to ${maximum}`;
  return z.string(expected).transform((text, context) => {
    // No number of 80 digits is in range; refusing it here bounds the work on what a stranger sent.
    if (!/^(0|[1-9]\d{0,78})$/.test(text)) {
      context.addIssue(expecting("invalid_field", expected));
      return z.NEVER;
    }
    const value = BigInt(text);
    if (value < minimum || value > maximum) {
      context.addIssue(expecting(code, expected));
      return z.NEVER;
    }
    return value;
  });
}

export const hex = (bytes: number) => {
  const expected = `0x and ${bytes * 2} hex digits`;
  return z.string(expected).refine((text) => isHexString(text, bytes), expected);
};

/** Of any kind; what it is shows in its bytes. */
export const MAX_SIGNATURE_BYTES = 4_096;
const SIGNATURE = `0x and from 1 to ${MAX_SIGNATURE_BYTES} bytes in hex`;
const SIGNATURE_FORM = new RegExp(`^0x(?:[0-9a-fA-F]{2}){1,${MAX_SIGNATURE_BYTES}}$`);

export const signature = z
  .string(SIGNATURE)
  .refine((text) => text.length <= 2 + 2 * MAX_SIGNATURE_BYTES && SIGNATURE_FORM.test(text), SIGNATURE)
  .transform((text) => text.toLowerCase());

const bps = z.int(`a whole number from 0 to ${BPS}`).min(0).max(BPS, `at most ${BPS}`);
const time = integer("invalid_field", 0n, MAX_DEADLINE);
const memo = hex(32).transform((text) => text.toLowerCase());

/** `HoldTerms` without the payee, as a client writes them. */
export const termsShape = {
  splits: z
    .array(z.strictObject({ recipient: address, shareBps: bps }, "a recipient and her share"), "an array of splits")
    .max(MAX_SPLITS, `at most ${MAX_SPLITS} splits`),
  captureDeadline: time,
  refundDeadline: time,
  arbiter: address,
  rulingPeriod: time,
  defaultPayerBps: bps,
};

const holdTerms: z.ZodType<HoldTerms> = z.strictObject({ payee: address, ...termsShape, memo }, "an object");

const exchanged = {
  settleToken: address,
  settleAmount: integer("amount_out_of_range", 1n, MAX_AMOUNT),
  quote: hex(32).transform((text) => text.toLowerCase()),
};

const fxTerms: z.ZodType<FxTerms> = z.strictObject({ payee: address, ...exchanged, memo }, "an object");

const fxHoldTerms: z.ZodType<FxHoldTerms> = z.strictObject(
  {
    ...exchanged,
    refundRule: z.enum(REFUND_RULES, `one of ${REFUND_RULES.join(", ")}`),
    refundDeadline: time,
    hold: holdTerms,
  },
  "an object",
);

/** Terms of whichever kind they are by their members. */
const terms = z.record(z.string(), z.unknown(), "an object").transform((value, context) => {
  const schema = "hold" in value ? fxHoldTerms : "quote" in value ? fxTerms : holdTerms;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const { code, field, expected } = problemOf(issue);
    context.addIssue({ ...expecting(code, expected), path: field === "" ? [] : field.split(".") });
  }
  return z.NEVER;
});

const wellFormed = z.strictObject(
  {
    payment: z
      .strictObject(
        {
          payer: address.refine((payer) => payer !== ZeroAddress, "an address other than zero"),
          payee: address,
          token: address,
          amount: integer("amount_out_of_range", 1n, MAX_AMOUNT),
          nonce: integer("invalid_field", 0n, MAX_UINT64),
          deadline: time,
          memo: memo.optional(),
          terms: terms.optional(),
        },
        "an object",
      )
      .refine((payment) => (payment.memo === undefined) !== (payment.terms === undefined), {
        message: "a memo, or the terms of a hold or an exchange in its place",
        path: ["memo"],
      }),
    signature,
    /** Where the money comes from. */
    funding: z.enum(FUNDINGS, `one of ${FUNDINGS.join(", ")}`).default("account"),
    /** The payment request that this pays. */
    request: z.uuid("a payment request's id").optional(),
  },
  "a JSON object",
);

const schema = wellFormed.refine(
  ({ payment, funding }) => funding !== "account" || splitNonce(payment.nonce).sequence <= MAX_NONCE,
  { message: `a top byte that says who signs, and a number up to ${MAX_NONCE}`, path: ["payment", "nonce"] },
);

/** A signed payment as it came in, well formed but not checked against anything. */
export type Authorization = z.output<typeof schema>;

/** Reads a request's body. Never throws. */
export function parseAuthorization(
  body: unknown,
):
  | { readonly ok: true; readonly authorization: Authorization }
  | { readonly ok: false; readonly problem: FieldProblem } {
  const result = schema.safeParse(body);
  if (result.success) return { ok: true, authorization: result.data };
  return { ok: false, problem: readProblem(result.error, "a signed payment") };
}

/** The first thing that is wrong with a body. @param whole What the body should have been. */
export function readProblem(error: z.ZodError, whole: string): FieldProblem {
  const issue = error.issues[0];
  return issue === undefined ? { code: "invalid_field", field: "", expected: whole } : problemOf(issue);
}

function problemOf(issue: z.core.$ZodIssue): FieldProblem {
  const unknownKey = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const field = [...issue.path, ...(unknownKey === undefined ? [] : [unknownKey])].join(".");
  const problem = issue.code === "custom" ? (issue.params as { problem?: FieldCode } | undefined)?.problem : undefined;
  return {
    code: problem ?? "invalid_field",
    field,
    expected: unknownKey === undefined ? issue.message : "no such field",
  };
}
