import { ROUNDINGS, type Rounding } from "../../sdk/statement/iso-amount.ts";
import { parseOffset, startOfDay } from "../../sdk/statement/statement-time.ts";
import { LANGUAGES, type Language } from "../reports/statement-words.ts";
import type { EntryPlace, StatementSpan } from "../store/statements.ts";
import { type Caller, ownOnly } from "./access.ts";
import { HttpProblem } from "./problem.ts";
import { readAddress, readPage, readSeconds, readWord } from "./read.ts";

export const STATEMENT_FORMATS = ["json", "csv", "pdf", "camt.053"] as const;
export type StatementFormat = (typeof STATEMENT_FORMATS)[number];

export const STATEMENT_PAGE = 1_000;
const DAY = 86_400;
/** The longest period: a leap year, and a day for time zones. */
const LONGEST = 367 * DAY;
const NAMES = ["account", "token", "from", "to", "offset", "format", "rounding", "language"];

export interface StatementQuery extends StatementSpan {
  /** Minutes east of UTC. */
  readonly offset: number;
  readonly format: StatementFormat;
  readonly rounding: Rounding;
  /** Undefined: by the country that the merchant shows. */
  readonly language: Language | undefined;
  readonly cursor: EntryPlace | undefined;
  readonly limit: number;
}

/** @throws HttpProblem `invalid_field`, `bad_checksum`, `forbidden` */
export function readStatementQuery(query: Record<string, unknown>, caller: Caller): StatementQuery {
  const { map, cursor, limit } = readPage(query, NAMES, readPlace, STATEMENT_PAGE);
  const need = <T>(field: string, value: T | undefined, expected: string): T => {
    if (value === undefined) throw new HttpProblem("invalid_field", { field, expected });
    return value;
  };
  const named = map("account", (value) => readAddress("account", value));
  const account = need("account", ownOnly(caller, "account", named), "whose account: the operator sees all");
  const token = need(
    "token",
    map("token", (value) => readAddress("token", value)),
    "which of the account's tokens",
  );
  const offset =
    map("offset", (value) => need("offset", parseOffset(value), "an offset from UTC, such as +08:00")) ?? 0;
  const moment = (field: string, dayAfter: number): number =>
    need(
      field,
      map(field, (value) => readMoment(field, value, offset, dayAfter)),
      "a day or Unix seconds",
    );
  const [from, to] = [moment("from", 0), moment("to", DAY)];
  if (to <= from || to - from > LONGEST) {
    throw new HttpProblem("invalid_field", { field: "to", expected: "after from, by at most a year" });
  }
  const format = map("format", (value) => readWord("format", value, STATEMENT_FORMATS)) ?? "json";
  const rounding = map("rounding", (value) => readWord("rounding", value, ROUNDINGS)) ?? "none";
  const language = map("language", (value) => readWord("language", value, LANGUAGES));
  refuseElsewhere(query, format, "rounding", "camt.053");
  refuseElsewhere(query, format, "language", "pdf");
  for (const field of ["cursor", "limit"]) refuseElsewhere(query, format, field, "json");
  return { account, token, from, to, offset, format, rounding, language, cursor, limit };
}

/** A parameter that means nothing in a format is a mistake. */
function refuseElsewhere(
  query: Record<string, unknown>,
  format: StatementFormat,
  field: string,
  only: StatementFormat,
) {
  if (query[field] === undefined || format === only) return;
  throw new HttpProblem("invalid_field", { field, expected: `nothing, but for the format ${only}` });
}

/** @param dayAfter Added to the start of a day. */
function readMoment(field: string, value: string, offset: number, dayAfter: number): number {
  if (!value.includes("-")) return readSeconds(field, value);
  const start = startOfDay(value, offset);
  if (start === undefined || start < 0) {
    throw new HttpProblem("invalid_field", { field, expected: "a day, YYYY-MM-DD, or Unix seconds" });
  }
  return start + dayAfter;
}

const CURSOR = /^(\d{1,11})\.(\d{1,18})\.(-1|\d{1,9})\.(\d{1,9})\.([dc])$/;

function readPlace(field: string, text: string): EntryPlace {
  const [, at, blockNumber, logIndex, part, side] = CURSOR.exec(text) ?? [];
  if (at === undefined || blockNumber === undefined) {
    throw new HttpProblem("invalid_field", { field, expected: "the next of a page" });
  }
  const numbers = { logIndex: Number(logIndex), part: Number(part) };
  return { at: BigInt(at), blockNumber: BigInt(blockNumber), ...numbers, isCredit: side === "c" };
}

/** As {@link readPlace} reads it. */
export function writePlace({ at, blockNumber, logIndex, part, isCredit }: EntryPlace): string {
  return [at, blockNumber, logIndex, part, isCredit ? "c" : "d"].join(".");
}
