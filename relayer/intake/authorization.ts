import { getAddress, isHexString, ZeroAddress } from "ethers";
import { z } from "zod";

import { MAX_AMOUNT, MAX_DEADLINE, MAX_NONCE } from "../../sdk/typed-data.ts";

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

const address = z.string("an address in hex").transform((text, context) => {
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

function integer(code: FieldCode, minimum: bigint, maximum: bigint) {
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

const hex = (bytes: number) => {
  const expected = `0x and ${bytes * 2} hex digits`;
  return z.string(expected).refine((text) => isHexString(text, bytes), expected);
};

const signature = z
  .string("0x and 128 or 130 hex digits")
  .refine((text) => isHexString(text, 64) || isHexString(text, 65), "0x and 128 or 130 hex digits");

const schema = z.strictObject(
  {
    payment: z.strictObject(
      {
        payer: address.refine((payer) => payer !== ZeroAddress, "an address other than zero"),
        payee: address,
        token: address,
        amount: integer("amount_out_of_range", 1n, MAX_AMOUNT),
        nonce: integer("invalid_field", 0n, MAX_NONCE),
        deadline: integer("invalid_field", 0n, MAX_DEADLINE),
        memo: hex(32).transform((text) => text.toLowerCase()),
      },
      "an object",
    ),
    signature,
  },
  "a JSON object",
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
  const issue = result.error.issues[0];
  if (issue === undefined)
    return { ok: false, problem: { code: "invalid_field", field: "", expected: "a signed payment" } };
  const unknownKey = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const field = [...issue.path, ...(unknownKey === undefined ? [] : [unknownKey])].join(".");
  const problem = issue.code === "custom" ? (issue.params as { problem?: FieldCode } | undefined)?.problem : undefined;
  return {
    ok: false,
    problem: {
      code: problem ?? "invalid_field",
      field,
      expected: unknownKey === undefined ? issue.message : "no such field",
    },
  };
}
