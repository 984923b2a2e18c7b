import type { Queryable } from "./database.ts";

export const RECORD_ACTIONS = ["stored", "corrected", "read", "exported", "disclosed", "erased"] as const;

export type RecordAction = (typeof RECORD_ACTIONS)[number];

/** Who did what with a record, without what the record says. */
export interface AuditEntry {
  readonly id: bigint;
  readonly action: RecordAction;
  /** A key's or a session's id, or `payer` or `payee`: a party of the payment who signed. */
  readonly actor: string;
  /** Of a disclosure: which fields. */
  readonly pointers: readonly string[] | null;
  readonly at: Date;
}

export async function recordAction(
  db: Queryable,
  recordIds: readonly string[],
  { action, actor, pointers }: Pick<AuditEntry, "action" | "actor"> & { readonly pointers?: readonly string[] },
): Promise<void> {
  if (recordIds.length === 0) return;
  await db.query(
    `INSERT INTO record_audit (record_id, action, actor, pointers) SELECT id, $2, $3, $4 FROM unnest($1::uuid[]) AS id`,
    [recordIds, action, actor, pointers ?? null],
  );
}

/** The newest entries, or those below `below`. */
export async function listAudit(
  db: Queryable,
  recordId: string,
  below: bigint | undefined,
  limit: number,
): Promise<AuditEntry[]> {
  const { rows } = await db.query<AuditEntry>(
    `SELECT id, action, actor, pointers, at FROM record_audit
     WHERE record_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [recordId, below ?? null, limit],
  );
  return rows;
}
