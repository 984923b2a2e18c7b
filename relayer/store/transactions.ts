import { type Database, inTransaction, type Queryable } from "./database.ts";

export interface SignedTransaction {
  readonly hash: string;
  readonly lane: string;
  readonly nonce: bigint;
  readonly raw: string;
  readonly rows: number;
  readonly batches: number;
}

export interface LiveTransaction {
  readonly hash: string;
  readonly nonce: bigint;
  readonly raw: string;
  readonly state: "signed" | "broadcast";
  /** Since it was last handed to a node; null if it never was. */
  readonly sinceBroadcastMs: number | null;
}

/** What rides in transactions: decided by its own events, not by the transaction's success. */
const RIDERS = ["payments", "acts", "instructions", "x402_payments"] as const;

/** Its lane gives it up, once it is sure that nobody else has used the authorization. */
const GIVEN_UP_BY_ITS_LANE = "x402_payments";
const NEVER = 2_147_483_647;

/** A rider that this many transactions failed on is given up. */
export const MAX_ATTEMPTS = 3;

export async function insertTransaction(db: Queryable, transaction: SignedTransaction): Promise<void> {
  await db.query(
    `INSERT INTO transactions (hash, lane, nonce, raw, state, rows, batches) VALUES ($1, $2, $3, $4, 'signed', $5, $6)`,
    [transaction.hash, transaction.lane, transaction.nonce, transaction.raw, transaction.rows, transaction.batches],
  );
}

/** To be called after the bytes were handed to a node. */
export async function markBroadcast(database: Database, hash: string): Promise<void> {
  await inTransaction(database, async (client) => {
    await client.query(
      `UPDATE transactions SET state = 'broadcast', broadcast_at = clock_timestamp()
       WHERE hash = $1 AND state IN ('signed', 'broadcast')`,
      [hash],
    );
    for (const riders of RIDERS) {
      await client.query(
        `UPDATE ${riders} SET state = 'submitted', updated_at = clock_timestamp()
         WHERE transaction_hash = $1 AND state = 'assigned'`,
        [hash],
      );
    }
  });
}

export async function liveTransactions(db: Queryable, lane: string): Promise<LiveTransaction[]> {
  const { rows } = await db.query<LiveTransaction>(
    `SELECT hash, nonce, raw, state,
       (extract(epoch FROM clock_timestamp() - broadcast_at) * 1000)::float8 AS "sinceBroadcastMs"
     FROM transactions WHERE lane = $1 AND state IN ('signed', 'broadcast') ORDER BY nonce`,
    [lane],
  );
  return rows;
}

export interface Outcome {
  readonly hash: string;
  readonly blockNumber: bigint;
  readonly gasUsed: bigint;
  readonly feeWei: bigint;
  readonly succeeded: boolean;
}

/**
 * Records that a transaction was mined. Its rows were decided by their events; whatever it leaves undecided (all of
 * them, if it reverted) goes back to the queue, or is given up after three transactions. To be called while the record
 * of the chain stands still and covers the block. @returns how many rows the transaction carried.
 */
export async function recordOutcome(db: Queryable, outcome: Outcome): Promise<number> {
  const { rows } = await db.query<{ rows: number }>(
    `UPDATE transactions SET state = $2, block_number = $3, gas_used = $4, fee_wei = $5
     WHERE hash = $1 AND state IN ('signed', 'broadcast') RETURNING rows`,
    [outcome.hash, outcome.succeeded ? "mined" : "failed", outcome.blockNumber, outcome.gasUsed, outcome.feeWei],
  );
  await requeue(db, outcome.hash);
  return rows[0]?.rows ?? 0;
}

/** Records that another transaction took the nonce for good, so that this one can never be mined. */
export async function recordLoss(database: Database, hash: string): Promise<void> {
  await inTransaction(database, async (client) => {
    await client.query("UPDATE transactions SET state = 'lost' WHERE hash = $1 AND state IN ('signed', 'broadcast')", [
      hash,
    ]);
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
