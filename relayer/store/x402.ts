import type { X402Row } from "../x402-payment.ts";
import { type Database, inTransaction, type Queryable } from "./database.ts";
import { requireAll } from "./payments.ts";
import type { Queue, QueueState } from "./queues.ts";
import { FIRST_BID, TAKEN_BACK } from "./transactions.ts";

export type X402State =
  "verified" | "accepted" | "assigned" | "submitted" | "used" | "settled" | "final" | "rejected" | "expired";

export interface X402Record extends X402Row {
  /** The signature as it was given. */
  readonly givenSignature: string;
  readonly state: X402State;
  readonly code: string | null;
  readonly attempts: number;
  /** The transaction that paid, or the relayer's own that carries it. */
  readonly transactionHash: string | null;
  /** A followed block at which its authorization was not used. */
  readonly unusedBlock: bigint;
  /** One by which somebody else had used it. */
  readonly usedBlock: bigint | null;
}

/** A payment that was checked and may be stored. */
export interface NewX402 {
  readonly row: X402Row;
  readonly givenSignature: string;
  /** A client's name for the payload, and what must be equal for the payload to be the same. */
  readonly identifier: X402Identifier | undefined;
}

export interface X402Identifier {
  readonly identifier: string;
  readonly fingerprint: string;
}

const COLUMNS = `id, kind, token, payer, payee, amount, valid_after AS "validAfter", valid_before AS "validBefore", nonce,
  r, vs, signature, given_signature AS "givenSignature", state, code, attempts,
  coalesce(settled_hash, transaction_hash) AS "transactionHash", unused_block AS "unusedBlock", used_block AS "usedBlock"`;

/** What is found good and never asked to be settled is forgotten after this; for so long it is known to have been unused. */
const VERIFIED_KEPT = "1 hour";

const HEAD = "coalesce((SELECT max(number) FROM blocks), 0)";

export async function findX402(db: Queryable, id: string): Promise<X402Record | undefined> {
  return (await findManyX402(db, [id]))[0];
}

export async function findManyX402(db: Queryable, ids: readonly string[]): Promise<X402Record[]> {
  const { rows } = await db.query<X402Record>(`SELECT ${COLUMNS} FROM x402_payments WHERE id = ANY($1)`, [ids]);
  return rows;
}

/** Notes that a payment was good, so that a stranger who uses it before anybody asks for it to be settled is found out. */
export async function noteVerified(db: Queryable, { row, givenSignature }: NewX402): Promise<void> {
  await db.query(
    `DELETE FROM x402_payments WHERE state = 'verified' AND accepted_at < clock_timestamp() - interval '${VERIFIED_KEPT}'`,
  );
  await insert(db, row, givenSignature, "verified", "DO NOTHING");
}

/** What became of a payment that was to be stored. */
export type StoredX402 =
  | { readonly kind: "stored" | "known"; readonly record: X402Record }
  /** Another payment of the payer holds the nonce, or another payload of the payee has this identifier. */
  | { readonly kind: "nonce_taken" | "identifier_taken" };

/**
 * Stores a payment to be settled; the first one stands if another instance was faster.
 * @param state `used` if its authorization was found used after it was verified.
 */
export async function insertX402(
  database: Database,
  payment: NewX402,
  state: "accepted" | "used" = "accepted",
): Promise<StoredX402> {
  const { row, givenSignature, identifier } = payment;
  try {
    return await inTransaction(database, async (db): Promise<StoredX402> => {
      const isNew = await insert(
        db,
        row,
        givenSignature,
        state,
        `DO UPDATE SET state = excluded.state, used_block = excluded.used_block, given_signature = excluded.given_signature,
           r = excluded.r, vs = excluded.vs, signature = excluded.signature, accepted_at = clock_timestamp(),
           updated_at = clock_timestamp()
         WHERE x402_payments.state = 'verified'`,
      );
      const record = await findX402(db, row.id);
      if (record === undefined) throw new Error("The payment was not stored");
      if (identifier !== undefined && !(await bindIdentifier(db, row, identifier))) throw new IdentifierTaken();
      return { kind: isNew ? "stored" : "known", record };
    });
  } catch (error) {
    if (error instanceof IdentifierTaken) return { kind: "identifier_taken" };
    if (isUniqueViolation(error)) return { kind: "nonce_taken" };
    throw error;
  }
}

class IdentifierTaken extends Error {}

function isUniqueViolation(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "23505";
}

async function insert(
  db: Queryable,
  row: X402Row,
  givenSignature: string,
  state: X402State,
  onConflict: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO x402_payments (id, kind, token, payer, payee, amount, valid_after, valid_before, nonce, nonce_space,
       given_signature, r, vs, signature, state, unused_block, used_block)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, ${HEAD},
       CASE WHEN $15 = 'used' THEN ${HEAD} END)
     ON CONFLICT (id) ${onConflict}`,
    [
      ...[row.id, row.kind, row.token, row.payer, row.payee, row.amount, row.validAfter, row.validBefore, row.nonce],
      ...[nonceSpace(row), givenSignature, row.r, row.vs, row.signature, state],
    ],
  );
  return rowCount === 1;
}

/** Whether no other payment, under way or settled, holds the nonce. */
export async function isNonceFree(db: Queryable, row: X402Row): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM x402_payments WHERE nonce_space = $1 AND payer = $2 AND nonce = $3 AND id <> $4
       AND state NOT IN ('verified', 'rejected', 'expired')`,
    [nonceSpace(row), row.payer, row.nonce, row.id],
  );
  return rows.length === 0;
}

/** ERC-3009's nonces are the token's; Permit2's are of all tokens together. */
function nonceSpace({ kind, token }: X402Row): string {
  return kind === "permit2" ? kind : token;
}

/** Gives a payload its client's name. @returns false if the name is another payload's. */
export async function bindIdentifier(
  db: Queryable,
  { id, payee }: Pick<X402Row, "id" | "payee">,
  { identifier, fingerprint }: X402Identifier,
): Promise<boolean> {
  await db.query(
    `INSERT INTO x402_identifiers (payee, identifier, fingerprint, payment_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [payee, identifier, fingerprint, id],
  );
  return isIdentifierFree(db, payee, { identifier, fingerprint });
}

/** Whether the name is nobody's yet, or this very payload's. */
export async function isIdentifierFree(
  db: Queryable,
  payee: string,
  { identifier, fingerprint }: X402Identifier,
): Promise<boolean> {
  const { rows } = await db.query<{ fingerprint: string }>(
    "SELECT fingerprint FROM x402_identifiers WHERE payee = $1 AND identifier = $2",
    [payee, identifier],
  );
  return rows[0] === undefined || rows[0].fingerprint === fingerprint;
}

/** The payments that wait to be sent. */
export const X402_QUEUE: Queue = { name: "x402", table: "x402_payments", condition: "true" };

/** How many payments wait, counted up to `limit`, for how long the oldest has, and how many are to be looked up. */
export async function x402QueueState(db: Queryable, limit: number): Promise<QueueState & { readonly used: number }> {
  const { rows } = await db.query<{ waiting: bigint; used: bigint; oldest: number | null }>(
    `SELECT count(*) FILTER (WHERE state = 'accepted') AS waiting, count(*) FILTER (WHERE state = 'used') AS used,
       (extract(epoch FROM clock_timestamp() - min(accepted_at) FILTER (WHERE state = 'accepted')) * 1000)::float8 AS oldest
     FROM (SELECT accepted_at, state FROM x402_payments WHERE state IN ('accepted', 'used')
       ORDER BY accepted_at LIMIT $1) q`,
    [limit],
  );
  const [row] = rows;
  return { waiting: Number(row?.waiting ?? 0n), oldestMs: row?.oldest ?? 0, used: Number(row?.used ?? 0n) };
}

/** Hands the oldest accepted payments to a lane whose lease is live. Two lanes never get the same one. */
export async function assignX402(
  db: Queryable,
  lane: { readonly address: string; readonly fence: bigint },
  limit: number,
): Promise<X402Record[]> {
  const { rows } = await db.query<X402Record & { readonly acceptedAt: Date }>(
    `UPDATE x402_payments SET state = 'assigned', lane = $1, transaction_hash = NULL, updated_at = clock_timestamp()
     WHERE id IN (SELECT id FROM x402_payments WHERE state = 'accepted' ORDER BY accepted_at LIMIT $3
       FOR UPDATE SKIP LOCKED)
     AND EXISTS (SELECT 1 FROM lanes WHERE address = $1 AND fence = $2 AND lease_until > clock_timestamp())
     RETURNING ${COLUMNS}, accepted_at AS "acceptedAt"`,
    [lane.address, lane.fence, limit],
  );
  return rows.sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
}

/** Notes the transaction that carries these payments; to be called in the SQL transaction that stores it. */
export async function attachX402(db: Queryable, hash: string, lane: string, ids: readonly string[]): Promise<void> {
  const { rowCount } = await db.query(
    `UPDATE x402_payments SET state = 'submitted', transaction_hash = $1, attempts = attempts + 1,
       updated_at = clock_timestamp()
     WHERE id = ANY($2) AND state = 'assigned' AND lane = $3 AND transaction_hash IS NULL`,
    [hash, ids, lane],
  );
  requireAll(ids.length, rowCount);
}

/** Puts payments back that were handed to a lane and never signed. */
export async function releaseX402(db: Queryable, lane: string): Promise<void> {
  await db.query(
    `UPDATE x402_payments SET state = 'accepted', lane = NULL, updated_at = clock_timestamp()
     WHERE lane = $1 AND state = 'assigned' AND transaction_hash IS NULL`,
    [lane],
  );
}

/** What a code makes of a payment: a used authorization may have paid. */
const REFUSED_STATE = `CASE r.code WHEN 'authorization_used' THEN 'used' WHEN 'expired' THEN 'expired' ELSE 'rejected' END`;

/** Refuses assigned payments that were never signed; one that took effect meanwhile stays settled. */
export async function refuseX402(
  db: Queryable,
  refusals: readonly { readonly id: string; readonly code: string }[],
): Promise<void> {
  if (refusals.length === 0) return;
  await db.query(
    `UPDATE x402_payments x SET state = ${REFUSED_STATE}, code = r.code, lane = NULL, used_block = ${HEAD},
       updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[]) AS r (id, code)
     WHERE x.id = r.id AND x.state = 'assigned' AND x.transaction_hash IS NULL`,
    [refusals.map(({ id }) => id), refusals.map(({ code }) => code)],
  );
}

/** Payments whose authorizations somebody else used, the oldest first. */
export async function usedX402(db: Queryable, limit: number): Promise<X402Record[]> {
  const { rows } = await db.query<X402Record>(
    `SELECT ${COLUMNS} FROM x402_payments WHERE state = 'used' ORDER BY accepted_at LIMIT $1`,
    [limit],
  );
  return rows;
}

/**
 * Records that somebody else's transaction paid. To be called while the record of the chain stands still and covers the block.
 * @returns false if the transfer has paid another payment.
 */
export async function settleUsed(
  db: Queryable,
  id: string,
  by: { readonly transactionHash: string; readonly blockNumber: bigint; readonly logIndex: number },
): Promise<boolean> {
  const { rows } = await db.query(
    "SELECT 1 FROM x402_payments WHERE settled_hash = $1 AND settled_log = $2 AND id <> $3",
    [by.transactionHash, by.logIndex, id],
  );
  if (rows.length > 0) return false;
  await db.query(
    `UPDATE x402_payments SET state = 'settled', code = NULL, settled_hash = $2, settled_log = $3, block_number = $4,
       updated_at = clock_timestamp()
     WHERE id = $1 AND state = 'used'`,
    [id, by.transactionHash, by.logIndex, by.blockNumber],
  );
  return true;
}

/** Gives up a payment whose authorization was used for something else, or cancelled. */
export async function rejectUsed(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE x402_payments SET state = 'rejected', code = 'authorization_used', updated_at = clock_timestamp()
     WHERE id = $1 AND state = 'used'`,
    [id],
  );
}

/** Puts a payment back to where it was, since its authorization is not used any more: a reorg took that back. */
export async function requeueUsed(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE x402_payments x SET code = NULL, used_block = NULL, updated_at = clock_timestamp(), state = CASE WHEN EXISTS (
         SELECT 1 FROM transactions t WHERE t.hash = x.transaction_hash AND t.state IN ('signed', 'broadcast'))
       THEN 'submitted' ELSE 'accepted' END
     WHERE id = $1 AND state = 'used'`,
    [id],
  );
}

interface Place {
  readonly id: string;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
}

/** The chain is the oracle: whatever the payment's state was, the settler's event decides, whoever called it. */
export async function applyX402Settled(db: Queryable, settled: readonly Place[]): Promise<void> {
  if (settled.length === 0) return;
  await db.query(
    `UPDATE x402_payments x SET state = 'settled', code = NULL, settled_hash = s.hash, settled_log = NULL,
       block_number = s.block, updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[], $3::bigint[]) AS s (id, hash, block)
     WHERE x.id = s.id AND x.state <> 'final'
       -- Where a rejected payment's nonce went to another one since, that one is what its payer made of it.
       AND NOT EXISTS (SELECT 1 FROM x402_payments o WHERE o.nonce_space = x.nonce_space AND o.payer = x.payer
         AND o.nonce = x.nonce AND o.id <> x.id AND o.state NOT IN ('verified', 'rejected', 'expired'))`,
    [settled.map((s) => s.id), settled.map((s) => s.transactionHash), settled.map((s) => s.blockNumber)],
  );
}

/** A refusal counts only in the very transaction that this relayer sent the payment in: anyone can cause one elsewhere. */
export async function applyX402Rejected(
  db: Queryable,
  rejected: readonly (Place & { readonly code: string })[],
): Promise<void> {
  if (rejected.length === 0) return;
  await db.query(
    `UPDATE x402_payments x SET state = ${REFUSED_STATE}, code = r.code, block_number = r.block, used_block = r.block,
       updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS r (id, hash, block, code)
     WHERE x.id = r.id AND x.transaction_hash = ${FIRST_BID} AND x.state IN ('assigned', 'submitted')`,
    [
      rejected.map((r) => r.id),
      rejected.map((r) => r.transactionHash),
      rejected.map((r) => r.blockNumber),
      rejected.map((r) => r.code),
    ],
  );
}

/** Returns payments that settled above `ancestor` to where they can settle again. */
export async function undoX402Above(db: Queryable, ancestor: bigint): Promise<void> {
  await db.query(
    `UPDATE x402_payments SET code = NULL, settled_hash = NULL, settled_log = NULL, block_number = NULL, used_block = NULL,
       updated_at = clock_timestamp(), ${TAKEN_BACK}
     WHERE block_number > $1 AND state IN ('settled', 'final')`,
    [ancestor],
  );
}

export async function markX402Final(db: Queryable, upTo: bigint): Promise<void> {
  await db.query(
    `UPDATE x402_payments SET state = 'final', updated_at = clock_timestamp()
     WHERE state = 'settled' AND block_number <= $1`,
    [upTo],
  );
}
