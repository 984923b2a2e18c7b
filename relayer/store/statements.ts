import type { MovementKind } from "../../sdk/statement/movement-kinds.ts";
import type { EntryExchange } from "../../sdk/statement/statement.ts";
import { type BlockRef, followedHead } from "./chain.ts";
import type { Queryable } from "./database.ts";

/** Whose account, and when. Unix seconds; `to` is exclusive. */
export interface StatementSpan {
  readonly account: string;
  readonly token: string;
  readonly from: number;
  readonly to: number;
}

export interface SideSum {
  readonly entries: number;
  readonly sum: bigint;
}

/** What an account's movements come to, and what the contract says of it. {qTok} */
export interface StatementSums {
  readonly before: bigint;
  readonly credits: SideSum;
  readonly debits: SideSum;
  readonly after: bigint;
  /** As the contract had it at `head`. */
  readonly balance: bigint;
  readonly head: BlockRef;
  /** Whether no block of the period can be reorganised any more. */
  readonly isFinal: boolean;
}

/** Where an entry stands among those of its account. Of a payment to oneself, the debit comes first. */
export interface EntryPlace {
  readonly at: bigint;
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly part: number;
  readonly isCredit: boolean;
}

/** One change of an account, as it was recorded. */
export interface EntryRecord extends EntryPlace {
  readonly kind: MovementKind;
  /** Below zero: the account was lowered. {qTok} */
  readonly amount: bigint;
  readonly fee: bigint;
  readonly reference: string | null;
  readonly memo: string | null;
  readonly counterparty: string | null;
  readonly exchange: EntryExchange | null;
  readonly transactionHash: string | null;
}

/** Since when movements are recorded; undefined: since the first block. Unix seconds. */
export async function movementHorizon(db: Queryable): Promise<bigint | undefined> {
  const { rows } = await db.query<{ at: bigint | null }>("SELECT since_at AS at FROM movement_record");
  return rows[0]?.at ?? undefined;
}

/** All of one moment, in a transaction that sees one. @returns undefined before a block was followed. */
export async function readStatementSums(
  db: Queryable,
  { account, token, from, to }: StatementSpan,
  finalityDepth: number,
): Promise<StatementSums | undefined> {
  const head = await followedHead(db);
  if (head === undefined) return undefined;
  const side = (owner: "debited" | "credited", amount: "debit" | "credit"): string =>
    `SELECT coalesce(sum(${amount}) FILTER (WHERE at < $3), 0) AS before,
       coalesce(sum(${amount}) FILTER (WHERE at >= $3 AND at < $4), 0) AS sum,
       count(*) FILTER (WHERE at >= $3 AND at < $4)::float8 AS entries,
       coalesce(sum(${amount}) FILTER (WHERE at >= $4), 0) AS after
     FROM movements WHERE ${owner} = $1 AND token = $2`;
  const { rows } = await db.query<SideSum & { before: bigint; after: bigint; isCredit: boolean }>(
    `SELECT *, false AS "isCredit" FROM (${side("debited", "debit")}) d
     UNION ALL SELECT *, true FROM (${side("credited", "credit")}) c`,
    [account, token, from, to],
  );
  const { rows: others } = await db.query<{ balance: bigint | null; isFinal: boolean }>(
    `SELECT (SELECT balance FROM accounts WHERE owner = $1 AND token = $2) AS balance,
       EXISTS (SELECT 1 FROM blocks WHERE "timestamp" >= $3 AND number <= $4) AS "isFinal"`,
    [account, token, to, head.number - BigInt(finalityDepth)],
  );
  const nothing = { before: 0n, sum: 0n, entries: 0, after: 0n };
  const credits = rows.find(({ isCredit }) => isCredit) ?? nothing;
  const debits = rows.find(({ isCredit }) => !isCredit) ?? nothing;
  return {
    before: credits.before - debits.before,
    credits: { entries: credits.entries, sum: credits.sum },
    debits: { entries: debits.entries, sum: debits.sum },
    after: credits.after - debits.after,
    balance: others[0]?.balance ?? 0n,
    head,
    isFinal: others[0]?.isFinal ?? false,
  };
}

const COLUMNS = `at, block_number AS "blockNumber", log_index AS "logIndex", part, kind, reference, memo, exchange,
  transaction_hash AS "transactionHash"`;
const DEBIT = `${COLUMNS}, false AS "isCredit", -debit AS amount, 0::numeric AS fee, coalesce(party, credited) AS counterparty`;
const CREDIT = `${COLUMNS}, true AS "isCredit", credit AS amount, fee, coalesce(party, debited) AS counterparty`;
const PLACE = "at, block_number, log_index, part";
const ORDER = `ORDER BY at, "blockNumber", "logIndex", part, "isCredit"`;

/** Entries of a period in their order, up to a block. @param after The last one of the page before. */
export async function readEntries(
  db: Queryable,
  { account, token, from, to }: StatementSpan,
  { after, upTo, limit }: { readonly after?: EntryPlace | undefined; readonly upTo: bigint; readonly limit: number },
): Promise<EntryRecord[]> {
  const start = after ?? { at: BigInt(from), blockNumber: -1n, logIndex: -2, part: 0, isCredit: true };
  const side = (columns: string, owner: "debited" | "credited", beyond: ">" | ">="): string =>
    `(SELECT ${columns} FROM movements WHERE ${owner} = $1 AND token = $2 AND at < $3 AND block_number <= $4
       AND (${PLACE}) ${beyond} ($5, $6, $7, $8) ORDER BY ${PLACE} LIMIT $9)`;
  const { rows } = await db.query<EntryRecord>(
    `SELECT * FROM (${side(DEBIT, "debited", ">")} UNION ALL ${side(CREDIT, "credited", start.isCredit ? ">" : ">=")}) e
     ${ORDER} LIMIT $9`,
    [account, token, to, upTo, start.at, start.blockNumber, start.logIndex, start.part, limit],
  );
  return rows;
}

/** What the account's entries of a period come to, up to one of them and with it. {qTok} */
export async function sumUpTo(
  db: Queryable,
  { account, token, from }: StatementSpan,
  { at, blockNumber, logIndex, part, isCredit }: EntryPlace,
): Promise<bigint> {
  const side = (owner: "debited" | "credited", amount: "debit" | "credit", before: "<" | "<="): string =>
    `(SELECT coalesce(sum(${amount}), 0) FROM movements WHERE ${owner} = $1 AND token = $2 AND at >= $3
       AND (${PLACE}) ${before} ($4, $5, $6, $7))`;
  const { rows } = await db.query<{ sum: bigint }>(
    `SELECT ${side("credited", "credit", isCredit ? "<=" : "<")} - ${side("debited", "debit", "<=")} AS sum`,
    [account, token, from, at, blockNumber, logIndex, part],
  );
  return rows[0]?.sum ?? 0n;
}

/** An amount among the entries of a period that is no multiple of `unit`, or not below `limit`. {qTok} */
export async function findUnwritable(
  db: Queryable,
  { account, token, from, to }: StatementSpan,
  { unit, limit }: { readonly unit: bigint; readonly limit: bigint },
): Promise<bigint | undefined> {
  const side = (owner: "debited" | "credited", amount: "debit" | "credit"): string =>
    `SELECT ${amount} AS amount FROM movements WHERE ${owner} = $1 AND token = $2 AND at >= $3 AND at < $4
       AND (${amount} % $5::numeric <> 0 OR ${amount} >= $6::numeric)`;
  const { rows } = await db.query<{ amount: bigint }>(
    `${side("debited", "debit")} UNION ALL ${side("credited", "credit")} LIMIT 1`,
    [account, token, from, to, unit, limit],
  );
  return rows[0]?.amount;
}

/** The entries of an account that a payment made, by its id or its hold's, up to a block. A plain one stands in `settledIn`. */
export async function readEntriesOf(
  db: Queryable,
  { account, token }: Pick<StatementSpan, "account" | "token">,
  { references, settledIn, upTo }: { references: readonly string[]; settledIn: bigint | null; upTo: bigint },
): Promise<EntryRecord[]> {
  const side = (columns: string, owner: "debited" | "credited", where: string): string =>
    `SELECT ${columns} FROM movements WHERE ${where} AND ${owner} = $1 AND token = $2 AND reference = ANY($3) AND block_number <= $4`;
  const [settled, others] = ["block_number = $5 AND kind = 'payment'", "kind NOT IN ('payment', 'fee')"];
  const sides = [settled, others].flatMap((where) => [side(DEBIT, "debited", where), side(CREDIT, "credited", where)]);
  const { rows } = await db.query<EntryRecord>(`SELECT * FROM (${sides.join(" UNION ALL ")}) e ${ORDER}`, [
    ...[account, token, references, upTo, settledIn],
  ]);
  return rows;
}
