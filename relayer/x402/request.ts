import { createHash } from "node:crypto";

import { z } from "zod";

import { address, type FieldProblem, integer, readProblem } from "../intake/authorization.ts";
import type { X402Identifier } from "../store/x402.ts";

export const X402_VERSION = 2;
export const PAYMENT_IDENTIFIER = "payment-identifier";

export const MAX_UINT256 = 2n ** 256n - 1n;

const text = (what: string) => z.string(what).min(1, what);
const object = z.record(z.string(), z.unknown(), "an object");

const requirements = z.looseObject(
  {
    scheme: text("a scheme"),
    network: text("a network by CAIP-2"),
    asset: address,
    amount: integer("amount_out_of_range", 1n, MAX_UINT256),
    payTo: address,
    maxTimeoutSeconds: z.number("a number of seconds"),
    extra: object.nullish(),
  },
  "an object",
);

/** By the extension's specification: 16 to 128 letters, digits, hyphens and underscores. */
const identifier = z
  .string("a text")
  .regex(/^[A-Za-z0-9_-]{16,128}$/, "16 to 128 letters, digits, hyphens and underscores");

const extension = z.looseObject(
  {
    info: z
      .looseObject({ required: z.boolean("true or false").optional(), id: identifier.optional() }, "an object")
      .refine(({ required, id }) => required !== true || id !== undefined, {
        message: "an id, as the server requires one",
        path: ["id"],
      }),
  },
  "an object",
);

const schema = z.looseObject(
  {
    x402Version: z.literal(X402_VERSION),
    paymentPayload: z.looseObject(
      {
        x402Version: z.literal(X402_VERSION, "2").optional(),
        accepted: z.looseObject({ scheme: text("a scheme"), network: text("a network by CAIP-2") }, "an object"),
        payload: object,
        extensions: z.looseObject({ [PAYMENT_IDENTIFIER]: extension.optional() }, "an object").nullish(),
      },
      "an object",
    ),
    paymentRequirements: requirements,
  },
  "a JSON object",
);

/** What a resource server asks about: a payload, and what it must pay. */
export interface X402Request {
  readonly requirements: z.output<typeof requirements>;
  /** The scheme and network that the payer chose. */
  readonly accepted: { readonly scheme: string; readonly network: string };
  /** What the scheme makes of it, as the payer sent it. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** The extension payment-identifier's id, and the hash of the whole payload. */
  readonly identifier: X402Identifier | undefined;
}

export type ReadRequest =
  | { readonly kind: "request"; readonly request: X402Request }
  | { readonly kind: "other_version" }
  | { readonly kind: "problem"; readonly problem: FieldProblem };

/** Reads a body of `/verify` and `/settle`. Never throws. */
export function readX402Request(body: unknown): ReadRequest {
  if (isOtherVersion(body)) return { kind: "other_version" };
  const parsed = schema.safeParse(body);
  if (!parsed.success) return { kind: "problem", problem: readProblem(parsed.error, "an x402 payment") };
  const { paymentPayload, paymentRequirements } = parsed.data;
  const id = paymentPayload.extensions?.[PAYMENT_IDENTIFIER]?.info.id;
  const request = {
    requirements: paymentRequirements,
    accepted: paymentPayload.accepted,
    payload: paymentPayload.payload,
    identifier: id === undefined ? undefined : { identifier: id, fingerprint: fingerprintOf(body) },
  };
  return { kind: "request", request };
}

function isOtherVersion(body: unknown): boolean {
  if (typeof body !== "object" || body === null || !("x402Version" in body)) return false;
  return typeof body.x402Version === "number" && body.x402Version !== X402_VERSION;
}

/** Equal for equal payloads, in whichever order their members stand. */
function fingerprintOf(body: unknown): string {
  const payload = typeof body === "object" && body !== null && "paymentPayload" in body ? body.paymentPayload : null;
  return createHash("sha256")
    .update(JSON.stringify(sorted(payload)))
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]): [string, unknown] => [key, sorted(member)]);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
