/** What one cell says; numbers beyond 2^53 come as bigint. */
export type Cell = string | number | bigint | null;

/** A spreadsheet takes a text that begins like this for a formula, which can call out to strangers; its full-width forms as well. */
const LIKE_A_FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const A_NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * Comma-separated values by RFC 4180, with a byte order mark so that spreadsheets read it as UTF-8. A text that a spreadsheet would
 * run as a formula gets an apostrophe in front; numbers stay as they are.
 */
export function toCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `${CSV_MARK}${[head, ...rows].map(toCsvRow).join("")}`;
}

/** With which a file begins, so that spreadsheets read it as UTF-8. */
export const CSV_MARK = "\ufeff";

/** One row as {@link toCsv} has it. */
export function toCsvRow(row: readonly Cell[]): string {
  return `${row.map(toCell).join(",")}\r\n`;
}

function toCell(cell: Cell): string {
  const text = cell === null ? "" : String(cell);
  const harmless = LIKE_A_FORMULA.test(text) && !A_NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
