import type { TimedMovement } from "../movement.ts";
import type { BlockRef } from "./chain.ts";
import type { Queryable } from "./database.ts";

/**
 * Whether movements are not those of all blocks up to the followed head: an instance of an earlier version, which knows none, moved the
 * record meanwhile, or a reorg reaches below the balances that were brought forward.
 * @param head The followed block before a reorg is undone. @param ancestor The one after.
 */
export async function lacksMovements(db: Queryable, head: BlockRef, ancestor: BlockRef): Promise<boolean> {
  const { rows } = await db.query<{ upto: bigint; since: bigint | null }>("SELECT upto, since FROM movement_record");
  const record = rows[0];
  if (record === undefined) return true;
  return record.upto !== head.number || (record.since !== null && ancestor.number < record.since);
}

/** Begins anew with the balances as they are at a block: what moved before is not known entry by entry any more. */
export async function bringForward(db: Queryable, { number, timestamp }: BlockRef): Promise<void> {
  await db.query("DELETE FROM movements");
  await db.query(
    `INSERT INTO movements (block_number, log_index, part, at, kind, token, debit, credited, credit, fee)
     SELECT $1, -1, row_number() OVER (ORDER BY owner, token), $2, 'brought_forward', token, 0, owner, balance, 0
     FROM accounts WHERE balance > 0`,
    [number, timestamp],
  );
  await db.query(
    `INSERT INTO movement_record (upto, since, since_at) VALUES ($1, $1, $2)
     ON CONFLICT (singleton) DO UPDATE SET upto = excluded.upto, since = excluded.since, since_at = excluded.since_at`,
    [number, timestamp],
  );
}

/** Stores what moved in blocks up to `upTo`, which are recorded in the same transaction. */
export async function saveMovements(db: Queryable, movements: readonly TimedMovement[], upTo: bigint): Promise<void> {
  await db.query(
    "INSERT INTO movement_record (upto) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET upto = excluded.upto",
    [upTo],
  );
  if (movements.length === 0) return;
  const column = <K extends keyof TimedMovement>(key: K): TimedMovement[K][] =>
    movements.map((movement) => movement[key]);
  await db.query(
    `INSERT INTO movements (block_number, log_index, part, at, kind, token, debited, debit, credited, credit, fee, reference, memo,
       party, exchange, transaction_hash)
     SELECT * FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[],
       $8::numeric[], $9::text[], $10::numeric[], $11::numeric[], $12::text[], $13::text[], $14::text[], $15::jsonb[], $16::text[])`,
    [
      column("blockNumber"),
      column("logIndex"),
      column("part"),
      column("at"),
      column("kind"),
      column("token"),
      column("debited"),
      column("debit"),
      column("credited"),
      column("credit"),
      column("fee"),
      column("reference"),
      column("memo"),
      column("party"),
      movements.map(({ exchange }) => (exchange === null ? null : JSON.stringify(exchange, asText))),
      column("transactionHash"),
    ],
  );
}

function asText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

export async function undoMovementsAbove(db: Queryable, ancestor: bigint): Promise<void> {
  await db.query("DELETE FROM movements WHERE block_number > $1", [ancestor]);
  await db.query("UPDATE movement_record SET upto = least(upto, $1)", [ancestor]);
}
