import { payments } from "./0001-payments.ts";
import { holds } from "./0002-holds.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In order, forward only. What has landed is never edited: a change is a new migration. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-payments", sql: payments },
  { name: "0002-holds", sql: holds },
];
