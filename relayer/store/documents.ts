import type { PoolClient } from "pg";

import { type Database, inTransaction, type Queryable } from "./database.ts";
import { KEY_COLUMNS, type SealedColumns, sealedItem, type SealedItem } from "./vault-keys.ts";

/** A document that a party of a hold handed in; the chain knows its hash only. */
export interface NewDocument {
  readonly hash: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

export interface StoredDocument extends NewDocument {
  /** What opens `content`; null: it is kept in the clear. */
  readonly sealed: SealedItem | null;
}

/** Turns what is to be kept into what is stored, in the same transaction. */
export type SealDocument = (
  db: PoolClient,
  content: Buffer,
) => Promise<{ readonly itemKey: string | null; readonly sealed: Buffer }>;

/** What strangers can make a relayer keep is bounded. */
export const MAX_DOCUMENTS = 20;

/** @returns false if the payment has as many documents as it may have. */
export async function insertDocument(
  database: Database,
  paymentId: string,
  document: NewDocument,
  seal: SealDocument,
): Promise<boolean> {
  return inTransaction(database, async (db) => {
    await db.query("SELECT 1 FROM payments WHERE id = $1 FOR UPDATE", [paymentId]);
    const { rows } = await db.query<{ count: bigint; known: boolean | null }>(
      "SELECT count(*), bool_or(hash = $2) AS known FROM documents WHERE payment_id = $1",
      [paymentId, document.hash],
    );
    if (rows[0]?.known === true) return true;
    if ((rows[0]?.count ?? 0n) >= BigInt(MAX_DOCUMENTS)) return false;
    const { itemKey, sealed } = await seal(db, document.content);
    await db.query(
      "INSERT INTO documents (payment_id, hash, media_type, content, item_key) VALUES ($1, $2, $3, $4, $5)",
      [paymentId, document.hash, document.mediaType, sealed, itemKey],
    );
    return true;
  });
}

export async function findDocument(
  db: Queryable,
  paymentId: string,
  hash: string,
): Promise<StoredDocument | undefined> {
  const { rows } = await db.query<NewDocument & (SealedColumns | { readonly itemKey: null })>(
    `SELECT d.hash, d.media_type AS "mediaType", d.content, ${KEY_COLUMNS}
     FROM documents d LEFT JOIN item_keys i ON i.id = d.item_key LEFT JOIN tenant_keys t ON t.id = i.tenant_key
     WHERE d.payment_id = $1 AND d.hash = $2`,
    [paymentId, hash],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { mediaType, content } = row;
  return { hash, mediaType, content, sealed: row.itemKey === null ? null : sealedItem(row) };
}
