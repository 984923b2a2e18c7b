import type { Queryable } from "./database.ts";
import { FIRST_BID, TAKEN_BACK } from "./transactions.ts";

/** Where something happened on the chain. */
export interface Place {
  readonly transactionHash: string;
  readonly blockNumber: bigint;
}

/** A nonce of an account that is gone, used by the message `id` (zero: cancelled by the owner's own call). */
export interface UsedNonce extends Place {
  readonly owner: string;
  readonly token: string;
  readonly nonce: bigint;
  readonly id: string;
}

/** What the chain says about instructions. */
export interface InstructionEvents {
  readonly nonces: readonly UsedNonce[];
  /** Withdrawals and deposits that took effect. */
  readonly effects: readonly (Place & { readonly id: string })[];
}

/**
 * The chain is the oracle: whatever an instruction's state was, its event decides, whoever sent it. What else was signed
 * with a nonce that is gone, payments included, can never take effect.
 */
export async function applyInstructionEvents(db: Queryable, { nonces, effects }: InstructionEvents): Promise<void> {
  if (nonces.length > 0) {
    const used = [
      nonces.map((n) => n.owner),
      nonces.map((n) => n.token),
      nonces.map((n) => n.nonce),
      nonces.map((n) => n.id),
    ];
    const others = "unnest($1::text[], $2::text[], $3::numeric[], $4::text[]) AS u (owner, token, nonce, id)";
    await db.query(
      `UPDATE payments p SET state = 'rejected', code = 'nonce_used', updated_at = clock_timestamp()
       FROM ${others} WHERE p.payer = u.owner AND p.token = u.token AND p.nonce = u.nonce AND p.id <> u.id
         AND p.funding = 'account' AND p.state IN ('accepted', 'assigned', 'submitted')`,
      used,
    );
    await db.query(
      `UPDATE instructions i SET state = 'rejected', code = 'nonce_used', updated_at = clock_timestamp()
       FROM ${others} WHERE i.owner = u.owner AND i.token = u.token AND i.nonce = u.nonce AND i.id <> u.id
         AND i.carrier = 'ledger' AND i.state IN ('accepted', 'assigned', 'submitted')`,
      used,
    );
  }
  const done = [...nonces, ...effects];
  if (done.length === 0) return;
  await db.query(
    `UPDATE instructions i SET state = 'settled', code = NULL, settled_hash = e.hash, block_number = e.block,
       updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[], $3::bigint[]) AS e (id, hash, block)
     WHERE i.id = e.id AND i.state <> 'final'`,
    [done.map((e) => e.id), done.map((e) => e.transactionHash), done.map((e) => e.blockNumber)],
  );
}

/** A payment that settled has used its nonce up: what else was signed with it can never take effect. */
export async function rejectBySettled(db: Queryable, paymentIds: readonly string[]): Promise<void> {
  if (paymentIds.length === 0) return;
  await db.query(
    `UPDATE instructions i SET state = 'rejected', code = 'nonce_used', updated_at = clock_timestamp()
     FROM payments p
     WHERE p.id = ANY($1) AND p.funding = 'account' AND i.owner = p.payer AND i.token = p.token AND i.nonce = p.nonce
       AND i.carrier = 'ledger' AND i.state IN ('accepted', 'assigned', 'submitted')`,
    [paymentIds],
  );
}

/** Refusals of withdrawals and deposits count only in the very transaction that this relayer sent them in. */
export async function applyInstructionRejections(
  db: Queryable,
  rejected: readonly (Place & { readonly id: string; readonly code: string })[],
): Promise<void> {
  if (rejected.length === 0) return;
  await db.query(
    `UPDATE instructions i SET state = CASE WHEN r.code = 'expired' THEN 'expired' ELSE 'rejected' END, code = r.code,
       block_number = r.block, updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS r (id, hash, block, code)
     WHERE i.id = r.id AND i.transaction_hash = ${FIRST_BID} AND i.state IN ('assigned', 'submitted')`,
    [
      rejected.map((r) => r.id),
      rejected.map((r) => r.transactionHash),
      rejected.map((r) => r.blockNumber),
      rejected.map((r) => r.code),
    ],
  );
}

/** Returns instructions that took effect above `ancestor` to where they can take effect again. */
export async function undoInstructionsAbove(db: Queryable, ancestor: bigint): Promise<void> {
  await db.query(
    `UPDATE instructions SET code = NULL, settled_hash = NULL, block_number = NULL, updated_at = clock_timestamp(),
       ${TAKEN_BACK} WHERE block_number > $1 AND state IN ('settled', 'final')`,
    [ancestor],
  );
}

export async function markInstructionsFinal(db: Queryable, upTo: bigint): Promise<void> {
  await db.query(
    `UPDATE instructions SET state = 'final', updated_at = clock_timestamp() WHERE state = 'settled' AND block_number <= $1`,
    [upTo],
  );
}
