import { MOVEMENT_KINDS } from "../../../sdk/statement/movement-kinds.ts";
import { ROUNDINGS } from "../../../sdk/statement/iso-amount.ts";
import { PAYMENT_MESSAGES } from "../../../sdk/statement/payment-message.ts";
import { LANGUAGES } from "../../reports/statement-words.ts";
import { STATEMENT_FORMATS, STATEMENT_PAGE } from "../statement-query.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref } from "./json-schema.ts";
import { type Operation, PARAMETER } from "./operation.ts";
import { ADDRESS, BLOCK_NUMBER, COUNT, HASH, PAYMENT_ID, UNIX_SECONDS, WIDE_AMOUNT } from "./values.ts";

const text: JsonSchema = { type: "string", examples: ["Lisbon Ceramics"] };
const signed = {
  type: "string",
  pattern: "^-?(0|[1-9][0-9]*)$",
  examples: ["-12340000"],
  description: "Smallest units; below zero: the account was lowered.",
};
const side = answered({ entries: COUNT, sum: WIDE_AMOUNT });
const moment = (description: string): JsonSchema => ({
  type: "string",
  pattern: "^([0-9]{1,11}|[0-9]{4}-[0-9]{2}-[0-9]{2})$",
  examples: ["2026-10-01"],
  description,
});
const cursor = {
  type: "string",
  pattern: "^[0-9]+\\.[0-9]+\\.(-1|[0-9]+)\\.[0-9]+\\.[dc]$",
  examples: ["1790899200.120.3.0.c"],
};
const rounding = oneOf(
  ROUNDINGS,
  "How amounts are written: in full (`none`, the default), or to the currency's minor unit.",
);

export const STATEMENT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Statement: answered({
    account: ADDRESS,
    name: described(nullable(text), "As its owner shows herself."),
    chainId: { type: "string", examples: ["1"] },
    ledger: ADDRESS,
    currency: answered({
      token: ADDRESS,
      code: { type: "string", examples: ["USDC"] },
      decimals: { type: "integer", minimum: 0, maximum: 38, examples: [6] },
      iso: nullable({ type: "string", pattern: "^[A-Z]{3}$", examples: ["USD"], description: "By ISO 4217." }),
    }),
    from: UNIX_SECONDS,
    to: UNIX_SECONDS,
    offset: { type: "integer", minimum: -840, maximum: 840, examples: [480], description: "Minutes east of UTC." },
    state: oneOf(["open", "closed", "final"], "Whether the period is over, and nothing of it changes any more."),
    asOf: answered({ blockNumber: BLOCK_NUMBER, timestamp: UNIX_SECONDS }),
    opening: WIDE_AMOUNT,
    closing: WIDE_AMOUNT,
    credits: side,
    debits: side,
    entries: listOf(ref("StatementEntry")),
    next: described(nullable(cursor), "The cursor of the next page; null on the last one."),
  }),
  StatementEntry: answered({
    kind: oneOf(MOVEMENT_KINDS),
    amount: signed,
    balance: described(WIDE_AMOUNT, "Of the account, after it."),
    fee: described(WIDE_AMOUNT, "What the operator kept; the amount is without it."),
    reference: described(nullable(HASH), "The id of the payment, hold, withdrawal or deposit."),
    paymentId: nullable(PAYMENT_ID),
    counterparty: nullable(ADDRESS),
    counterpartyName: nullable(text),
    memo: nullable(HASH),
    title: described(nullable(text), "Of the payment request that was paid."),
    exchange: nullable(ref("EntryExchange")),
    blockNumber: BLOCK_NUMBER,
    logIndex: { type: "integer", minimum: -1, examples: [3] },
    part: COUNT,
    transactionHash: nullable(HASH),
    at: UNIX_SECONDS,
  }),
  EntryExchange: answered({
    quote: HASH,
    payToken: ADDRESS,
    paid: WIDE_AMOUNT,
    settleToken: ADDRESS,
    settled: WIDE_AMOUNT,
  }),
};

export const STATEMENT_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/v1/reports/statement", id: "getStatement", tag: "reports", access: "reports:read" },
    summary: "An account in a period: opening and closing balance, and every entry",
    description:
      "At most a year. JSON by pages, the other formats as a whole; a PDF has at most 5,000 entries, camt.053 is of periods that are final. docs/statements.md.",
    query: {
      account: described(ADDRESS, "By a merchant's key it is hers; the operator must say whose."),
      token: ADDRESS,
      from: moment("A day, or Unix seconds."),
      to: moment("The last day, or Unix seconds, exclusive."),
      offset: {
        type: "string",
        pattern: "^(Z|[+-][0-9]{2}:[0-5][0-9])$",
        examples: ["+08:00"],
        description: "From UTC.",
      },
      format: oneOf(STATEMENT_FORMATS, "By default JSON."),
      rounding: described(
        rounding,
        "Of camt.053: amounts in full (`none`, the default), or to the currency's minor unit.",
      ),
      language: oneOf(LANGUAGES, "Of a PDF; by default by the country that the merchant shows."),
      cursor: described(cursor, "`next` of the page before."),
      limit: { type: "integer", minimum: 1, maximum: STATEMENT_PAGE, default: 50, examples: [20] },
    },
    requiredQuery: ["token", "from", "to"],
    answers: {
      200: {
        description: "The statement.",
        content: {
          "application/json": ref("Statement"),
          "text/csv": {},
          "application/pdf": {},
          "application/xml": {},
        },
      },
    },
    problems: [
      ...PARAMETER,
      ...(["unknown_token", "not_ready", "period_unknown", "statement_open", "statement_too_long"] as const),
      ...(["currency_not_mapped", "amount_too_long", "books_differ"] as const),
    ],
  },
  {
    ...{ method: "get", path: "/v1/payments/:id/messages/:message", id: "getPaymentMessage", tag: "payments" },
    access: "open",
    summary: "A payment as a message of ISO 20022",
    description:
      "`pacs.008`: the credit transfer, once it is final. `pacs.002`: its status, at any time. `camt.054`: what it credited and debited the merchant's account with, as far as that is final.",
    params: { id: PAYMENT_ID, message: oneOf(PAYMENT_MESSAGES) },
    query: { rounding },
    answers: { 200: { description: "The message.", content: { "application/xml": {} } } },
    problems: ["invalid_field", "not_found", "not_final", "currency_not_mapped", "amount_too_long"],
  },
];
