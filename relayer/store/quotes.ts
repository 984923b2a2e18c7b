import type { Quote } from "../../sdk/quote.ts";
import type { Queryable } from "./database.ts";

/** A quote with its maker's signature, and what the chain says of it, up to the followed head. */
export interface QuoteRecord extends Quote {
  readonly id: string;
  readonly r: string;
  readonly vs: string;
  /** How much of its settlement amount was given. */
  readonly filled: bigint;
  /** By its maker, alone or with all of its generation. */
  readonly cancelled: boolean;
}

const COLUMNS = `id, maker, pay_token AS "payToken", settle_token AS "settleToken", pay_amount AS "payAmount",
  settle_amount AS "settleAmount", generation, deadline, salt, r, vs, filled, cancelled`;

/** Stores quotes that were checked. One that is known stays as it is. */
export async function saveQuotes(
  db: Queryable,
  quotes: readonly Omit<QuoteRecord, "filled" | "cancelled">[],
): Promise<void> {
  if (quotes.length === 0) return;
  const column = <K extends keyof (typeof quotes)[number]>(key: K): (typeof quotes)[number][K][] =>
    quotes.map((quote) => quote[key]);
  await db.query(
    `INSERT INTO quotes (id, maker, pay_token, settle_token, pay_amount, settle_amount, generation, deadline, salt, r, vs)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::bigint[],
       $8::bigint[], $9::text[], $10::text[], $11::text[]) ORDER BY 1
     ON CONFLICT (id) DO NOTHING`,
    [
      column("id"),
      column("maker"),
      column("payToken"),
      column("settleToken"),
      column("payAmount"),
      column("settleAmount"),
      column("generation"),
      column("deadline"),
      column("salt"),
      column("r"),
      column("vs"),
    ],
  );
}

/** Quotes are kept for a while after they ended, for whoever asks what became of one. What was paid at one is kept with its payment. */
const KEPT_SECONDS = 7n * 86_400n;

/** Forgets quotes that ended long ago. @returns how many. */
export async function pruneQuotes(db: Queryable, now: bigint): Promise<number> {
  const { rowCount } = await db.query("DELETE FROM quotes WHERE deadline < $1", [now - KEPT_SECONDS]);
  return rowCount ?? 0;
}

export async function findQuote(db: Queryable, id: string): Promise<QuoteRecord | undefined> {
  return (await findQuotes(db, [id])).get(id);
}

export async function findQuotes(db: Queryable, ids: readonly string[]): Promise<Map<string, QuoteRecord>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<QuoteRecord>(`SELECT ${COLUMNS} FROM quotes WHERE id = ANY($1)`, [ids]);
  return new Map(rows.map((quote) => [quote.id, quote]));
}

/** What of each quote is neither given nor promised to live payments; locked until the transaction ends. */
export async function lockQuotes(db: Queryable, ids: readonly string[]): Promise<Map<string, bigint>> {
  if (ids.length === 0) return new Map();
  await db.query("SELECT 1 FROM quotes WHERE id = ANY($1) ORDER BY id FOR UPDATE", [ids]);
  const { rows } = await db.query<{ id: string; left: bigint }>(
    `SELECT q.id, q.settle_amount - q.filled - coalesce((
       SELECT sum((p.fx->>'settleAmount')::numeric) FROM payments p
       WHERE p.fx IS NOT NULL AND p.fx->'quote'->>'id' = q.id AND p.state IN ('accepted', 'assigned', 'submitted')
     ), 0) AS left
     FROM quotes q WHERE q.id = ANY($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, left }) => [id, left]));
}

/** Of the quotes that are stored here: those with these ids, and all of these makers. */
export async function quotesToRead(
  db: Queryable,
  ids: readonly string[],
  makers: readonly string[],
): Promise<QuoteRecord[]> {
  if (ids.length === 0 && makers.length === 0) return [];
  const { rows } = await db.query<QuoteRecord>(`SELECT ${COLUMNS} FROM quotes WHERE id = ANY($1) OR maker = ANY($2)`, [
    ids,
    makers,
  ]);
  return rows;
}

/** Stores what the contract said of quotes at a block. */
export async function updateQuotes(
  db: Queryable,
  states: readonly Pick<QuoteRecord, "id" | "filled" | "cancelled">[],
  blockNumber: bigint,
): Promise<void> {
  if (states.length === 0) return;
  await db.query(
    `UPDATE quotes q SET filled = s.filled, cancelled = s.cancelled, block_number = $4
     FROM unnest($1::text[], $2::numeric[], $3::boolean[]) AS s (id, filled, cancelled) WHERE q.id = s.id`,
    [states.map((s) => s.id), states.map((s) => s.filled), states.map((s) => s.cancelled), blockNumber],
  );
}

/** The quotes that blocks above `ancestor` touched, to be read anew. */
export async function quotesAbove(db: Queryable, ancestor: bigint): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>("SELECT id FROM quotes WHERE block_number > $1", [ancestor]);
  return rows.map((row) => row.id);
}
