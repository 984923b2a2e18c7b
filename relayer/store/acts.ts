import type { ActContent, Verb } from "../hold-effects.ts";
import { type Database, inTransaction, type Queryable } from "./database.ts";
import { requireAll, type StoredFx, type StoredTerms } from "./payments.ts";
import type { Queue, QueueState } from "./queues.ts";
import { TAKEN_BACK } from "./transactions.ts";

export type ActState = "accepted" | "assigned" | "submitted" | "settled" | "final" | "rejected";

/** Something that is to be done with a hold. */
export interface ActRecord {
  readonly id: string;
  readonly paymentId: string;
  readonly content: ActContent;
  readonly state: ActState;
  readonly code: string | null;
  /** The transaction that made it take effect, or the one it travels in. */
  readonly transactionHash: string | null;
  readonly blockNumber: bigint | null;
  readonly acceptedAt: Date;
}

/** An act with what the hold is made from, as the contract wants both: token and amount are what is held. */
export interface ActToSend {
  readonly id: string;
  readonly paymentId: string;
  readonly content: ActContent;
  readonly payer: string;
  readonly token: string;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
  readonly terms: StoredTerms;
  /** Of an exchanged payment, with its id and ceiling. */
  readonly fx: StoredFx | null;
  readonly ceiling: bigint;
}

const COLUMNS = `id, payment_id AS "paymentId", content, state, code,
  coalesce(settled_hash, transaction_hash) AS "transactionHash", block_number AS "blockNumber", accepted_at AS "acceptedAt"`;

/** What became of an act that was to be stored. */
export type StoredAct =
  { readonly kind: "stored" | "known"; readonly act: ActRecord } | { readonly kind: "busy"; readonly act: ActRecord };

/**
 * Stores an act, one on a hold at a time (evidence aside): the next is signed over the sum that this one leaves. If its
 * effect is asked for already, that act is returned (`known`); if another act on the hold is under way, nothing is stored
 * and that one is returned (`busy`).
 */
export async function insertAct(
  database: Database,
  act: { readonly id: string; readonly paymentId: string; readonly content: ActContent; readonly effect: string },
): Promise<StoredAct> {
  return inTransaction(database, async (db) => {
    await db.query("SELECT 1 FROM payments WHERE id = $1 FOR UPDATE", [act.paymentId]);
    const known = await findActByEffect(db, act.effect);
    if (known !== undefined) return { kind: "known", act: known };
    const { rows: live } = await db.query<ActRecord>(
      `SELECT ${COLUMNS} FROM acts
       WHERE payment_id = $1 AND verb <> 'evidence' AND state IN ('accepted', 'assigned', 'submitted')`,
      [act.paymentId],
    );
    if (live[0] !== undefined && act.content.verb !== "evidence") return { kind: "busy", act: live[0] };
    const { rows } = await db.query<ActRecord>(
      `INSERT INTO acts (id, payment_id, verb, content, effect) VALUES ($1, $2, $3, $4, $5) RETURNING ${COLUMNS}`,
      [act.id, act.paymentId, act.content.verb, JSON.stringify(act.content), act.effect],
    );
    const stored = rows[0];
    if (stored === undefined) throw new Error("The act was not stored");
    return { kind: "stored", act: stored };
  });
}

export async function findAct(db: Queryable, id: string): Promise<ActRecord | undefined> {
  const { rows } = await db.query<ActRecord>(`SELECT ${COLUMNS} FROM acts WHERE id = $1`, [id]);
  return rows[0];
}

/** The live or settled act with this effect. */
export async function findActByEffect(db: Queryable, effect: string): Promise<ActRecord | undefined> {
  const { rows } = await db.query<ActRecord>(`SELECT ${COLUMNS} FROM acts WHERE effect = $1 AND state <> 'rejected'`, [
    effect,
  ]);
  return rows[0];
}

export async function listActs(
  db: Queryable,
  paymentId: string,
  after: string | undefined,
  limit: number,
): Promise<ActRecord[]> {
  const { rows } = await db.query<ActRecord>(
    `SELECT ${COLUMNS} FROM acts
     WHERE payment_id = $1
       AND ($2::uuid IS NULL OR (accepted_at, id) > (SELECT a.accepted_at, a.id FROM acts a WHERE a.id = $2))
     ORDER BY accepted_at, id LIMIT $3`,
    [paymentId, after ?? null, limit],
  );
  return rows;
}

/** The acts of these verbs that wait to be sent. */
export function actQueue(name: string, verbs: readonly Verb[]): Queue {
  return { name, table: "acts", condition: `verb IN (${verbs.map((verb) => `'${verb}'`).join(", ")})` };
}

/** How many acts wait, and for how long the oldest has. */
export async function actQueueState(db: Queryable, limit: number): Promise<QueueState> {
  const { rows } = await db.query<{ waiting: bigint; oldest: number | null }>(
    `SELECT count(*) AS waiting,
       (extract(epoch FROM clock_timestamp() - min(accepted_at)) * 1000)::float8 AS oldest
     FROM (SELECT accepted_at FROM acts WHERE state = 'accepted' ORDER BY accepted_at LIMIT $1) q`,
    [limit],
  );
  return { waiting: Number(rows[0]?.waiting ?? 0n), oldestMs: rows[0]?.oldest ?? 0 };
}

/**
 * Hands the oldest accepted acts to a lane whose lease is live. Two lanes never get the same one, and of a hold only the
 * first one goes (a reorg can bring several back), once its payment has settled.
 */
export async function assignActs(
  db: Queryable,
  lane: { address: string; fence: bigint },
  limit: number,
  verbs: readonly Verb[],
): Promise<ActToSend[]> {
  const { rows } = await db.query<ActToSend>(
    `UPDATE acts a SET state = 'assigned', lane = $1, transaction_hash = NULL, updated_at = clock_timestamp()
     FROM payments p
     WHERE p.id = a.payment_id AND a.id IN (
       SELECT w.id FROM acts w
       WHERE w.state = 'accepted' AND w.verb = ANY($4)
         AND EXISTS (SELECT 1 FROM payments s WHERE s.id = w.payment_id AND s.state IN ('settled', 'final'))
         AND NOT EXISTS (SELECT 1 FROM acts b
           WHERE b.payment_id = w.payment_id AND b.verb <> 'evidence' AND b.state IN ('accepted', 'assigned', 'submitted')
             AND (b.accepted_at, b.id) < (w.accepted_at, w.id))
       ORDER BY w.accepted_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     AND EXISTS (SELECT 1 FROM lanes WHERE address = $1 AND fence = $2 AND lease_until > clock_timestamp())
     RETURNING a.id, a.payment_id AS "paymentId", a.content, p.payer, coalesce(p.fx->'quote'->>'settleToken', p.token) AS token,
       coalesce((p.fx->>'settleAmount')::numeric, p.amount) AS amount, p.nonce, p.deadline, p.terms, p.fx, p.amount AS ceiling`,
    [lane.address, lane.fence, limit, verbs],
  );
  return rows;
}

/** Notes the transaction that carries these acts; to be called in the SQL transaction that stores it. */
export async function attachActs(db: Queryable, hash: string, lane: string, ids: readonly string[]): Promise<void> {
  const { rowCount } = await db.query(
    `UPDATE acts SET state = 'submitted', transaction_hash = $1, attempts = attempts + 1,
       updated_at = clock_timestamp()
     WHERE id = ANY($2) AND state = 'assigned' AND lane = $3 AND transaction_hash IS NULL`,
    [hash, ids, lane],
  );
  requireAll(ids.length, rowCount);
}

/** Puts acts back that were handed to a lane and never signed. */
export async function releaseActs(db: Queryable, lane: string): Promise<void> {
  await db.query(
    `UPDATE acts SET state = 'accepted', lane = NULL, updated_at = clock_timestamp()
     WHERE lane = $1 AND state = 'assigned' AND transaction_hash IS NULL`,
    [lane],
  );
}

/** Refuses assigned acts that were never signed; one that took effect meanwhile stays settled. */
export async function refuseActs(
  db: Queryable,
  refusals: readonly { readonly id: string; readonly code: string }[],
): Promise<void> {
  if (refusals.length === 0) return;
  await db.query(
    `UPDATE acts a SET state = 'rejected', code = r.code, lane = NULL, updated_at = clock_timestamp()
     FROM unnest($1::uuid[], $2::text[]) AS r (id, code)
     WHERE a.id = r.id AND a.state = 'assigned' AND a.transaction_hash IS NULL`,
    [refusals.map((refusal) => refusal.id), refusals.map((refusal) => refusal.code)],
  );
}

/** The chain is the oracle: whatever the act's state was, its effect decides. Of several that were refused, the last. */
export async function applyEffects(
  db: Queryable,
  effects: readonly { readonly id: string; readonly transactionHash: string; readonly blockNumber: bigint }[],
): Promise<void> {
  if (effects.length === 0) return;
  await db.query(
    `UPDATE acts a SET state = 'settled', code = NULL, settled_hash = e.hash, block_number = e.block,
       updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[], $3::bigint[]) AS e (effect, hash, block)
     WHERE a.state <> 'final' AND a.id = (
       SELECT x.id FROM acts x WHERE x.effect = e.effect ORDER BY x.state = 'rejected', x.accepted_at DESC LIMIT 1)`,
    [effects.map((e) => e.id), effects.map((e) => e.transactionHash), effects.map((e) => e.blockNumber)],
  );
}

/** Returns acts that took effect above `ancestor` to where they can take effect again. */
export async function undoEffectsAbove(db: Queryable, ancestor: bigint): Promise<void> {
  await db.query(
    `UPDATE acts SET code = NULL, settled_hash = NULL, block_number = NULL, updated_at = clock_timestamp(),
       ${TAKEN_BACK} WHERE block_number > $1 AND state IN ('settled', 'final')`,
    [ancestor],
  );
}

export async function markEffectsFinal(db: Queryable, upTo: bigint): Promise<void> {
  await db.query(
    `UPDATE acts SET state = 'final', updated_at = clock_timestamp() WHERE state = 'settled' AND block_number <= $1`,
    [upTo],
  );
}
