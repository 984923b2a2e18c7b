export type OrderColumn = "number" | "amount" | "currency" | "payment" | "request" | "memo" | "date";

/** How each column may be called: small letters, whatever stands between words. */
export const COLUMN_NAMES: Readonly<Record<OrderColumn, readonly string[]>> = {
  number: [
    "order",
    "order number",
    "order no",
    "order id",
    "number",
    "invoice",
    "invoice number",
    "订单号",
    "訂單編號",
  ],
  amount: ["amount", "total", "sum", "金额", "金額"],
  currency: ["currency", "token", "币种", "貨幣", "幣別"],
  payment: ["payment", "payment id", "付款编号", "付款編號"],
  request: ["request", "request id", "payment request", "收款请求", "收款請求"],
  memo: ["memo", "备注", "備註"],
  date: ["date", "order date", "日期"],
};

const NEEDED = ["number", "amount", "currency"] as const satisfies readonly OrderColumn[];

/** Where each column stands; `fault`: what is wrong with the header. */
export type OrderColumns =
  | { readonly ok: true; readonly at: ReadonlyMap<OrderColumn, number> }
  | { readonly ok: false; readonly expected: string };

/** Finds the columns by a header row. Columns that are not known are passed over. */
export function findColumns(header: readonly string[]): OrderColumns {
  const at = new Map<OrderColumn, number>();
  for (const [index, cell] of header.entries()) {
    const column = columnOf(cell);
    if (column === undefined) continue;
    if (at.has(column)) return { ok: false, expected: `one column for the ${column}, not two` };
    at.set(column, index);
  }
  const missing = NEEDED.filter((column) => !at.has(column));
  if (missing.length > 0) return { ok: false, expected: `a header row that names ${missing.join(", ")}` };
  if (!at.has("payment") && !at.has("request") && !at.has("memo")) {
    return { ok: false, expected: "a header row that names payment, request or memo" };
  }
  return { ok: true, at };
}

/** How many columns of a header are known. */
export function countColumns(header: readonly string[]): number {
  return header.filter((cell) => columnOf(cell) !== undefined).length;
}

function columnOf(cell: string): OrderColumn | undefined {
  const name = cell
    .toLowerCase()
    .replace(/[\s_.-]+/g, " ")
    .trim();
  const found = Object.entries(COLUMN_NAMES).find(([, names]) => names.includes(name));
  return found?.[0] as OrderColumn | undefined;
}
