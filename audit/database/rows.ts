import type pg from "pg";

import type { Counters } from "../books.ts";
import type { ExceptionLog, Place } from "../exceptions.ts";

/** What a column must say; absent columns are not looked at. */
export type Expected = Readonly<Record<string, string | bigint | boolean>>;

/** Holds one row against what the chain says, column by column. Text in small letters: addresses have checksums here. */
export function compareRow(
  name: string,
  row: Readonly<Record<string, unknown>>,
  expected: Expected,
  place: Place | null,
  { note }: ExceptionLog,
): void {
  for (const [column, value] of Object.entries(expected)) {
    const [has, is] = [plain(row[column]), plain(value)];
    if (has !== is) note("database_row_differs", name, place, `${column} is ${has}, the chain says ${is}`);
  }
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return value.toLowerCase();
  return typeof value === "bigint" || typeof value === "boolean" || typeof value === "number" ? value.toString() : "?";
}

const PAGE = 1_000;

/** All rows of a query, page by page out of a cursor, so that the memory holds a page at most. */
export async function* readPages<T extends pg.QueryResultRow>(
  client: pg.Client,
  sql: string,
  values: readonly unknown[],
): AsyncGenerator<readonly T[], void, undefined> {
  await client.query("BEGIN");
  try {
    await client.query(`DECLARE audit_rows NO SCROLL CURSOR FOR ${sql}`, [...values]);
    for (;;) {
      const { rows } = await client.query<T>(`FETCH ${PAGE} FROM audit_rows`);
      if (rows.length > 0) yield rows;
      if (rows.length < PAGE) return;
    }
  } finally {
    await client.query("ROLLBACK");
  }
}

export function countRows(counters: Counters, rows: readonly unknown[]): void {
  counters.databaseRows += rows.length;
}
