import { VERBS } from "../../hold-effects.ts";
import { ACT_REFUSAL_CODES } from "../../intake/act-refusal.ts";
import { REQUESTED_VERBS, type RequestedVerb } from "../../intake/act-request.ts";
import { answered, described, type JsonSchema, nullable, oneOf, ref, taken } from "./json-schema.ts";
import { listed, page } from "./list.ts";
import { FIELD, json, jsonBody, type Operation } from "./operation.ts";
import {
  ADDRESS,
  AMOUNT,
  BLOCK_NUMBER,
  CODE,
  HASH,
  PAYMENT_ID,
  POSITIVE_AMOUNT,
  RFC3339,
  SHARE,
  SIGNATURE,
  TIME,
  TRANSACTION,
  UUID,
} from "./values.ts";

const consent = ref("Consent");
const evidence = described(HASH, "The keccak-256 of a document.");

const BODIES: Readonly<Record<RequestedVerb, { readonly summary: string; readonly body: JsonSchema }>> = {
  capture: {
    summary: "Pay the payee out of a hold",
    body: taken({ amount: POSITIVE_AMOUNT, captured: described(AMOUNT, "What was captured before."), consent }),
  },
  void: { summary: "Give what is held back to the payer", body: taken({ consent }) },
  refund: {
    summary: "Give back what was captured",
    body: taken({ amount: POSITIVE_AMOUNT, refunded: described(AMOUNT, "What was refunded before."), consent }),
  },
  dispute: { summary: "Dispute a hold", body: taken({ actor: ADDRESS, evidence, consent }) },
  evidence: { summary: "Add evidence to a dispute", body: taken({ actor: ADDRESS, evidence, consent }) },
  rule: { summary: "Rule on a dispute", body: taken({ payerBps: SHARE, consent }) },
  settle: {
    summary: "End a dispute by agreement",
    body: taken({ toPayer: AMOUNT, payerConsent: consent, payeeConsent: consent }),
  },
  "fx-refund": {
    summary: "Refund an exchanged payment in the pay currency",
    body: taken({
      amount: POSITIVE_AMOUNT,
      refunded: AMOUNT,
      quote: HASH,
      maxCost: POSITIVE_AMOUNT,
      consent,
    }),
  },
};

export const HOLD_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Consent: described(taken({ deadline: TIME, signature: SIGNATURE }), "The actor's signature over the act."),
  Act: answered({
    id: UUID,
    paymentId: PAYMENT_ID,
    verb: oneOf(VERBS),
    state: oneOf(["accepted", "assigned", "submitted", "settled", "final", "rejected"]),
    code: described(nullable(CODE), "Why it was rejected, or null."),
    transactionHash: nullable(TRANSACTION),
    blockNumber: nullable(BLOCK_NUMBER),
    acceptedAt: RFC3339,
  }),
  ActList: listed("acts", ref("Act"), UUID),
  DocumentAccess: taken({ reader: ADDRESS, deadline: TIME, signature: SIGNATURE }),
};

function actOperation(verb: RequestedVerb): Operation {
  const { summary, body } = BODIES[verb];
  return {
    ...{ method: "post", path: `/v1/payments/:id/${verb}`, tag: "holds", access: "open", summary },
    id: verb === "fx-refund" ? "fxRefund" : verb === "void" ? "voidHold" : `${verb}Hold`,
    params: { id: PAYMENT_ID },
    idempotent: true,
    body: jsonBody(body),
    answers: {
      202: json("Accepted.", ref("Act")),
      200: json("The same act is known already: its record.", ref("Act")),
    },
    problems: [...FIELD, "not_found", ...ACT_REFUSAL_CODES],
  };
}

export const HOLD_OPERATIONS: readonly Operation[] = [
  ...REQUESTED_VERBS.map(actOperation),
  {
    ...{ method: "get", path: "/v1/payments/:id/acts", id: "listActs", tag: "holds", access: "open" },
    summary: "List the acts on a payment's hold, the oldest first",
    params: { id: PAYMENT_ID },
    query: page(UUID),
    answers: { 200: json("A page.", ref("ActList")) },
    problems: ["invalid_field", "not_found"],
  },
  {
    ...{ method: "get", path: "/v1/acts/:id", id: "getAct", tag: "holds", access: "open" },
    summary: "Read an act",
    params: { id: UUID },
    answers: { 200: json("The act.", ref("Act")) },
    problems: ["invalid_field", "not_found"],
  },
  {
    ...{ method: "post", path: "/v1/payments/:id/documents", id: "uploadDocument", tag: "holds", access: "open" },
    summary: "Hand in a document for the parties of a hold",
    description: "It is kept off chain, as it came, with its Content-Type; its hash is used as evidence.",
    params: { id: PAYMENT_ID },
    body: { content: { "*/*": {} }, required: true },
    answers: { 201: json("Kept.", answered({ hash: HASH })) },
    problems: ["invalid_field", "not_found", "no_hold", "too_many_documents", "unsupported_media_type"],
  },
  {
    ...{ method: "post", path: "/v1/payments/:id/documents/:hash/read", id: "readDocument", tag: "holds" },
    access: "open",
    summary: "Read a document as payer, payee or arbiter, by signature",
    params: { id: PAYMENT_ID, hash: HASH },
    body: jsonBody(ref("DocumentAccess")),
    answers: { 200: { description: "The document, as it came.", content: { "*/*": {} } } },
    problems: [...FIELD, "not_found", "not_party", "expired", "bad_signature", "record_key_missing"],
  },
];
