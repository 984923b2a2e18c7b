import { BUCKETS } from "../merchant-report.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref } from "./json-schema.ts";
import { json, type Operation, PARAMETER } from "./operation.ts";
import { ADDRESS, CODE, COUNT, DATE, FLAG, SHARE, UNIX_SECONDS, WIDE_AMOUNT } from "./values.ts";

const balance = {
  type: "string",
  pattern: "^-?(0|[1-9][0-9]*)$",
  examples: ["-12340000"],
  description: "Smallest units, below zero if more was given than got.",
};

const country = nullable(ref("Country"));
const bucket = oneOf(BUCKETS, "How long each step is, the first one from `from` on.");
const sums = {
  token: ADDRESS,
  payments: COUNT,
  volume: WIDE_AMOUNT,
  fees: described(WIDE_AMOUNT, "What the operator kept."),
};
const seconds = { type: "number", minimum: 0, examples: [2.5], description: "Seconds." };
const speeds = { payments: COUNT, p50: seconds, p95: seconds };

export const REPORT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Netting: answered({
    date: DATE,
    complete: described(FLAG, "Whether the day is over by the chain's time."),
    tokens: listOf(
      answered({
        token: ADDRESS,
        gross: WIDE_AMOUNT,
        net: WIDE_AMOUNT,
        saved: WIDE_AMOUNT,
        savedBps: SHARE,
      }),
    ),
    corridors: listOf(
      answered({
        payToken: ADDRESS,
        settleToken: ADDRESS,
        payments: COUNT,
        paid: WIDE_AMOUNT,
        settled: WIDE_AMOUNT,
        fee: WIDE_AMOUNT,
        offset: WIDE_AMOUNT,
      }),
    ),
    positions: listOf(
      answered({ account: ADDRESS, token: ADDRESS, received: WIDE_AMOUNT, sent: WIDE_AMOUNT, net: balance }),
    ),
  }),
  MerchantReport: answered({
    merchant: ADDRESS,
    from: UNIX_SECONDS,
    to: UNIX_SECONDS,
    bucket,
    totals: listOf(answered(sums)),
    series: listOf(answered({ start: UNIX_SECONDS, ...sums })),
    corridors: listOf(
      answered({
        payerCountry: country,
        payToken: ADDRESS,
        merchantCountry: country,
        settleToken: ADDRESS,
        payments: COUNT,
        volume: WIDE_AMOUNT,
      }),
    ),
    settleSeconds: nullable(ref("SettleTimes")),
    settleSeries: listOf(answered({ start: UNIX_SECONDS, ...speeds })),
    refusals: listOf(answered({ code: CODE, payments: COUNT })),
  }),
  SettleTimes: answered(speeds),
};

export const REPORT_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/v1/reports/netting", id: "getNetting", tag: "reports", access: "reports:read" },
    summary: "What a day's payments come to, gross and net",
    description: "For keys of the operator: it has every account's position in it.",
    query: { date: DATE },
    requiredQuery: ["date"],
    answers: { 200: json("The report.", ref("Netting")) },
    problems: ["invalid_field"],
  },
  {
    ...{ method: "get", path: "/v1/reports/merchant", id: "getMerchantReport", tag: "reports", access: "reports:read" },
    summary: "What a merchant's payments come to",
    description:
      "By when their blocks were mined, refusals by when they were accepted; a hold counts when it is opened. At most 400 steps.",
    query: {
      from: UNIX_SECONDS,
      to: described(UNIX_SECONDS, "Unix seconds, exclusive."),
      bucket,
      merchant: described(ADDRESS, "By a merchant's key it is she; the operator must say who."),
    },
    requiredQuery: ["from", "to", "bucket"],
    answers: { 200: json("The report.", ref("MerchantReport")) },
    problems: PARAMETER,
  },
];
