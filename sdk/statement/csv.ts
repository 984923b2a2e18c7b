import { CSV_MARK, toCsvRow } from "../csv.ts";
import { plainDecimal } from "./iso-amount.ts";
import type { StatementCurrency, StatementEntry, StatementHead } from "./statement.ts";
import { isoTime } from "./statement-time.ts";
import { oneLine } from "./xml.ts";

const COLUMNS = [
  ...[
    "time",
    "kind",
    "amount",
    "fee",
    "balance",
    "currency",
    "counterparty",
    "counterparty_name",
    "title",
    "memo",
    "payment",
  ],
  ...["reference", "paid", "paid_currency", "settled", "settled_currency", "quote", "block", "transaction"],
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string | null>>;

const LONGEST_TEXT = 500;

/** Tells how a token is shown. */
export type CurrencyOf = (token: string) => StatementCurrency;

/**
 * The first lines: names of columns, the opening balance. Comma-separated values by RFC 4180, with a byte order mark so that
 * spreadsheets read UTF-8; amounts in the token's units, in full.
 */
export function csvStart(head: StatementHead): string {
  const opening = {
    time: isoTime(head.from, head.offset),
    kind: "opening_balance",
    balance: decimal(head, head.opening),
  };
  return `${CSV_MARK}${toCsvRow(COLUMNS)}${line({ ...opening, currency: head.currency.code })}`;
}

export function csvEntry(head: StatementHead, entry: StatementEntry, currencyOf: CurrencyOf): string {
  const { exchange } = entry;
  const of = (token: string, amount: string): [amount: string, code: string] => {
    const { code, decimals } = currencyOf(token);
    return [plainDecimal(BigInt(amount), decimals), code];
  };
  const [paid = null, paid_currency = null] = exchange === null ? [] : of(exchange.payToken, exchange.paid);
  const [settled = null, settled_currency = null] = exchange === null ? [] : of(exchange.settleToken, exchange.settled);
  return line({
    ...{ time: isoTime(entry.at, head.offset), kind: entry.kind, amount: decimal(head, entry.amount) },
    ...{ fee: decimal(head, entry.fee), balance: decimal(head, entry.balance), currency: head.currency.code },
    ...{
      counterparty: entry.counterparty,
      counterparty_name: entry.counterpartyName,
      title: entry.title,
      memo: entry.memo,
    },
    ...{ payment: entry.paymentId, reference: entry.reference, paid, paid_currency, settled, settled_currency },
    ...{ quote: exchange?.quote ?? null, block: entry.blockNumber, transaction: entry.transactionHash },
  });
}

/** The last line: the closing balance. */
export function csvEnd(head: StatementHead): string {
  const { to, asOf, offset, state } = head;
  const time = isoTime(state === "open" ? asOf.timestamp : to, offset);
  return line({ time, kind: "closing_balance", balance: decimal(head, head.closing), currency: head.currency.code });
}

function decimal({ currency }: StatementHead, amount: string): string {
  return plainDecimal(BigInt(amount), currency.decimals);
}

function line(row: Row): string {
  return toCsvRow(COLUMNS.map((column) => oneLine(row[column] ?? "", LONGEST_TEXT) ?? ""));
}
