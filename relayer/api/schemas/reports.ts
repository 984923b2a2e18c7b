import { answered, described, type JsonSchema, listOf, ref } from "./json-schema.ts";
import { json, type Operation } from "./operation.ts";
import { ADDRESS, COUNT, DATE, FLAG, SHARE, WIDE_AMOUNT } from "./values.ts";

const balance = {
  type: "string",
  pattern: "^-?(0|[1-9][0-9]*)$",
  examples: ["-12340000"],
  description: "Smallest units, below zero if more was given than got.",
};

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
];
