import { PAYMENT_STATUSES } from "../../../sdk/payment-status.ts";
import { COUNTRIES } from "../../../sdk/countries.ts";
import { PLAIN_TEXT } from "../../../sdk/plain-text.ts";
import { answered, described, type JsonSchema, nullable, oneOf, ref, taken } from "./json-schema.ts";
import { listed, page } from "./list.ts";
import { FIELD, json, jsonBody, type Operation, PARAMETER } from "./operation.ts";
import { termsWithoutPayee } from "./payments.ts";
import { ADDRESS, AMOUNT, COUNT, FLAG, HASH, PAYMENT_ID, POSITIVE_AMOUNT, RFC3339, TIME, UUID } from "./values.ts";

const country = nullable(ref("Country"));
const title = { type: ["string", "null"], pattern: PLAIN_TEXT, minLength: 1, maxLength: 200, examples: ["Six plates"] };
const shown = {
  title: described(title, "What is paid for, as the payer reads it."),
  payerCountry: described(country, "Where its payers are, by ISO 3166-1 alpha-2."),
  reusable: described(FLAG, "Whether any number of payments may pay it; by default one does."),
};
const name = described(
  { type: ["string", "null"], pattern: PLAIN_TEXT, minLength: 1, maxLength: 80, examples: ["Lisbon Ceramics"] },
  "As she shows herself; nobody has checked it.",
);
const common = { token: ADDRESS, amount: POSITIVE_AMOUNT, memo: HASH, expiresAt: TIME };
const merchant = described(ADDRESS, "By a merchant's key it is she; the operator says who.");

export const REQUEST_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  NewPaymentRequest: {
    oneOf: [
      taken({ ...common, capture: { type: "string", enum: ["automatic"] } }, { merchant, ...shown }),
      taken(
        { ...common, capture: { type: "string", enum: ["manual"] }, hold: taken(termsWithoutPayee) },
        { merchant, ...shown },
      ),
    ],
  },
  PaymentRequest: answered({
    id: UUID,
    status: oneOf(PAYMENT_STATUSES),
    capture: oneOf(["automatic", "manual"]),
    merchant: ADDRESS,
    payee: described(ADDRESS, "The payee that the payment must name: the merchant, or the Escrow."),
    token: ADDRESS,
    amount: AMOUNT,
    memo: HASH,
    terms: nullable(ref("Terms")),
    expiresAt: TIME,
    ...shown,
    payments: described(COUNT, "How many payments for it were accepted and not refused."),
    profile: ref("MerchantProfile"),
    paymentId: nullable(PAYMENT_ID),
    createdAt: RFC3339,
  }),
  Country: oneOf(COUNTRIES, "By ISO 3166-1 alpha-2."),
  MerchantProfile: answered({ merchant: ADDRESS, name, country }),
  NewMerchantProfile: taken({ name, country }),
  PaymentRequestList: listed("paymentRequests", ref("PaymentRequest"), UUID),
};

export const REQUEST_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/payment-requests", id: "createPaymentRequest", tag: "payment requests" },
    access: "requests:write",
    summary: "Ask for a payment",
    idempotent: true,
    body: jsonBody(ref("NewPaymentRequest")),
    answers: { 201: json("The payment request.", ref("PaymentRequest")) },
    problems: [...FIELD, "unknown_token", "invalid_payee", "expired", "amount_too_high", "invalid_terms"],
  },
  {
    ...{ method: "get", path: "/v1/payment-requests", id: "listPaymentRequests", tag: "payment requests" },
    access: "payments:read",
    summary: "List payment requests, the newest first",
    query: { merchant: ADDRESS, ...page(UUID) },
    answers: { 200: json("A page.", ref("PaymentRequestList")) },
    problems: PARAMETER,
  },
  {
    ...{ method: "get", path: "/v1/payment-requests/:id", id: "getPaymentRequest", tag: "payment requests" },
    access: "open",
    summary: "Read a payment request",
    params: { id: UUID },
    answers: { 200: json("The payment request.", ref("PaymentRequest")) },
    problems: ["invalid_field", "not_found"],
  },
  {
    ...{ method: "get", path: "/v1/merchants/:merchant", id: "getMerchantProfile", tag: "payment requests" },
    access: "open",
    summary: "Read how a merchant shows herself",
    params: { merchant: ADDRESS },
    answers: { 200: json("The profile; nulls where she has said nothing.", ref("MerchantProfile")) },
    problems: ["invalid_field", "bad_checksum"],
  },
  {
    ...{ method: "put", path: "/v1/merchants/:merchant", id: "setMerchantProfile", tag: "payment requests" },
    access: "requests:write",
    summary: "Say how a merchant shows herself",
    params: { merchant: ADDRESS },
    body: jsonBody(ref("NewMerchantProfile")),
    answers: { 200: json("The profile.", ref("MerchantProfile")) },
    problems: [...FIELD, "bad_checksum"],
  },
];
