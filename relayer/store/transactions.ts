import { type Database, inTransaction, type Queryable } from "./database.ts";

export interface SignedTransaction {
  readonly hash: string;
  readonly lane: string;
  readonly nonce: bigint;
  readonly raw: string;
  readonly rows: number;
  readonly batches: number;
}

/** A transaction that may still be mined. It is known by the hash of its first bid. */
export interface LiveTransaction {
  readonly hash: string;
  readonly nonce: bigint;
  /** Since a bid of it was last handed to a node; null if none ever was. */
  readonly sinceSentMs: number | null;
}

/** What is to be known of a transaction that takes its time. */
export interface SlowTransaction extends LiveTransaction {
  /** The latest bid, and how long ago it was signed. */
  readonly raw: string;
  readonly sinceBidMs: number;
  /** All of its bids. */
  readonly hashes: readonly string[];
  /** Whether anything that it carries is still undecided. */
  readonly hasWork: boolean;
}

/** What rides in transactions: decided by its own events, not by the transaction's success. */
const RIDERS = ["payments", "acts", "instructions", "x402_payments"] as const;

/** Its lane gives it up, once it is sure that nobody else has used the authorization. */
const GIVEN_UP_BY_ITS_LANE = "x402_payments";
const NEVER = 2_147_483_647;

/** A rider that this many transactions failed on is given up. */
export const MAX_ATTEMPTS = 3;

/** In a statement with a row `r`: the hash by which the transaction is known that `r.hash` is a bid of. */
export const FIRST_BID = "coalesce((SELECT b.transaction_hash FROM bids b WHERE b.hash = r.hash), r.hash)";

/** In a statement on what rides: whether the transaction that it travels in may still be mined. */
const IS_UNDER_WAY = `EXISTS (SELECT 1 FROM transactions t
  WHERE t.hash = transaction_hash AND t.state IN ('signed', 'broadcast'))`;

/**
 * In an update of riders that a reorg took back, after the transactions were: a rider goes back into its transaction, or to
 * the queue if that one has had its turn (it failed, was lost, or left the rider to a stranger's), as nobody would look
 * after the rider any more.
 */
export const BACK_ON_ITS_WAY = `state = CASE WHEN ${IS_UNDER_WAY} THEN 'submitted' ELSE 'accepted' END,
  lane = CASE WHEN ${IS_UNDER_WAY} THEN lane END,
  transaction_hash = CASE WHEN ${IS_UNDER_WAY} THEN transaction_hash END`;

export async function insertTransaction(db: Queryable, transaction: SignedTransaction): Promise<void> {
  await db.query(
    `INSERT INTO transactions (hash, lane, nonce, raw, state, rows, batches) VALUES ($1, $2, $3, $4, 'signed', $5, $6)`,
    [transaction.hash, transaction.lane, transaction.nonce, transaction.raw, transaction.rows, transaction.batches],
  );
}

/** Stores a transaction that only uses a nonce up, unless there is one with this nonce. @returns whether it was stored. */
export async function insertFiller(
  db: Queryable,
  filler: Omit<SignedTransaction, "rows" | "batches">,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO transactions (hash, lane, nonce, raw, state, rows, batches) VALUES ($1, $2, $3, $4, 'signed', 0, 0)
     ON CONFLICT DO NOTHING`,
    [filler.hash, filler.lane, filler.nonce, filler.raw],
  );
  if (rowCount === 1) return true;
  // A reorg gave a nonce back that was lost to somebody else's transaction: what lost it stands for the place again.
  const { rows } = await db.query<{ hash: string }>(
    "UPDATE transactions SET state = 'signed' WHERE lane = $1 AND nonce = $2 AND state = 'lost' RETURNING hash",
    [filler.lane, filler.nonce],
  );
  const [lost] = rows;
  return lost !== undefined && insertBid(db, lost.hash, { hash: filler.hash, raw: filler.raw, empties: true });
}

export interface Bid {
  readonly hash: string;
  readonly raw: string;
  readonly empties: boolean;
}

/** Stores another bid for a transaction's place, to be sent after that. @returns false if the transaction is not live. */
export async function insertBid(db: Queryable, transactionHash: string, bid: Bid): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO bids (hash, transaction_hash, raw, empties)
     SELECT $1, hash, $3, $4 FROM transactions WHERE hash = $2 AND state IN ('signed', 'broadcast')
     ON CONFLICT DO NOTHING`,
    [bid.hash, transactionHash, bid.raw, bid.empties],
  );
  return rowCount === 1;
}

/** To be called after a bid was handed to a node. */
export async function markBroadcast(db: Queryable, hash: string): Promise<void> {
  await db.query(
    `UPDATE transactions SET state = 'broadcast', broadcast_at = clock_timestamp()
     WHERE hash = $1 AND state IN ('signed', 'broadcast')`,
    [hash],
  );
}

export async function liveTransactions(db: Queryable, lane: string): Promise<LiveTransaction[]> {
  const { rows } = await db.query<LiveTransaction>({
    name: "live-transactions",
    text: `SELECT hash, nonce, (extract(epoch FROM clock_timestamp() - broadcast_at) * 1000)::float8 AS "sinceSentMs"
      FROM transactions WHERE lane = $1 AND state IN ('signed', 'broadcast') ORDER BY nonce`,
    values: [lane],
  });
  return rows;
}

/**
 * Lanes with transactions that are not decided, which none of `known` is and nobody holds: nobody sends these again, so what they carry
 * may wait for ever.
 */
export async function abandonedLanes(db: Queryable, known: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ address: string }>(
    `SELECT l.address FROM lanes l
     WHERE l.address <> ALL ($1) AND (l.lease_until IS NULL OR l.lease_until < clock_timestamp())
       AND EXISTS (SELECT 1 FROM transactions t WHERE t.lane = l.address AND t.state IN ('signed', 'broadcast'))
     ORDER BY l.address`,
    [known],
  );
  return rows.map(({ address }) => address);
}

/** Looks closely at live transactions. */
export async function slowTransactions(db: Queryable, hashes: readonly string[]): Promise<SlowTransaction[]> {
  const undecided = [
    ...RIDERS.map(
      (riders) => `EXISTS (SELECT 1 FROM ${riders} r WHERE r.transaction_hash = t.hash
       AND r.state IN ('assigned', 'submitted'))`,
    ),
    "EXISTS (SELECT 1 FROM payments p WHERE p.deployment_hash = t.hash AND p.state = 'accepted' AND NOT p.deployed)",
  ].join(" OR ");
  const { rows } = await db.query<SlowTransaction>(
    `SELECT t.hash, t.nonce, coalesce(b.raw, t.raw) AS raw, ${undecided} AS "hasWork",
       (extract(epoch FROM clock_timestamp() - t.broadcast_at) * 1000)::float8 AS "sinceSentMs",
       (extract(epoch FROM clock_timestamp() - coalesce(b.signed_at, t.signed_at)) * 1000)::float8 AS "sinceBidMs",
       ARRAY(SELECT t.hash UNION SELECT hash FROM bids WHERE transaction_hash = t.hash) AS hashes
     FROM transactions t
     LEFT JOIN LATERAL (SELECT raw, signed_at FROM bids WHERE transaction_hash = t.hash
       ORDER BY signed_at DESC LIMIT 1) b ON true
     WHERE t.hash = ANY($1) AND t.state IN ('signed', 'broadcast') ORDER BY t.nonce`,
    [hashes],
  );
  return rows;
}

/** Every bid of every lane that may be mined, and whether it is time to ask for its receipt without further reason. */
export interface LiveBid {
  readonly hash: string;
  readonly transactionHash: string;
  readonly empties: boolean;
  readonly isOld: boolean;
}

export async function liveBids(db: Queryable, oldMs: number): Promise<LiveBid[]> {
  const { rows } = await db.query<LiveBid>({
    name: "live-bids",
    text: `SELECT b.hash, t.hash AS "transactionHash", b.empties,
        coalesce(t.broadcast_at < clock_timestamp() - $1 * interval '1 millisecond', true) AS "isOld"
      FROM transactions t
      CROSS JOIN LATERAL (SELECT t.hash, false AS empties
        UNION ALL SELECT hash, empties FROM bids WHERE transaction_hash = t.hash) b
      WHERE t.state IN ('signed', 'broadcast')`,
    values: [oldMs],
  });
  return rows;
}

export interface Outcome {
  /** By which the transaction is known. */
  readonly hash: string;
  /** The bid that was mined. */
  readonly minedHash: string;
  readonly empties: boolean;
  readonly blockNumber: bigint;
  readonly gasUsed: bigint;
  readonly feeWei: bigint;
  readonly succeeded: boolean;
}

/**
 * Records that a transaction was mined. Its rows were decided by their events; whatever it leaves undecided (all of
 * them, if it reverted) goes back to the queue, or is given up after three transactions. To be called while the record
 * of the chain stands still and covers the block. @returns whose it was, and how many rows it carried.
 */
export async function recordOutcome(db: Queryable, outcome: Outcome): Promise<{ lane: string; rows: number }> {
  const state = outcome.empties ? "freed" : outcome.succeeded ? "mined" : "failed";
  const { rows } = await db.query<{ lane: string; rows: number }>(
    `UPDATE transactions SET state = $2, block_number = $3, gas_used = $4, fee_wei = $5, mined_hash = $6
     WHERE hash = $1 AND state IN ('signed', 'broadcast') RETURNING lane, rows`,
    [outcome.hash, state, outcome.blockNumber, outcome.gasUsed, outcome.feeWei, outcome.minedHash],
  );
  await requeue(db, outcome.hash);
  return rows[0] ?? { lane: "", rows: 0 };
}

/**
 * Records that another transaction took the nonce for good, so that this one can never be mined. It was no attempt, as what it
 * carries was never tried. @param chainNonce The account's transaction count on the chain; the lane goes on from there.
 */
export async function recordLoss(database: Database, hash: string, chainNonce: bigint): Promise<void> {
  await inTransaction(database, async (client) => {
    const { rows } = await client.query<{ lane: string }>(
      "UPDATE transactions SET state = 'lost' WHERE hash = $1 AND state IN ('signed', 'broadcast') RETURNING lane",
      [hash],
    );
    const lane = rows[0]?.lane;
    if (lane === undefined) return;
    await client.query("UPDATE lanes SET next_nonce = greatest(next_nonce, $2) WHERE address = $1", [lane, chainNonce]);
    for (const riders of RIDERS) {
      await client.query(
        `UPDATE ${riders} SET attempts = attempts - 1
         WHERE transaction_hash = $1 AND state IN ('assigned', 'submitted')`,
        [hash],
      );
    }
    await requeue(client, hash);
  });
}

async function requeue(db: Queryable, hash: string): Promise<void> {
  for (const riders of RIDERS) {
    await db.query(
      `UPDATE ${riders} SET lane = NULL, transaction_hash = NULL, updated_at = clock_timestamp(),
         state = CASE WHEN attempts >= $2 THEN 'rejected' ELSE 'accepted' END,
         code = CASE WHEN attempts >= $2 THEN 'transaction_failed' END
       WHERE transaction_hash = $1 AND state IN ('assigned', 'submitted')`,
      [hash, riders === GIVEN_UP_BY_ITS_LANE ? NEVER : MAX_ATTEMPTS],
    );
  }
}
