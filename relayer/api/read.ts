import { getAddress, isHexString } from "ethers";

import { HOLD_STATUSES } from "../../sdk/hold.ts";
import { PAYMENT_STATES } from "../../sdk/payment.ts";
import type { Database } from "../store/database.ts";
import { findPayment, type PaymentRecord } from "../store/payments.ts";
import { HttpProblem } from "./problem.ts";

export async function findPaymentOr404(database: Database, text: string): Promise<PaymentRecord> {
  const id = readHash("id", text);
  const payment = await findPayment(database, id);
  if (payment === undefined) throw new HttpProblem("not_found", { detail: `There is no payment ${id}` });
  return payment;
}

export function readHash(field: string, text: string): string {
  if (!isHexString(text, 32)) throw new HttpProblem("invalid_field", { field, expected: "0x and 64 hex digits" });
  return text.toLowerCase();
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function readUuid(field: string, text: string): string {
  if (!UUID.test(text)) throw new HttpProblem("invalid_field", { field, expected: "a UUID in small letters" });
  return text;
}

/** The most that a page holds. */
export const MAX_PAGE = 200;

/**
 * Reads the parameters of a list: a page, and the filters that `names` says.
 * @param readCursor What the list goes on from: an id, or a number.
 * @param most The most that a page may hold.
 */
export function readPage<C>(
  query: Record<string, unknown>,
  names: readonly string[],
  readCursor: (field: string, text: string) => C,
  most = MAX_PAGE,
) {
  const unknown = Object.keys(query).find((name) => ![...names, "cursor", "limit"].includes(name));
  if (unknown !== undefined) throw new HttpProblem("invalid_field", { field: unknown, expected: "no such parameter" });
  const map = <T>(field: string, read: (value: string) => T): T | undefined => {
    const value = query[field];
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw new HttpProblem("invalid_field", { field, expected: "one value" });
    return read(value);
  };
  const limit = map("limit", (value) => (/^[1-9]\d{0,3}$/.test(value) ? Number(value) : 0)) ?? 50;
  if (limit < 1 || limit > most) {
    throw new HttpProblem("invalid_field", { field: "limit", expected: `from 1 to ${most}` });
  }
  return { map, cursor: map("cursor", (value) => readCursor("cursor", value)), limit };
}

const LIST_FILTERS = ["merchant", "payer", "state", "hold", "token", "request", "memo", "from", "to"];

/** Reads the filters of a list of payments. */
export function readListQuery(query: Record<string, unknown>) {
  const { map, cursor, limit } = readPage(query, LIST_FILTERS, readHash);
  return {
    filter: {
      merchant: map("merchant", (value) => readAddress("merchant", value)),
      payer: map("payer", (value) => readAddress("payer", value)),
      state: map("state", (value) => readWord("state", value, PAYMENT_STATES)),
      holdStatus: map("hold", (value) => readWord("hold", value, HOLD_STATUSES)),
      token: map("token", (value) => readAddress("token", value)),
      request: map("request", (value) => readUuid("request", value)),
      memo: map("memo", (value) => readHash("memo", value)),
      from: map("from", (value) => readSeconds("from", value)),
      to: map("to", (value) => readSeconds("to", value)),
    },
    cursor,
    limit,
  };
}

/** @returns Unix seconds. */
export function readSeconds(field: string, text: string): number {
  // Beyond this, PostgreSQL has no time for it.
  if (!/^\d{1,11}$/.test(text)) throw new HttpProblem("invalid_field", { field, expected: "a time in Unix seconds" });
  return Number(text);
}

export function readWord<T extends string>(field: string, text: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new HttpProblem("invalid_field", { field, expected: `one of ${words.join(", ")}` });
  return word;
}

export function readAddress(field: string, text: string): string {
  if (!isHexString(text, 20)) throw new HttpProblem("invalid_field", { field, expected: "0x and 40 hex digits" });
  try {
    return getAddress(text);
  } catch {
    throw new HttpProblem("bad_checksum", { field, expected: "an address with a valid EIP-55 checksum" });
  }
}
