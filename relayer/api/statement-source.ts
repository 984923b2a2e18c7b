import { isoCurrencyOf } from "../../sdk/statement/iso-currency.ts";
import type { CurrencyOf } from "../../sdk/statement/csv.ts";
import { RunningBalance } from "../../sdk/statement/running-balance.ts";
import type { StatementEntry, StatementHead, UnbalancedEntry } from "../../sdk/statement/statement.ts";
import { type Database, inTransaction, type Queryable } from "../store/database.ts";
import { findEntryPayments, findNames } from "../store/entry-payments.ts";
import {
  type EntryPlace,
  type EntryRecord,
  movementHorizon,
  readEntries,
  readStatementSums,
  type StatementSpan,
  sumUpTo,
} from "../store/statements.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";

/** Entries that are read at a time. */
const CHUNK = 500;

/** How every token is shown, and what the operator says that it stands for. */
export function currencies({ network, isoCurrencies }: Pick<ApiDependencies, "network" | "isoCurrencies">): CurrencyOf {
  return (token) => {
    const known = network.currencies.find((currency) => currency.token === token);
    const { code, decimals } = known ?? { code: token, decimals: 0 };
    return {
      token,
      code,
      decimals,
      iso: isoCurrencies.get(token) ?? (known === undefined ? null : isoCurrencyOf(code)),
    };
  };
}

/**
 * What a statement says before its entries. Everything of one moment, and held against the balance that the follower read from the
 * contract. @throws HttpProblem `period_unknown`, `not_ready`, `books_differ`
 */
export async function openStatement(
  {
    database,
    network,
    currencyOf,
  }: Pick<ApiDependencies, "database" | "network"> & { readonly currencyOf: CurrencyOf },
  span: StatementSpan & { readonly offset: number },
): Promise<StatementHead> {
  return inTransaction(database, async (db) => {
    await db.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    const horizon = await movementHorizon(db);
    if (horizon !== undefined && BigInt(span.from) <= horizon) {
      throw new HttpProblem("period_unknown", { field: "from", expected: `after ${horizon}` });
    }
    const sums = await readStatementSums(db, span, network.finalityDepth);
    if (sums === undefined) throw new HttpProblem("not_ready");
    const { before, credits, debits, after, balance, head, isFinal } = sums;
    const closing = before + credits.sum - debits.sum;
    if (closing + after !== balance) {
      const detail = `The entries of ${span.account} come to ${closing + after}, the Ledger says ${balance}`;
      throw new HttpProblem("books_differ", { detail });
    }
    const isOver = head.timestamp >= BigInt(span.to);
    return {
      ...{ account: span.account, name: (await findNames(db, [span.account])).get(span.account) ?? null },
      ...{ chainId: network.chainId, ledger: network.ledger, currency: currencyOf(span.token) },
      ...{ from: span.from, to: span.to, offset: span.offset },
      state: isFinal ? "final" : isOver ? "closed" : "open",
      asOf: { blockNumber: head.number.toString(), timestamp: Number(head.timestamp) },
      ...{ opening: before.toString(), closing: closing.toString() },
      credits: { entries: credits.entries, sum: credits.sum.toString() },
      debits: { entries: debits.entries, sum: debits.sum.toString() },
    };
  });
}

/** A page of entries with the balance after each. @param after The last one of the page before. */
export async function readStatementPage(
  database: Database,
  head: StatementHead,
  after: EntryPlace | undefined,
  limit: number,
): Promise<{ readonly entries: StatementEntry[]; readonly last: EntryPlace | undefined }> {
  const span = spanOf(head);
  // One more than asked, to know whether there is a next page.
  const upTo = BigInt(head.asOf.blockNumber);
  const found = await readEntries(database, span, { after, upTo, limit: limit + 1 });
  const page = found.slice(0, limit);
  const passed = after === undefined ? 0n : await sumUpTo(database, span, after);
  const running = new RunningBalance(BigInt(head.opening) + passed);
  const entries = (await explain(database, head.account, page)).map((entry) => running.add(entry));
  return { entries, last: found.length > limit ? page.at(-1) : undefined };
}

/**
 * All entries, read as they are taken. Should the chain reorganise meanwhile so that they no longer come to the closing balance, it ends
 * by an error, and whoever reads has half a file instead of a wrong one. @throws BalanceMismatch
 */
export async function* streamEntries(
  database: Database,
  head: StatementHead,
): AsyncGenerator<readonly StatementEntry[]> {
  const running = new RunningBalance(BigInt(head.opening));
  let after: EntryPlace | undefined;
  for (;;) {
    const upTo = BigInt(head.asOf.blockNumber);
    const page = await readEntries(database, spanOf(head), { after, upTo, limit: CHUNK });
    yield (await explain(database, head.account, page)).map((entry) => running.add(entry));
    after = page.at(-1);
    if (after === undefined || page.length < CHUNK) break;
  }
  running.close(BigInt(head.closing));
}

function spanOf({ account, currency, from, to }: StatementHead): StatementSpan {
  return { account, token: currency.token, from, to };
}

/** Entries with what is known here of their payments: whose they are, memos and titles. */
export async function explain(
  db: Queryable,
  account: string,
  records: readonly EntryRecord[],
): Promise<UnbalancedEntry[]> {
  const references = [...new Set(records.flatMap(({ reference }) => reference ?? []))];
  const payments = new Map(
    (await findEntryPayments(db, references)).flatMap((payment) =>
      [payment.id, payment.holdId].flatMap((id) => (id === null ? [] : [[id, payment] as const])),
    ),
  );
  const entries = records.map((record): UnbalancedEntry => {
    const payment = payments.get(record.reference ?? "");
    const isOfHold = record.kind.startsWith("hold_") || record.kind === "exchange_refunded";
    const parties = payment?.payer === account ? payment.merchant : payment?.payer;
    const isOfPayment = ["payment", "exchange", "exchange_refunded"].includes(record.kind);
    return {
      ...{
        kind: record.kind,
        amount: record.amount.toString(),
        fee: record.fee.toString(),
        reference: record.reference,
      },
      paymentId: payment?.id ?? (isOfPayment ? record.reference : null),
      counterparty: (isOfHold ? parties : undefined) ?? record.counterparty,
      counterpartyName: null,
      memo: payment?.memo ?? record.memo,
      title: payment?.title ?? null,
      exchange: record.exchange,
      ...{ blockNumber: record.blockNumber.toString(), logIndex: record.logIndex, part: record.part },
      ...{ transactionHash: record.transactionHash, at: Number(record.at) },
    };
  });
  const names = await findNames(db, [...new Set(entries.flatMap(({ counterparty }) => counterparty ?? []))]);
  return entries.map((entry) => ({ ...entry, counterpartyName: names.get(entry.counterparty ?? "") ?? null }));
}
