import { answered, described, type JsonSchema, listOf, ref, taken } from "./json-schema.ts";
import { FIELD, json, jsonBody, type Operation } from "./operation.ts";
import {
  ADDRESS,
  AMOUNT,
  COUNT,
  FLAG,
  HASH,
  POSITIVE_AMOUNT,
  SIGNATURE,
  STRICT_UUID,
  TIME,
  WIDE_AMOUNT,
} from "./values.ts";

const quote = {
  id: HASH,
  quote: answered({
    maker: ADDRESS,
    payToken: ADDRESS,
    settleToken: ADDRESS,
    salt: HASH,
    payAmount: WIDE_AMOUNT,
    settleAmount: WIDE_AMOUNT,
    generation: described(WIDE_AMOUNT, "The maker's, when she signed."),
    deadline: TIME,
  }),
  signature: SIGNATURE,
  filled: described(AMOUNT, "How much of its settlement amount was given."),
  cancelled: FLAG,
};

export const QUOTE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  QuoteQuestion: {
    oneOf: [
      taken({ settleToken: ADDRESS, settleAmount: POSITIVE_AMOUNT }, { payToken: ADDRESS }),
      taken({ request: STRICT_UUID }, { payToken: ADDRESS }),
    ],
  },
  Quote: answered(quote),
  Quoted: answered({
    ...quote,
    payToken: ADDRESS,
    payAmount: described(AMOUNT, "What the payment costs: the least that its payer has to sign."),
    settleToken: ADDRESS,
    settleAmount: AMOUNT,
    expiresAt: TIME,
    ttlSeconds: COUNT,
  }),
};

export const QUOTE_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/quotes", id: "askQuotes", tag: "quotes", access: "open" },
    summary: "Ask the makers for quotes",
    description:
      "The cheapest signed quote for each pay token, for an amount or for a payment request. Limited more strictly than other " +
      "requests, unless the key has the scope `quotes`.",
    body: jsonBody(ref("QuoteQuestion")),
    answers: { 200: json("The quotes.", answered({ quotes: listOf(ref("Quoted")) })) },
    problems: [...FIELD, "unknown_token", "not_found", "request_expired", "request_paid", "no_quote"],
  },
  {
    ...{ method: "get", path: "/v1/quotes/:id", id: "getQuote", tag: "quotes", access: "open" },
    summary: "Read a quote",
    params: { id: HASH },
    answers: { 200: json("The quote.", ref("Quote")) },
    problems: ["invalid_field", "not_found"],
  },
];
