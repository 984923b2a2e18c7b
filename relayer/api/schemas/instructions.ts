import { AUTHORIZATIONS } from "../../../sdk/gateway-typed-data.ts";
import { INSTRUCTION_KINDS, type InstructionKind, MAX_DEVICE_PAYEES } from "../../../sdk/instructions.ts";
import { PAYMENT_STATES } from "../../../sdk/payment.ts";
import { INSTRUCTION_REFUSAL_CODES } from "../../intake/check-instruction.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref, taken } from "./json-schema.ts";
import { listed, page } from "./list.ts";
import { FIELD, json, jsonBody, LOCATION, type Operation, PARAMETER } from "./operation.ts";
import {
  ADDRESS,
  AMOUNT,
  BLOCK_NUMBER,
  CODE,
  DEVICE_INDEX,
  FLAG,
  HASH,
  NONCE,
  POSITIVE_AMOUNT,
  RFC3339,
  SHARE,
  SIGNATURE,
  TIME,
  TRANSACTION,
  WIDE_AMOUNT,
} from "./values.ts";

const common = { token: ADDRESS, nonce: NONCE, deadline: TIME, signature: SIGNATURE };
const limit = described(AMOUNT, "Smallest units, below 2^112.");

interface Described {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly body: JsonSchema;
}

const KINDS: Readonly<Record<InstructionKind, Described>> = {
  withdrawal: {
    ...{ path: "/v1/withdrawals", operationId: "withdraw", summary: "Take money out of an account" },
    body: taken({ ...common, owner: ADDRESS, to: ADDRESS, amount: POSITIVE_AMOUNT, maxFee: AMOUNT }),
  },
  cancellation: {
    ...{ path: "/v1/cancellations", operationId: "cancelNonce", summary: "Use a nonce up" },
    body: taken({ ...common, owner: ADDRESS }),
  },
  agreement: {
    ...{ path: "/v1/agreements", operationId: "agree", summary: "Agree to an operator's fee" },
    body: taken({ ...common, payee: ADDRESS, operator: ADDRESS, feeBps: SHARE, flatFee: AMOUNT }),
  },
  approval: {
    ...{ path: "/v1/approvals", operationId: "approve", summary: "Let somebody move money out of an account" },
    body: taken({ ...common, owner: ADDRESS, spender: ADDRESS, amount: described(WIDE_AMOUNT, "Below 2^256.") }),
  },
  "device-binding": {
    ...{ path: "/v1/devices", operationId: "bindDevice", summary: "Let a further key pay, within limits" },
    body: taken({
      ...common,
      owner: ADDRESS,
      index: DEVICE_INDEX,
      key: ADDRESS,
      expiry: TIME,
      perPayment: limit,
      perDay: limit,
      payees: listOf(ADDRESS, { maxItems: MAX_DEVICE_PAYEES, description: "Empty: anybody." }),
    }),
  },
  "device-revocation": {
    ...{ path: "/v1/device-revocations", operationId: "revokeDevice", summary: "Take a device out" },
    body: taken({ ...common, owner: ADDRESS, index: DEVICE_INDEX }),
  },
  deposit: {
    ...{ path: "/v1/deposits", operationId: "deposit", summary: "Put tokens into an account, by an authorization" },
    body: taken({ ...common, kind: oneOf(AUTHORIZATIONS), from: ADDRESS, owner: ADDRESS, amount: POSITIVE_AMOUNT }),
  },
};

export const INSTRUCTION_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Instruction: answered({
    id: HASH,
    kind: oneOf(INSTRUCTION_KINDS),
    owner: ADDRESS,
    token: ADDRESS,
    state: oneOf(PAYMENT_STATES),
    code: described(nullable(CODE), "Why it was rejected, or null."),
    message: { type: "object", description: "What was signed; whole numbers as decimal strings.", examples: [{}] },
    fee: described(nullable(AMOUNT), "What the relayer keeps of a withdrawal."),
    transactionHash: nullable(TRANSACTION),
    blockNumber: nullable(BLOCK_NUMBER),
    acceptedAt: RFC3339,
  }),
  InstructionList: listed("instructions", ref("Instruction"), HASH),
  Device: answered({
    owner: ADDRESS,
    token: ADDRESS,
    index: DEVICE_INDEX,
    key: ADDRESS,
    expiry: TIME,
    perPayment: AMOUNT,
    perDay: AMOUNT,
    spentToday: AMOUNT,
    anyPayee: FLAG,
    nextNonce: NONCE,
  }),
};

export const INSTRUCTION_OPERATIONS: readonly Operation[] = [
  ...INSTRUCTION_KINDS.map((kind): Operation => {
    const { path, operationId, summary, body } = KINDS[kind];
    return {
      ...{ method: "post", path, id: operationId, tag: "instructions", access: "open", summary },
      body: jsonBody(body),
      answers: {
        202: json("Accepted.", ref("Instruction"), { Location: LOCATION }),
        200: json("Known already: its record.", ref("Instruction")),
      },
      problems: [...FIELD, ...INSTRUCTION_REFUSAL_CODES],
    };
  }),
  {
    ...{ method: "get", path: "/v1/instructions", id: "listInstructions", tag: "instructions" },
    access: "payments:read",
    summary: "List instructions, the newest first",
    description: "A merchant sees those about her own account, the operator all.",
    query: {
      owner: ADDRESS,
      kind: oneOf(INSTRUCTION_KINDS),
      state: oneOf(PAYMENT_STATES),
      ...page(HASH),
    },
    answers: { 200: json("A page.", ref("InstructionList")) },
    problems: PARAMETER,
  },
  {
    ...{ method: "get", path: "/v1/instructions/:id", id: "getInstruction", tag: "instructions", access: "open" },
    summary: "Read an instruction",
    params: { id: HASH },
    answers: { 200: json("The instruction.", ref("Instruction")) },
    problems: ["invalid_field", "not_found"],
  },
  {
    ...{ method: "get", path: "/v1/accounts/:owner/:token/devices/:index", id: "getDevice", tag: "instructions" },
    access: "open",
    summary: "Read a device as the Ledger has it now",
    params: { owner: ADDRESS, token: ADDRESS, index: DEVICE_INDEX },
    answers: { 200: json("The device.", ref("Device")) },
    problems: [...PARAMETER, "not_found"],
  },
];
