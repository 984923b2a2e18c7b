import { isHexString } from "ethers";

import { type DecimalMark, findDecimalMark, plainAmount } from "./decimal-mark.ts";
import type { Order, OrderReference } from "./order.ts";
import { findColumns, type OrderColumn } from "./order-columns.ts";

/** A currency that orders can name, by its code or its token. */
export interface OrderCurrency {
  readonly token: string;
  readonly code: string;
  readonly decimals: number;
}

/** What is wrong with a row, counted with the header as 1. */
export interface OrderFault {
  readonly row: number;
  readonly column: OrderColumn | "header";
  readonly expected: string;
}

export type ReadOrders =
  | { readonly ok: true; readonly orders: readonly Order[]; readonly decimal: DecimalMark }
  | { readonly ok: false; readonly faults: readonly OrderFault[] };

/** As many faults as are told at once. */
const MAX_FAULTS = 10;
const MAX_NUMBER = 200;

/**
 * Orders out of the rows of a table, the first of which is its header. All of them, or what is wrong: half a file would look like half of
 * the orders being unpaid. @param decimal How amounts are written; absent: as they tell themselves.
 */
export function readOrders(
  [header = [], ...rows]: readonly (readonly string[])[],
  currencies: readonly OrderCurrency[],
  decimal?: DecimalMark,
): ReadOrders {
  const columns = findColumns(header);
  if (!columns.ok) return { ok: false, faults: [{ row: 1, column: "header", expected: columns.expected }] };
  const cell = (row: readonly string[], column: OrderColumn): string => row[columns.at.get(column) ?? -1]?.trim() ?? "";
  const mark = decimal ?? findDecimalMark(rows.map((row) => cell(row, "amount")));
  if (mark === "mixed" || mark === "ambiguous") {
    const expected =
      mark === "mixed" ? "amounts written in one way" : "to be told whether a point or a comma is decimal";
    return { ok: false, faults: [{ row: 1, column: "amount", expected }] };
  }
  const find = currencyFinder(currencies);
  const [orders, faults]: [Order[], OrderFault[]] = [[], []];
  for (const [index, row] of rows.entries()) {
    const read = readOrder(index + 2, (column) => cell(row, column), mark, find);
    if ("expected" in read) faults.push(read);
    else orders.push(read);
    if (faults.length >= MAX_FAULTS) break;
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, orders, decimal: mark };
}

type Find = (text: string) => OrderCurrency | "ambiguous" | undefined;

function currencyFinder(currencies: readonly OrderCurrency[]): Find {
  const found = new Map<string, OrderCurrency | "ambiguous">();
  for (const currency of currencies) {
    found.set(currency.token.toLowerCase(), currency);
    const code = currency.code.toLowerCase();
    found.set(code, found.has(code) ? "ambiguous" : currency);
  }
  return (text) => found.get(text.toLowerCase());
}

function readOrder(
  row: number,
  cell: (column: OrderColumn) => string,
  mark: DecimalMark,
  find: Find,
): Order | OrderFault {
  const fault = (column: OrderColumn, expected: string): OrderFault => ({ row, column, expected });
  const number = cell("number");
  if (number === "" || number.length > MAX_NUMBER) return fault("number", `1 to ${MAX_NUMBER} characters`);
  const currency = find(cell("currency"));
  if (currency === undefined) return fault("currency", "the code or the token of a currency that is settled here");
  if (currency === "ambiguous") return fault("currency", "its token, as several currencies have this code");
  const plain = plainAmount(cell("amount"), mark);
  if (plain === undefined) return fault("amount", `an amount with a decimal ${mark}`);
  const amount = smallestUnits(plain, currency.decimals);
  if (amount === undefined) return fault("amount", `at most ${currency.decimals} places behind the ${mark}`);
  if (amount === 0n) return fault("amount", "more than nothing");
  const reference = readReference(cell);
  if (typeof reference === "string")
    return fault(reference, reference === "request" ? "a UUID" : "0x and 64 hex digits");
  const date = cell("date");
  return {
    row,
    number,
    amount,
    token: currency.token,
    reference,
    date: date === "" ? null : date.slice(0, MAX_NUMBER),
  };
}

function smallestUnits(plain: string, decimals: number): bigint | undefined {
  const [whole = "", fraction = ""] = plain.split(".");
  const places = fraction.replace(/0+$/, "");
  return places.length > decimals ? undefined : BigInt(`${whole}${places.padEnd(decimals, "0")}`);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What leads to a payment most directly; or the column with something else in it. */
function readReference(cell: (column: OrderColumn) => string): OrderReference | null | "payment" | "request" | "memo" {
  let reference: OrderReference | null = null;
  for (const kind of ["memo", "request", "payment"] as const) {
    const value = cell(kind).toLowerCase();
    if (value === "") continue;
    if (kind === "request" ? !UUID.test(value) : !isHexString(value, 32)) return kind;
    reference = { kind, value };
  }
  return reference;
}
