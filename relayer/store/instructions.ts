import type { InstructionKind } from "../../sdk/instructions.ts";
import type { PaymentState } from "../../sdk/payment.ts";
import { type Carrier, carrierOf, type InstructionContent, isSetting, ownerOf } from "../instruction-content.ts";
import type { Queryable } from "./database.ts";
import { nonceKey, requireAll } from "./payments.ts";
import type { Queue, QueueState } from "./queues.ts";

/** An instruction that was checked and may be stored. */
export interface NewInstruction {
  readonly id: string;
  readonly content: InstructionContent;
  readonly signature: string;
}

export interface InstructionRecord extends NewInstruction {
  readonly state: PaymentState;
  readonly code: string | null;
  /** The transaction that made it take effect, or the one it travels in. */
  readonly transactionHash: string | null;
  readonly blockNumber: bigint | null;
  readonly acceptedAt: Date;
}

const COLUMNS = `id, content, signature, state, code, coalesce(settled_hash, transaction_hash) AS "transactionHash",
  block_number AS "blockNumber", accepted_at AS "acceptedAt"`;

export async function findInstruction(db: Queryable, id: string): Promise<InstructionRecord | undefined> {
  const { rows } = await db.query<InstructionRecord>(`SELECT ${COLUMNS} FROM instructions WHERE id = $1`, [id]);
  return rows[0];
}

/** Ids of the live or settled instructions that hold these nonces of accounts; cancellations among them. */
export async function findInstructionNonces(
  db: Queryable,
  nonces: readonly { readonly payer: string; readonly token: string; readonly nonce: bigint }[],
): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; payer: string; token: string; nonce: bigint }>(
    `SELECT i.id, i.owner AS payer, i.token, i.nonce FROM instructions i
     JOIN unnest($1::text[], $2::text[], $3::numeric[]) AS k (owner, token, nonce)
       ON i.owner = k.owner AND i.token = k.token AND i.nonce = k.nonce
     WHERE i.state NOT IN ('rejected', 'expired') AND i.carrier = 'ledger'`,
    [nonces.map((n) => n.payer), nonces.map((n) => n.token), nonces.map((n) => n.nonce)],
  );
  return new Map(rows.map((row) => [nonceKey(row), row.id]));
}

/** Stores an instruction; the first one stands if another instance was faster. */
export async function insertInstruction(
  db: Queryable,
  instruction: NewInstruction,
): Promise<{ readonly isNew: boolean; readonly instruction: InstructionRecord }> {
  const { id, content, signature } = instruction;
  const { rowCount } = await db.query(
    `INSERT INTO instructions (id, kind, carrier, setting, owner, token, nonce, deadline, amount, content, signature)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`,
    [
      id,
      content.kind,
      carrierOf(content),
      isSetting(content.kind),
      ownerOf(content),
      content.token,
      content.nonce,
      content.deadline,
      content.kind === "withdrawal" ? content.amount : 0n,
      JSON.stringify(content),
      signature,
    ],
  );
  const stored = await findInstruction(db, id);
  if (stored === undefined) throw new Error("The instruction was not stored");
  return { isNew: rowCount === 1, instruction: stored };
}

/** How many instructions of a carrier (or all) wait, counted up to `limit`, and for how long the oldest has. */
export async function instructionQueueState(db: Queryable, limit: number): Promise<QueueState> {
  const { rows } = await db.query<{ waiting: bigint; oldest: number | null }>(
    `SELECT count(*) AS waiting,
       (extract(epoch FROM clock_timestamp() - min(accepted_at)) * 1000)::float8 AS oldest
     FROM (SELECT accepted_at FROM instructions WHERE state = 'accepted' ORDER BY accepted_at LIMIT $1) q`,
    [limit],
  );
  return { waiting: Number(rows[0]?.waiting ?? 0n), oldestMs: rows[0]?.oldest ?? 0 };
}

/** The instructions of a carrier that wait to be sent. */
export function instructionQueue(name: string, carrier: Carrier): Queue {
  return { name, table: "instructions", condition: `carrier = '${carrier}'` };
}

/**
 * Hands the oldest accepted instructions to a lane whose lease is live. Two lanes never get the same one, and of an
 * account's settings only the first one goes: which of two stays must not depend on which lane is faster.
 */
export async function assignInstructions(
  db: Queryable,
  lane: { address: string; fence: bigint },
  limit: number,
  carrier: Carrier,
): Promise<InstructionRecord[]> {
  const { rows } = await db.query<InstructionRecord>(
    `UPDATE instructions SET state = 'assigned', lane = $1, transaction_hash = NULL, updated_at = clock_timestamp()
     WHERE id IN (
       SELECT w.id FROM instructions w
       WHERE w.state = 'accepted' AND w.carrier = $4
         AND NOT (w.setting AND EXISTS (SELECT 1 FROM instructions b
           WHERE b.owner = w.owner AND b.token = w.token AND b.setting AND b.state IN ('accepted', 'assigned', 'submitted')
             AND (b.accepted_at, b.id) < (w.accepted_at, w.id)))
       ORDER BY w.accepted_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     AND EXISTS (SELECT 1 FROM lanes WHERE address = $1 AND fence = $2 AND lease_until > clock_timestamp())
     RETURNING ${COLUMNS}`,
    [lane.address, lane.fence, limit, carrier],
  );
  return rows.sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
}

/** Notes the transaction that carries these instructions; to be called in the SQL transaction that stores it. */
export async function attachInstructions(
  db: Queryable,
  hash: string,
  lane: string,
  ids: readonly string[],
): Promise<void> {
  const { rowCount } = await db.query(
    `UPDATE instructions SET state = 'submitted', transaction_hash = $1, attempts = attempts + 1,
       updated_at = clock_timestamp()
     WHERE id = ANY($2) AND state = 'assigned' AND lane = $3 AND transaction_hash IS NULL`,
    [hash, ids, lane],
  );
  requireAll(ids.length, rowCount);
}

/** Puts instructions back that were handed to a lane and never signed. */
export async function releaseInstructions(db: Queryable, lane: string): Promise<void> {
  await db.query(
    `UPDATE instructions SET state = 'accepted', lane = NULL, updated_at = clock_timestamp()
     WHERE lane = $1 AND state = 'assigned' AND transaction_hash IS NULL`,
    [lane],
  );
}

/** Refuses assigned instructions that were never signed; one that took effect meanwhile stays settled. */
export async function refuseInstructions(
  db: Queryable,
  refusals: readonly { readonly id: string; readonly code: string }[],
): Promise<void> {
  if (refusals.length === 0) return;
  await db.query(
    `UPDATE instructions i SET state = CASE WHEN r.code = 'expired' THEN 'expired' ELSE 'rejected' END, code = r.code,
       lane = NULL, updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[]) AS r (id, code)
     WHERE i.id = r.id AND i.state = 'assigned' AND i.transaction_hash IS NULL`,
    [refusals.map((refusal) => refusal.id), refusals.map((refusal) => refusal.code)],
  );
}

/** Expires what nobody has signed a transaction for and whose deadline is past. */
export async function expireInstructions(db: Queryable, now: bigint): Promise<void> {
  await db.query(
    `UPDATE instructions SET state = 'expired', code = 'expired', updated_at = clock_timestamp()
     WHERE state = 'accepted' AND deadline < $1`,
    [now],
  );
}

export interface InstructionFilter {
  readonly owner?: string | undefined;
  readonly kind?: InstructionKind | undefined;
  readonly state?: PaymentState | undefined;
}

/** The newest instructions, or the next ones behind the instruction `after`. */
export async function listInstructions(
  db: Queryable,
  filter: InstructionFilter,
  after: string | undefined,
  limit: number,
): Promise<InstructionRecord[]> {
  const { rows } = await db.query<InstructionRecord>(
    `SELECT ${COLUMNS} FROM instructions
     WHERE ($1::text IS NULL OR owner = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR state = $3)
       AND ($4::text IS NULL OR (accepted_at, id) < (SELECT a.accepted_at, a.id FROM instructions a WHERE a.id = $4))
     ORDER BY accepted_at DESC, id DESC LIMIT $5`,
    [filter.owner ?? null, filter.kind ?? null, filter.state ?? null, after ?? null, limit],
  );
  return rows;
}
