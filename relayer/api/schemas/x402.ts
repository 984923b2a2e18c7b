import { PAYMENT_IDENTIFIER, X402_VERSION } from "../../x402/request.ts";
import { TITLE } from "../problem.ts";
import { answered, described, type JsonSchema, listOf, nullable, ref } from "./json-schema.ts";
import { FIELD, json, jsonBody, type Operation } from "./operation.ts";
import { PROBLEM } from "./problem.ts";
import { ADDRESS, WIDE_AMOUNT } from "./values.ts";

/** x402's bodies may have members that are not read here. */
function open(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: true,
  };
}

/** An answer some of whose members come only where they apply. */
function answeredWith(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  return { ...answered({ ...properties, ...optional }), required: Object.keys(properties) };
}

const scheme = { type: "string", minLength: 1, examples: ["exact"] };
const network = { type: "string", minLength: 1, examples: ["eip155:31337"], description: "By CAIP-2." };
const version = { type: "integer", enum: [X402_VERSION] };
const reason = { type: "string", examples: ["permit2_deadline_expired"], description: "In the words of `@x402/evm`." };
const text = { type: "string", examples: ["payee: expected 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"] };
const transaction = {
  type: "string",
  pattern: "^(0x[0-9a-f]{64})?$",
  examples: ["0x9c22ff5f21f0b81b113e63f7db6da94fedef11b2119b4088b89664fb9a3cb658"],
  description: "Its hash; empty if none pays.",
};

const domain = { name: "Test Dollar", version: "1", assetTransferMethod: "eip3009" };
const authorization = {
  from: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
  to: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  value: "12340000",
  validAfter: "0",
  validBefore: "4102444800",
  nonce: "0x9c22ff5f21f0b81b113e63f7db6da94fedef11b2119b4088b89664fb9a3cb658",
};
const payload = {
  type: "object",
  additionalProperties: true,
  examples: [{ signature: `0x${"5b".repeat(64)}1b`, authorization }],
  description:
    "`signature` and `authorization` (ERC-3009: from, to, value, validAfter, validBefore, nonce), or `permit2Authorization` (from, " +
    "permitted {token, amount}, spender, nonce, deadline, witness {to, validAfter}). Another one is `invalid_payload`.",
};

const identifier = {
  type: "string",
  pattern: "^[A-Za-z0-9_\\-]{16,128}$",
  examples: ["order-2026-11-28-0001"],
  description: "The client's name for the payload.",
};
const isRequired = { type: "boolean", examples: [false] };
const info = {
  anyOf: [
    open({ id: identifier }, { required: isRequired }),
    open({}, { required: { enum: [false] }, id: identifier }),
  ],
};
const extensions = nullable(open({}, { [PAYMENT_IDENTIFIER]: open({ info }) }));

const conflict = (members: Readonly<Record<string, JsonSchema>>): JsonSchema => {
  const { type, title, detail, field, expected } = PROBLEM.properties as Readonly<Record<string, JsonSchema>>;
  const example = (schema: JsonSchema | undefined, value: string) => ({ ...schema, examples: [value] });
  return answered({
    type: example(type, "urn:corridor:problem:payment_identifier_reused"),
    title: example(title, TITLE.payment_identifier_reused),
    status: { type: "integer", enum: [409] },
    code: { type: "string", enum: ["payment_identifier_reused"] },
    detail: example(detail, TITLE.payment_identifier_reused),
    field: example(field, "paymentPayload.extensions.payment-identifier.info.id"),
    expected: example(expected, "the first one's payload"),
    ...members,
  });
};
const conflictReason = { type: "string", enum: ["payment_identifier_conflict"] };
const no = { type: "boolean", enum: [false] };

export const X402_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  X402Requirements: open(
    {
      scheme,
      network,
      asset: ADDRESS,
      amount: { ...WIDE_AMOUNT, pattern: "^[1-9][0-9]{0,77}$" },
      payTo: ADDRESS,
      maxTimeoutSeconds: { type: "number", examples: [300] },
    },
    {
      extra: nullable({
        type: "object",
        additionalProperties: true,
        examples: [domain],
        description: "By ERC-3009 the token's EIP-712 `name` and `version`; `assetTransferMethod`.",
      }),
    },
  ),
  X402Payload: open(
    {
      accepted: described(open({ scheme, network }), "The requirements that the payer chose."),
      payload,
    },
    { x402Version: version, extensions },
  ),
  X402Payment: {
    anyOf: [
      open({ x402Version: version, paymentPayload: ref("X402Payload"), paymentRequirements: ref("X402Requirements") }),
      described(
        open({ x402Version: { type: "number", not: { enum: [X402_VERSION] }, examples: [1] } }),
        "Another version: `invalid_x402_version`.",
      ),
    ],
  },
  X402Verification: answeredWith(
    { isValid: { type: "boolean", examples: [false] } },
    { invalidReason: reason, invalidMessage: text, payer: ADDRESS },
  ),
  X402Settlement: answeredWith(
    { success: { type: "boolean", examples: [false] }, transaction, network },
    {
      payer: ADDRESS,
      amount: WIDE_AMOUNT,
      errorReason: described(reason, "As `invalidReason`; `settlement_pending`: settle the same payload again."),
      errorMessage: text,
    },
  ),
  X402Support: answered({
    kinds: listOf(answered({ x402Version: version, scheme, network })),
    extensions: listOf({ type: "string", examples: [PAYMENT_IDENTIFIER] }),
    signers: {
      type: "object",
      additionalProperties: listOf(ADDRESS),
      examples: [{ "eip155:*": ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"] }],
      description: "Who sends transactions.",
    },
  }),
  X402VerificationConflict: conflict({ isValid: no, invalidReason: conflictReason }),
  X402SettlementConflict: conflict({
    success: no,
    transaction: { type: "string", enum: [""] },
    network,
    errorReason: conflictReason,
  }),
};

const CONFLICT = `\`payment_identifier_reused\`: ${TITLE.payment_identifier_reused}.`;
const common = { tag: "x402", access: "open" } as const;

export const X402_OPERATIONS: readonly Operation[] = [
  {
    ...{ ...common, method: "get", path: "/x402/supported", id: "getX402Support" },
    summary: "What this facilitator serves",
    answers: { 200: json("Schemes and networks.", ref("X402Support")) },
    problems: [],
  },
  {
    ...{ ...common, method: "post", path: "/x402/verify", id: "verifyX402" },
    summary: "Ask whether an x402 payment would settle",
    description: "What the payer has wrong is answered by 200 and a reason.",
    body: jsonBody(ref("X402Payment")),
    answers: {
      200: json("Whether it would, or why not.", ref("X402Verification")),
      409: { description: CONFLICT, content: { "application/problem+json": ref("X402VerificationConflict") } },
    },
    problems: FIELD,
  },
  {
    ...{ ...common, method: "post", path: "/x402/settle", id: "settleX402" },
    summary: "Settle an x402 payment",
    description:
      "Waits for the chain's word, up to a limit. The payment's terms are its idempotency key: whoever sends the same payload " +
      "again gets the first one's record.",
    body: jsonBody(ref("X402Payment")),
    answers: {
      200: json("Settled, pending, or why not.", ref("X402Settlement")),
      409: { description: CONFLICT, content: { "application/problem+json": ref("X402SettlementConflict") } },
    },
    problems: FIELD,
  },
];
