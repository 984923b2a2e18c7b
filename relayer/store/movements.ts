import type { TimedMovement } from "../movement.ts";
import type { Queryable } from "./database.ts";

/** Stores what moved in blocks that are recorded in the same transaction. */
export async function saveMovements(db: Queryable, movements: readonly TimedMovement[]): Promise<void> {
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
}
