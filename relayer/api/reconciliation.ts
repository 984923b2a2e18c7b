import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";

import { CsvError, parse } from "csv-parse/sync";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { DECIMAL_MARKS, type DecimalMark } from "../../sdk/reconcile/decimal-mark.ts";
import { reconcile } from "../../sdk/reconcile/match.ts";
import type { Order } from "../../sdk/reconcile/order.ts";
import { countColumns } from "../../sdk/reconcile/order-columns.ts";
import { readOrders } from "../../sdk/reconcile/read-orders.ts";
import { type Reconciliation, totalsOf, viewLine } from "../../sdk/reconcile/reconciliation.ts";
import { reconciliationCsv } from "../../sdk/reconcile/reconciliation-csv.ts";
import { type NamedPayments, readSettledPayments, type ReconciledSpan } from "../store/reconciliation.ts";
import { type Caller, ownOnly } from "./access.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { readAddress, readSeconds, readWord } from "./read.ts";

/** {bytes} */
export const MAX_ORDERS_FILE = 8 * 1_024 * 1_024;
export const RECONCILIATION_FORMATS = ["json", "csv"] as const;
export const MAX_ORDERS = 50_000;
const MAX_PAYMENTS = 200_000;
/** Each has all of its orders and payments in memory. */
const AT_A_TIME = 2;
const DELIMITERS = [",", ";", "\t"] as const;
const PARAMETERS = ["merchant", "from", "to", "decimal", "format"];

interface Query extends ReconciledSpan {
  readonly decimal: DecimalMark | undefined;
  readonly format: (typeof RECONCILIATION_FORMATS)[number];
}

/** Holds a merchant's orders, uploaded as CSV, against what was settled. Nothing of the file is kept. */
export function addReconciliationRoute(server: FastifyInstance, { database, access, network }: ApiDependencies): void {
  void server.register((orders, _options, done) => {
    orders.removeAllContentTypeParsers();
    orders.addContentTypeParser("text/csv", { parseAs: "buffer" }, (_request, body, parsed) => {
      parsed(null, body);
    });
    let working = 0;
    orders.post<{ Querystring: Record<string, unknown> }>(
      "/v1/reports/reconciliation",
      { bodyLimit: MAX_ORDERS_FILE, config: { takes: "text/csv" } },
      async (request, reply) => {
        if (working >= AT_A_TIME) throw new HttpProblem("overloaded");
        working += 1;
        try {
          return await answer(request, reply);
        } finally {
          working -= 1;
        }
      },
    );
    done();

    async function answer(
      request: FastifyRequest<{ Querystring: Record<string, unknown> }>,
      reply: FastifyReply,
    ): Promise<Reconciliation | FastifyReply> {
      const query = readQuery(request.query, await access.require(request, "reports:read"));
      const { merchant, from, to, format } = query;
      const read = readOrders(await readTable(request.body), network.currencies, query.decimal);
      if (!read.ok) {
        const [fault] = read.faults;
        const expected = read.faults.map((each) => `row ${each.row}, ${each.column}: ${each.expected}`).join("; ");
        throw new HttpProblem("invalid_orders", { field: fault?.column ?? "", expected });
      }
      const payments = await readSettledPayments(database, query, namedBy(read.orders), MAX_PAYMENTS + 1);
      if (payments.length > MAX_PAYMENTS) {
        throw new HttpProblem("too_many_payments", {
          field: "to",
          expected: `at most ${MAX_PAYMENTS}: a shorter time`,
        });
      }
      const inSpan = new Set(
        payments.filter(({ settledAt }) => settledAt >= BigInt(from) && settledAt < BigInt(to)).map(({ id }) => id),
      );
      // What settled at another time is somebody's to reconcile then, unless an order of this file names it.
      const lines = reconcile(read.orders, payments).filter(
        ({ order, payments: own }) => order !== null || own.some(({ id }) => inSpan.has(id)),
      );
      const views = lines.map(viewLine);
      if (format === "csv") {
        const body = Readable.from(reconciliationCsv(views, network.currencies));
        const name = `reconciliation-${merchant}-${from}-${to}.csv`;
        return reply
          .type("text/csv; charset=utf-8")
          .header("content-disposition", `attachment; filename="${name}"`)
          .send(body);
      }
      return {
        merchant,
        from,
        to,
        decimal: read.decimal,
        totals: totalsOf(lines),
        lines: views,
      };
    }
  });
}

/** @throws HttpProblem of what is no table. */
async function readTable(body: unknown): Promise<string[][]> {
  const text = Buffer.isBuffer(body) ? decode(body) : "";
  if (text.trim() === "") throw new HttpProblem("invalid_orders", { field: "", expected: "a header row and orders" });
  try {
    const rows = parse(text, {
      ...{ bom: true, delimiter: delimiterOf(text), relax_column_count: true, skip_empty_lines: true },
      ...{ skip_records_with_empty_values: true, max_record_size: 64 * 1_024, to: MAX_ORDERS + 2 },
    });
    if (rows.length > MAX_ORDERS + 1) {
      throw new HttpProblem("body_too_large", { expected: `at most ${MAX_ORDERS} orders in a file` });
    }
    // A long file takes a while: others have their turn before it is read on.
    await nextTurn();
    return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new HttpProblem("invalid_orders", { field: "", expected: `comma-separated values: ${error.message}` });
  }
}

/** Spreadsheets save in other encodings too, in which names are others. @throws HttpProblem of what is no UTF-8 */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new HttpProblem("invalid_orders", { field: "", expected: "text in UTF-8" });
  }
}

/** The one by which most columns of the header are known. */
function delimiterOf(text: string): string {
  const header = /^\ufeff?([^\r\n]*)/.exec(text)?.[1] ?? "";
  const known = (delimiter: string): number =>
    countColumns(header.split(delimiter).map((cell) => cell.replace(/^"(.*)"$/, "$1")));
  return DELIMITERS.reduce<string>((best, next) => (known(next) > known(best) ? next : best), ",");
}

function namedBy(orders: readonly Order[]): NamedPayments {
  const of = (kind: "payment" | "request" | "memo"): string[] => [
    ...new Set(orders.flatMap(({ reference }) => (reference?.kind === kind ? [reference.value] : []))),
  ];
  return { payments: of("payment"), requests: of("request"), memos: of("memo") };
}

function readQuery(query: Record<string, unknown>, caller: Caller): Query {
  const unknown = Object.keys(query).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw new HttpProblem("invalid_field", { field: unknown, expected: "no such parameter" });
  const text = (field: string): string => {
    const value = query[field];
    if (typeof value !== "string") throw new HttpProblem("invalid_field", { field, expected: "one value" });
    return value;
  };
  const named = query["merchant"] === undefined ? undefined : readAddress("merchant", text("merchant"));
  const merchant = ownOnly(caller, "merchant", named);
  if (merchant === undefined) {
    throw new HttpProblem("invalid_field", { field: "merchant", expected: "whose orders: the operator sees all" });
  }
  const [from, to] = [readSeconds("from", text("from")), readSeconds("to", text("to"))];
  if (to <= from) throw new HttpProblem("invalid_field", { field: "to", expected: `after from: ${from + 1} or more` });
  return {
    ...{ merchant, from, to },
    decimal: query["decimal"] === undefined ? undefined : readWord("decimal", text("decimal"), DECIMAL_MARKS),
    format: query["format"] === undefined ? "json" : readWord("format", text("format"), RECONCILIATION_FORMATS),
  };
}
