import { DECIMAL_MARKS } from "../../../sdk/reconcile/decimal-mark.ts";
import { CATEGORIES, REASONS } from "../../../sdk/reconcile/match.ts";
import { MAX_ORDERS, MAX_ORDERS_FILE, RECONCILIATION_FORMATS } from "../reconciliation.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref } from "./json-schema.ts";
import { type Operation, PARAMETER } from "./operation.ts";
import { ADDRESS, COUNT, HASH, PAYMENT_ID, UNIX_SECONDS, WIDE_AMOUNT } from "./values.ts";

const text: JsonSchema = { type: "string", examples: ["A-1042"] };
const seconds: JsonSchema = {
  type: "string",
  pattern: "^[0-9]+$",
  examples: ["1790899200"],
  description: "Unix seconds.",
};
const sums = { orders: COUNT, expected: WIDE_AMOUNT, payments: COUNT, received: WIDE_AMOUNT };

export const RECONCILIATION_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Reconciliation: answered({
    merchant: ADDRESS,
    from: UNIX_SECONDS,
    to: UNIX_SECONDS,
    decimal: oneOf(DECIMAL_MARKS, "How amounts of the file were read."),
    totals: listOf(
      answered({
        token: ADDRESS,
        ...sums,
        fees: described(WIDE_AMOUNT, "What the operator kept, where it is known."),
        categories: listOf(answered({ ...sums, category: oneOf(CATEGORIES) })),
      }),
    ),
    lines: listOf(ref("ReconciledLine")),
  }),
  ReconciledLine: answered({
    category: oneOf(CATEGORIES, "Each order and each payment stands in one line."),
    reason: nullable(oneOf(REASONS)),
    token: ADDRESS,
    order: nullable(
      answered({
        row: described(COUNT, "In the file, the header being 1."),
        number: text,
        amount: WIDE_AMOUNT,
        date: nullable(text),
        reference: nullable(answered({ kind: oneOf(["payment", "request", "memo"]), value: text })),
      }),
    ),
    received: described(WIDE_AMOUNT, "What the payments come to, without what was returned."),
    payments: listOf(
      answered({
        id: PAYMENT_ID,
        amount: WIDE_AMOUNT,
        returned: described(WIDE_AMOUNT, "What went back to the payer."),
        held: described(WIDE_AMOUNT, "What the Escrow still holds."),
        fee: nullable(WIDE_AMOUNT),
        settledAt: seconds,
        transactionHash: HASH,
      }),
    ),
  }),
};

export const RECONCILIATION_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/reports/reconciliation", id: "reconcileOrders", tag: "reports" },
    access: "reports:read",
    summary: "Hold a file of orders against what was settled",
    description: `The file is comma-separated, with a header row; at most ${MAX_ORDERS} orders and ${MAX_ORDERS_FILE / 1_024 / 1_024} MiB. Nothing of it is kept.`,
    query: {
      from: described(UNIX_SECONDS, "Payments that no order names are told if they settled from then on."),
      to: described(UNIX_SECONDS, "Unix seconds, exclusive."),
      decimal: oneOf(DECIMAL_MARKS, "How amounts are written; by default as they tell themselves."),
      format: oneOf(RECONCILIATION_FORMATS),
      merchant: described(ADDRESS, "By a merchant's key it is she; the operator must say who."),
    },
    requiredQuery: ["from", "to"],
    body: { content: { "text/csv": {} }, required: true },
    answers: {
      200: {
        description: "The lines and what they come to.",
        content: { "application/json": ref("Reconciliation"), "text/csv": {} },
      },
    },
    problems: [
      ...PARAMETER,
      ...(["invalid_orders", "too_many_payments", "body_too_large", "unsupported_media_type"] as const),
    ],
  },
];
