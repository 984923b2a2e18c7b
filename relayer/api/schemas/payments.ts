import { REFUND_RULES } from "../../../sdk/fx.ts";
import { HOLD_STATUSES, MAX_SPLITS } from "../../../sdk/hold.ts";
import { FUNDINGS, PAYMENT_STATES } from "../../../sdk/payment.ts";
import { PAYMENT_STATUSES } from "../../../sdk/payment-status.ts";
import { REFUSAL_CODES } from "../../intake/refusal.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref, taken } from "./json-schema.ts";
import { listed, page } from "./list.ts";
import { FIELD, json, jsonBody, LOCATION, type Operation, PARAMETER } from "./operation.ts";
import {
  ADDRESS,
  AMOUNT,
  BLOCK_NUMBER,
  CODE,
  HASH,
  NONCE,
  PAYMENT_ID,
  POSITIVE_AMOUNT,
  RFC3339,
  SHARE,
  SIGNATURE,
  STRICT_UUID,
  TIME,
  TRANSACTION,
  UNIX_SECONDS,
  UUID,
  WIDE_AMOUNT,
} from "./values.ts";

const split = { recipient: ADDRESS, shareBps: SHARE };

/** `HoldTerms` without the payee and the memo. */
export const termsWithoutPayee = {
  splits: listOf(taken(split), { maxItems: MAX_SPLITS, description: "Who else gets a share of what is captured." }),
  captureDeadline: TIME,
  refundDeadline: TIME,
  arbiter: described(ADDRESS, "Who rules on a dispute; zero: nobody."),
  rulingPeriod: described(TIME, "Seconds."),
  defaultPayerBps: described(SHARE, "The payer's share if the arbiter says nothing."),
};

const signedParts = {
  payer: ADDRESS,
  payee: ADDRESS,
  token: ADDRESS,
  amount: POSITIVE_AMOUNT,
  nonce: NONCE,
  deadline: TIME,
};
const exchanged = { settleToken: ADDRESS, settleAmount: POSITIVE_AMOUNT, quote: described(HASH, "The id of a quote.") };
const memo = described(HASH, "Whatever payer and payee mean by it.");

export const PAYMENT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  HoldTerms: taken({ payee: ADDRESS, ...termsWithoutPayee, memo }),
  FxTerms: taken({ payee: ADDRESS, ...exchanged, memo }),
  FxHoldTerms: taken({
    ...exchanged,
    refundRule: oneOf(REFUND_RULES),
    refundDeadline: TIME,
    hold: ref("HoldTerms"),
  }),
  PlainPayment: taken({ ...signedParts, memo }),
  HoldPayment: taken({ ...signedParts, terms: ref("HoldTerms") }),
  FxPayment: taken({ ...signedParts, terms: ref("FxTerms") }),
  FxHoldPayment: taken({ ...signedParts, terms: ref("FxHoldTerms") }),
  SignedPayment: taken(
    {
      payment: {
        oneOf: [ref("PlainPayment"), ref("HoldPayment"), ref("FxPayment"), ref("FxHoldPayment")],
        description: "Plain, into a hold, exchanged, or exchanged into a hold.",
      },
      signature: SIGNATURE,
    },
    {
      funding: oneOf(FUNDINGS, "Where the money comes from: the payer's account, or her tokens by an authorization."),
      request: described(STRICT_UUID, "The payment request that this pays."),
    },
  ),
  Terms: answered({
    payee: ADDRESS,
    splits: listOf(answered(split)),
    captureDeadline: TIME,
    refundDeadline: TIME,
    arbiter: ADDRESS,
    rulingPeriod: TIME,
    defaultPayerBps: SHARE,
    memo: HASH,
  }),
  Hold: answered({
    id: described(HASH, "What consents to acts are signed over."),
    token: ADDRESS,
    amount: AMOUNT,
    status: oneOf(HOLD_STATUSES),
    captured: AMOUNT,
    refunded: AMOUNT,
    held: AMOUNT,
    disputedAt: TIME,
  }),
  Exchange: answered({
    quote: HASH,
    maker: ADDRESS,
    rate: answered({ payAmount: WIDE_AMOUNT, settleAmount: WIDE_AMOUNT }),
    payee: ADDRESS,
    settleToken: ADDRESS,
    settleAmount: AMOUNT,
    cost: AMOUNT,
    paid: nullable(AMOUNT),
    fee: nullable(AMOUNT),
    memo: HASH,
    refundRule: nullable(oneOf(REFUND_RULES)),
    refundDeadline: TIME,
    refunded: AMOUNT,
    returned: AMOUNT,
  }),
  Payment: answered({
    id: PAYMENT_ID,
    state: oneOf(PAYMENT_STATES),
    status: oneOf(PAYMENT_STATUSES),
    code: described(nullable(CODE), "Why it was rejected, or null."),
    funding: oneOf(FUNDINGS),
    payer: ADDRESS,
    payee: ADDRESS,
    merchant: described(ADDRESS, "Who is paid in the end."),
    token: ADDRESS,
    amount: AMOUNT,
    nonce: NONCE,
    deadline: TIME,
    memo: described(HASH, "Of a payment with terms: their hash."),
    terms: nullable(ref("Terms")),
    hold: nullable(ref("Hold")),
    exchange: nullable(ref("Exchange")),
    requestId: nullable(UUID),
    transactionHash: nullable(TRANSACTION),
    blockNumber: nullable(BLOCK_NUMBER),
    settledAt: nullable(TIME),
    acceptedAt: RFC3339,
  }),
  PaymentList: listed("payments", ref("Payment"), PAYMENT_ID),
};

export const PAYMENT_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/payments", id: "submitPayment", tag: "payments", access: "open" },
    summary: "Hand over a signed payment",
    description:
      "Answers as soon as it is durably accepted and its amount reserved. To send it again is always safe: whoever does gets the " +
      "first one's record.",
    body: jsonBody(ref("SignedPayment")),
    answers: {
      202: json("Accepted.", ref("Payment"), { Location: LOCATION }),
      200: json("Known already: its record.", ref("Payment")),
    },
    problems: [...FIELD, ...REFUSAL_CODES],
  },
  {
    ...{ method: "get", path: "/v1/payments", id: "listPayments", tag: "payments", access: "payments:read" },
    summary: "List payments, the newest first",
    description: "A merchant sees the payments to her, the operator all.",
    query: {
      merchant: ADDRESS,
      payer: ADDRESS,
      state: oneOf(PAYMENT_STATES),
      hold: oneOf(HOLD_STATUSES, "The status of its hold."),
      token: described(ADDRESS, "What the merchant gets."),
      request: described(STRICT_UUID, "The payment request that it pays."),
      memo: described(HASH, "That the merchant named."),
      from: described(UNIX_SECONDS, "Accepted then or later; Unix seconds."),
      to: described(UNIX_SECONDS, "Accepted before; Unix seconds."),
      ...page(PAYMENT_ID),
    },
    answers: { 200: json("A page.", ref("PaymentList")) },
    problems: PARAMETER,
  },
  {
    ...{ method: "get", path: "/v1/payments/:id", id: "getPayment", tag: "payments", access: "open" },
    summary: "Read a payment",
    params: { id: PAYMENT_ID },
    answers: { 200: json("The payment.", ref("Payment")) },
    problems: ["invalid_field", "not_found"],
  },
];
