import { markEffectsFinal, undoEffectsAbove } from "./acts.ts";
import { inTransaction, type Database, type Queryable } from "./database.ts";
import { holdsAbove } from "./holds.ts";
import { markInstructionsFinal, undoInstructionsAbove } from "./instruction-events.ts";
import { undoRefundsAbove } from "./fx.ts";
import { undoMovementsAbove } from "./movements.ts";
import { quotesAbove } from "./quotes.ts";
import { BACK_ON_ITS_WAY, FIRST_BID } from "./transactions.ts";
import { waitForWalletsAgain } from "./wallets.ts";
import { markX402Final, undoX402Above } from "./x402.ts";

/** Names the lock that lets one instance at a time move the record of the chain. */
const FOLLOWER_LOCK = 7_262_002;

export interface BlockRef {
  readonly number: bigint;
  readonly hash: string;
  readonly timestamp: bigint;
}

export interface AccountKey {
  readonly owner: string;
  readonly token: string;
}

export interface AccountRecord extends AccountKey {
  readonly balance: bigint;
  readonly window: bigint;
  readonly nextNonce: bigint;
  readonly frozenUntil: bigint;
}

export interface SettledPayment {
  readonly id: string;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  /** Unix seconds, of that block. */
  readonly settledAt: bigint;
  /** By the Gateway: no nonce of an account was used. */
  readonly pulled: boolean;
  /** What the operator kept of it; absent: it is not known. */
  readonly fee?: bigint;
}

export interface RejectedPayment extends Omit<SettledPayment, "pulled" | "settledAt" | "fee"> {
  readonly code: string;
}

export function whileFollowing<T>(database: Database, work: (db: Queryable) => Promise<T>): Promise<T> {
  return inTransaction(database, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock($1)", [FOLLOWER_LOCK]);
    return work(client);
  });
}

/** The block that was followed last. */
export async function followedHead(db: Queryable): Promise<BlockRef | undefined> {
  return (await followedBlocks(db, 1))[0];
}

/** The followed blocks that are remembered, newest first. */
export async function followedBlocks(db: Queryable, limit: number): Promise<BlockRef[]> {
  const { rows } = await db.query<BlockRef>(
    `SELECT number, hash, "timestamp" FROM blocks ORDER BY number DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

export async function rememberBlock(db: Queryable, block: BlockRef, keep: number): Promise<void> {
  await db.query(`INSERT INTO blocks (number, hash, "timestamp") VALUES ($1, $2, $3)`, [
    block.number,
    block.hash,
    block.timestamp,
  ]);
  await db.query("DELETE FROM blocks WHERE number < $1 AND number <> (SELECT max(number) FROM blocks)", [
    block.number - BigInt(keep),
  ]);
}

/**
 * The chain is the oracle: whatever the payment's state was, its event decides.
 * @returns for each payment of ours that settled, how many seconds ago it was accepted.
 */
export async function applySettled(db: Queryable, settled: readonly SettledPayment[]): Promise<number[]> {
  if (settled.length === 0) return [];
  const ids = settled.map((s) => s.id);
  await refuseRivals(
    db,
    settled.flatMap(({ id, pulled }) => (pulled ? [] : [id])),
  );
  const { rows } = await db.query<{ seconds: number }>(
    `UPDATE payments p SET state = 'settled', code = NULL, settled_hash = s.hash, block_number = s.block,
       settled_at = s.at, fee = s.fee, updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::numeric[]) AS s (id, hash, block, at, fee)
     WHERE p.id = s.id AND p.state <> 'final'
     RETURNING extract(epoch FROM clock_timestamp() - p.accepted_at)::float8 AS seconds`,
    [
      ids,
      settled.map((s) => s.transactionHash),
      settled.map((s) => s.blockNumber),
      settled.map((s) => s.settledAt),
      settled.map((s) => s.fee ?? null),
    ],
  );
  return rows.map(({ seconds }) => seconds);
}

/**
 * A payment that had been refused here left its nonce to another one. If it settles all the same, the account's nonce is
 * gone, and the other can never settle.
 */
async function refuseRivals(db: Queryable, settled: readonly string[]): Promise<void> {
  const { rows: returned } = await db.query<{ id: string }>(
    "SELECT id FROM payments WHERE id = ANY($1) AND state IN ('rejected', 'expired')",
    [settled],
  );
  if (returned.length === 0) return;
  await db.query(
    `UPDATE payments p SET state = 'rejected', code = 'nonce_used', updated_at = clock_timestamp()
     FROM payments s
     WHERE s.id = ANY($1) AND p.payer = s.payer AND p.token = s.token AND p.nonce = s.nonce AND p.id <> s.id
       AND p.funding = 'account' AND p.state IN ('accepted', 'assigned', 'submitted')`,
    [returned.map(({ id }) => id)],
  );
}

/**
 * A rejection counts only in the very transaction that this relayer sent the payment in: anyone can make the Ledger log
 * a rejection of any id. It comes after {@link applySettled}, so a row that was settled by somebody else's transaction is
 * no longer open here.
 */
export async function applyRejected(db: Queryable, rejected: readonly RejectedPayment[]): Promise<number> {
  if (rejected.length === 0) return 0;
  await waitForWalletsAgain(db, rejected);
  const { rowCount } = await db.query(
    `UPDATE payments p SET state = CASE WHEN r.code = 'expired' THEN 'expired' ELSE 'rejected' END, code = r.code,
       block_number = r.block, updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS r (id, hash, block, code)
     WHERE p.id = r.id AND p.transaction_hash = ${FIRST_BID} AND p.state IN ('assigned', 'submitted')`,
    [
      rejected.map((r) => r.id),
      rejected.map((r) => r.transactionHash),
      rejected.map((r) => r.blockNumber),
      rejected.map((r) => r.code),
    ],
  );
  return rowCount ?? 0;
}

export async function saveAccounts(
  db: Queryable,
  accounts: readonly AccountRecord[],
  blockNumber: bigint,
): Promise<void> {
  if (accounts.length === 0) return;
  await db.query(
    `INSERT INTO accounts (owner, token, balance, nonce_window, next_nonce, frozen_until, block_number)
     SELECT a.*, $7 FROM unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::bigint[], $6::bigint[]) a
     -- As intake locks them: whoever takes several takes them in this order.
     ORDER BY 1, 2
     ON CONFLICT (owner, token) DO UPDATE SET balance = excluded.balance, nonce_window = excluded.nonce_window,
       next_nonce = excluded.next_nonce, frozen_until = excluded.frozen_until, block_number = excluded.block_number`,
    [
      accounts.map((a) => a.owner),
      accounts.map((a) => a.token),
      accounts.map((a) => a.balance),
      accounts.map((a) => a.window),
      accounts.map((a) => a.nextNonce),
      accounts.map((a) => a.frozenUntil),
      blockNumber,
    ],
  );
}

export async function markFinal(db: Queryable, upTo: bigint): Promise<void> {
  await db.query(
    `UPDATE payments SET state = 'final', updated_at = clock_timestamp() WHERE state = 'settled' AND block_number <= $1`,
    [upTo],
  );
  await markEffectsFinal(db, upTo);
  await markInstructionsFinal(db, upTo);
  await markX402Final(db, upTo);
}

/**
 * Forgets everything above `ancestor`. A payment that settled there goes back to `submitted` while its own
 * transaction can still be mined again, else to the queue. A refusal stands, as the client was told; should the
 * payment settle all the same, its event says so. @returns the accounts, holds and quotes to be read anew.
 */
export async function undoAbove(
  db: Queryable,
  ancestor: bigint,
): Promise<{ accounts: AccountKey[]; holds: string[]; quotes: string[] }> {
  // First, as what rides in them goes where they are.
  await db.query(
    `UPDATE transactions SET state = 'broadcast', block_number = NULL, mined_hash = NULL, gas_used = NULL, fee_wei = NULL
     WHERE block_number > $1`,
    [ancestor],
  );
  await undoEffectsAbove(db, ancestor);
  await undoRefundsAbove(db, ancestor);
  await undoMovementsAbove(db, ancestor);
  await undoInstructionsAbove(db, ancestor);
  await undoX402Above(db, ancestor);
  await db.query(
    `UPDATE payments p SET code = NULL, settled_hash = NULL, block_number = NULL, settled_at = NULL, fee = NULL, fx_paid = NULL,
       fx_fee = NULL, updated_at = clock_timestamp(), ${BACK_ON_ITS_WAY}
     WHERE block_number > $1 AND state IN ('settled', 'final')`,
    [ancestor],
  );
  await db.query("DELETE FROM blocks WHERE number > $1", [ancestor]);
  const { rows } = await db.query<AccountKey>("SELECT owner, token FROM accounts WHERE block_number > $1", [ancestor]);
  return { accounts: rows, holds: await holdsAbove(db, ancestor), quotes: await quotesAbove(db, ancestor) };
}

export interface AccountState extends AccountRecord {
  /** The sum of what is accepted and not decided yet. */
  readonly reserved: bigint;
}

/** Accounts with their reservations, locked against other intakes until the transaction ends if `lock` is set. */
export async function readAccounts(
  db: Queryable,
  keys: readonly AccountKey[],
  lock: "lock" | "look",
): Promise<AccountState[]> {
  const owners = keys.map((key) => key.owner);
  const tokens = keys.map((key) => key.token);
  if (lock === "lock") {
    await db.query(
      `INSERT INTO accounts (owner, token) SELECT * FROM unnest($1::text[], $2::text[]) AS k (owner, token)
       ORDER BY 1, 2 ON CONFLICT DO NOTHING`,
      [owners, tokens],
    );
    await db.query(
      `SELECT 1 FROM accounts WHERE (owner, token) IN (SELECT * FROM unnest($1::text[], $2::text[]))
       ORDER BY owner, token FOR UPDATE`,
      [owners, tokens],
    );
  }
  const { rows } = await db.query<AccountState>(
    `SELECT a.owner, a.token, a.balance, a.nonce_window AS window, a.next_nonce AS "nextNonce",
       a.frozen_until AS "frozenUntil", coalesce((
         SELECT sum(coalesce((p.fx->>'cost')::numeric, p.amount)) FROM payments p
         WHERE p.payer = a.owner AND p.token = a.token AND p.funding = 'account'
           AND p.state IN ('accepted', 'assigned', 'submitted')), 0) + coalesce((
         SELECT sum(i.amount) FROM instructions i
         WHERE i.owner = a.owner AND i.token = a.token AND i.state IN ('accepted', 'assigned', 'submitted')), 0) AS reserved
     FROM accounts a WHERE (a.owner, a.token) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [owners, tokens],
  );
  return rows;
}

export interface Deployment {
  readonly chainId: bigint;
  readonly ledger: string;
  readonly anchor: { readonly number: bigint; readonly hash: string };
}

/** The deployment that this database belongs to; the first caller decides. */
export async function claimDeployment(db: Queryable, deployment: Deployment): Promise<Deployment> {
  await db.query(
    `INSERT INTO deployment (chain_id, ledger, anchor_block, anchor_hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [deployment.chainId, deployment.ledger, deployment.anchor.number, deployment.anchor.hash],
  );
  const { rows } = await db.query<{ chain_id: bigint; ledger: string; anchor_block: bigint; anchor_hash: string }>(
    "SELECT chain_id, ledger, anchor_block, anchor_hash FROM deployment",
  );
  const row = rows[0];
  if (row === undefined) return deployment;
  return {
    chainId: row.chain_id,
    ledger: row.ledger,
    anchor: { number: row.anchor_block, hash: row.anchor_hash },
  };
}
