import type pg from "pg";

import type { RecordContracts } from "../../sdk/record/contracts.ts";
import type { BlockHeader } from "../../sdk/record/rpc-answers.ts";
import type { Books } from "../books.ts";
import type { ExceptionLog } from "../exceptions.ts";
import { compareRow, countRows, readPages } from "./rows.ts";

type Row = Readonly<Record<string, unknown>>;

const PATIENCE_MS = 30_000;
const POLL_MS = 200;

/** Waits until the relayer has followed the chain to the end block. @returns whether it has; else nothing is to be compared. */
export async function waitUntilFollowed(client: pg.Client, end: BlockHeader, { note }: ExceptionLog): Promise<boolean> {
  for (const limit = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, POLL_MS))) {
    const { rows } = await client.query<{ head: bigint | null }>("SELECT max(number) AS head FROM blocks");
    const head = rows[0]?.head ?? -1n;
    if (head >= BigInt(end.number)) return true;
    if (Date.now() < limit) continue;
    const detail = `it has followed the chain to block ${head}, the audit ends with ${end.number}`;
    note("database_behind", "blocks", null, detail);
    return false;
  }
}

/** Rows that tell how something stands: accounts, holds and quotes. Those of later blocks are beyond the audit. */
export async function compareAtEnd(
  client: pg.Client,
  contracts: RecordContracts,
  books: Books,
  end: BlockHeader,
  exceptions: ExceptionLog,
): Promise<void> {
  const { rows: deployments } = await client.query<Row>("SELECT chain_id, ledger FROM deployment");
  for (const row of deployments) {
    compareRow("deployment", row, { chain_id: contracts.chainId, ledger: contracts.ledger }, null, exceptions);
  }
  const { rows: same } = await client.query<Row>("SELECT hash FROM blocks WHERE number = $1", [end.number]);
  for (const row of same) compareRow(`blocks ${end.number}`, row, { hash: end.hash }, null, exceptions);
  await compareAccounts(client, books, end, exceptions);
  await compareHolds(client, books, end, exceptions);
  await compareQuotes(client, books, end, exceptions);
}

async function compareAccounts(
  client: pg.Client,
  books: Books,
  end: BlockHeader,
  exceptions: ExceptionLog,
): Promise<void> {
  // Rows of block 0 were locked for a payment and are read from the chain at that.
  const sql = "SELECT * FROM accounts WHERE block_number BETWEEN 1 AND $1";
  for await (const rows of readPages<Row>(client, sql, [end.number])) {
    countRows(books.counters, rows);
    for (const row of rows) {
      const [owner, token] = [String(row.owner), String(row.token)];
      const account = books.accounts.get(`${token.toLowerCase()}:${owner.toLowerCase()}`);
      const { balance = 0n, window = 0n, nextNonce = 0n, frozenUntil = 0n } = account ?? {};
      const expected = { balance, nonce_window: window, next_nonce: nextNonce, frozen_until: frozenUntil };
      compareRow(`accounts ${owner} ${token}`, row, expected, account ?? null, exceptions);
    }
  }
}

async function compareHolds(
  client: pg.Client,
  books: Books,
  end: BlockHeader,
  exceptions: ExceptionLog,
): Promise<void> {
  for await (const rows of readPages<Row>(client, "SELECT * FROM holds WHERE block_number <= $1", [end.number])) {
    countRows(books.counters, rows);
    for (const row of rows) {
      const hold = books.holds.get(String(row.id));
      if (hold === undefined) {
        exceptions.note("database_row_extra", `holds ${String(row.id)}`, null, "the Escrow has no such hold");
        continue;
      }
      const { status, captured, refunded, disputedAt } = hold;
      const expected = { status, captured, refunded, disputed_at: disputedAt };
      compareRow(`holds ${String(row.id)}`, row, expected, hold, exceptions);
    }
  }
  const missing = `SELECT p.hold_id AS id FROM payments p WHERE p.hold_id IS NOT NULL AND p.state IN ('settled', 'final')
    AND p.block_number <= $1 AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.id = p.hold_id)`;
  for await (const rows of readPages<Row>(client, missing, [end.number])) {
    for (const { id } of rows) {
      const hold = books.holds.get(String(id)) ?? null;
      exceptions.note("database_row_missing", `holds ${String(id)}`, hold, "its payment settled into a hold");
    }
  }
}

/** Quotes that were filled or voided; what nobody touched has no block, and must be whole. */
async function compareQuotes(
  client: pg.Client,
  books: Books,
  end: BlockHeader,
  exceptions: ExceptionLog,
): Promise<void> {
  for await (const rows of readPages<Row>(client, "SELECT * FROM quotes WHERE block_number <= $1", [end.number])) {
    countRows(books.counters, rows);
    for (const row of rows) {
      const fill = books.fills.get(String(row.id));
      const maker = books.generations.get(String(row.maker).toLowerCase());
      const isVoid = row.generation !== (maker?.generation ?? 0n);
      const expected = { filled: fill?.filled ?? 0n, cancelled: (fill?.isCancelled ?? false) || isVoid };
      compareRow(`quotes ${String(row.id)}`, row, expected, fill ?? null, exceptions);
    }
  }
}
