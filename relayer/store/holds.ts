import type { HoldStatus } from "../../sdk/hold.ts";
import type { Queryable } from "./database.ts";
import type { PaymentRecord } from "./payments.ts";

/** A hold as the chain has it, up to the followed head. */
export interface HoldRecord {
  readonly id: string;
  readonly status: HoldStatus;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly disputedAt: bigint;
}

/** The hold that a payment settled into. A refused one may have named the same, which its successor at a new quote opened. */
export async function findHold(
  db: Queryable,
  payment: Pick<PaymentRecord, "holdId" | "state">,
): Promise<HoldRecord | undefined> {
  const id = heldAs(payment);
  return id === undefined ? undefined : (await findHolds(db, [id]))[0];
}

/** The id of the hold that a payment settled into, if any. */
export function heldAs({ holdId, state }: Pick<PaymentRecord, "holdId" | "state">): string | undefined {
  return holdId !== null && (state === "settled" || state === "final") ? holdId : undefined;
}

export async function findHolds(db: Queryable, ids: readonly string[]): Promise<HoldRecord[]> {
  const { rows } = await db.query<HoldRecord>(
    `SELECT id, status, captured, refunded, disputed_at AS "disputedAt" FROM holds WHERE id = ANY($1)`,
    [ids],
  );
  return rows;
}

/** Stores what the contract said at a block. Holds of payments that are not known here are passed over. */
export async function saveHolds(db: Queryable, holds: readonly HoldRecord[], blockNumber: bigint): Promise<void> {
  if (holds.length === 0) return;
  await db.query(
    `INSERT INTO holds (id, status, captured, refunded, disputed_at, due_after, block_number)
     SELECT h.id, h.status, h.captured, h.refunded, h.disputed_at,
       CASE WHEN h.status = 'disputed' THEN h.disputed_at + (p.terms->>'rulingPeriod')::bigint
         ELSE (p.terms->>'captureDeadline')::bigint END, $6
     FROM unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::bigint[])
       AS h (id, status, captured, refunded, disputed_at)
     -- Several refused payments may name one hold; it has the same terms in all of them.
     JOIN (SELECT DISTINCT ON (hold_id) hold_id, terms FROM payments WHERE hold_id = ANY($1::text[]) ORDER BY hold_id) p
       ON p.hold_id = h.id
     ON CONFLICT (id) DO UPDATE SET status = excluded.status, captured = excluded.captured,
       refunded = excluded.refunded, disputed_at = excluded.disputed_at, due_after = excluded.due_after,
       block_number = excluded.block_number`,
    [
      holds.map((h) => h.id),
      holds.map((h) => h.status),
      holds.map((h) => h.captured),
      holds.map((h) => h.refunded),
      holds.map((h) => h.disputedAt),
      blockNumber,
    ],
  );
}

/** The holds that blocks above `ancestor` touched, to be read anew. */
export async function holdsAbove(db: Queryable, ancestor: bigint): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>("SELECT id FROM holds WHERE block_number > $1", [ancestor]);
  return rows.map((row) => row.id);
}

export interface DueHold {
  readonly id: string;
  readonly paymentId: string;
  readonly status: HoldStatus;
}

/** Holds whose capture deadline or ruling period is over and on which nothing is under way, nor was just tried. */
export async function findDue(db: Queryable, now: bigint, limit: number): Promise<DueHold[]> {
  const { rows } = await db.query<DueHold>(
    `SELECT h.id, p.id AS "paymentId", h.status FROM holds h
     JOIN payments p ON p.hold_id = h.id AND p.state IN ('settled', 'final')
     WHERE h.status IN ('open', 'disputed') AND h.due_after < $1
       AND NOT EXISTS (SELECT 1 FROM acts a WHERE a.payment_id = p.id AND a.verb <> 'evidence'
         AND (a.state IN ('accepted', 'assigned', 'submitted')
           OR (a.verb IN ('reclaim', 'resolve') AND a.updated_at > clock_timestamp() - interval '1 minute')))
     ORDER BY h.due_after LIMIT $2`,
    [now, limit],
  );
  return rows;
}

export interface ExpiringHold {
  readonly paymentId: string;
  readonly merchant: string;
  readonly token: string;
  readonly amount: bigint;
  readonly captured: bigint;
  readonly captureDeadline: bigint;
}

/** Open holds whose capture deadline lies within `now..until`, not warned of before; marks them as warned of. */
export async function takeExpiring(db: Queryable, now: bigint, until: bigint): Promise<ExpiringHold[]> {
  const { rows } = await db.query<ExpiringHold>(
    `UPDATE holds h SET warned = true FROM payments p
     WHERE p.hold_id = h.id AND p.state IN ('settled', 'final')
       AND h.status = 'open' AND NOT h.warned AND h.due_after >= $1 AND h.due_after <= $2
     RETURNING p.id AS "paymentId", p.merchant, coalesce(p.fx->'quote'->>'settleToken', p.token) AS token,
       coalesce((p.fx->>'settleAmount')::numeric, p.amount) AS amount, h.captured, h.due_after AS "captureDeadline"`,
    [now, until],
  );
  return rows;
}

/** How many open holds have a capture deadline up to `until`, past ones included. */
export async function countExpiring(db: Queryable, until: bigint): Promise<number> {
  const { rows } = await db.query<{ count: bigint }>(
    "SELECT count(*) FROM holds WHERE status = 'open' AND due_after <= $1",
    [until],
  );
  return Number(rows[0]?.count ?? 0n);
}
