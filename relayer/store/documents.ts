import { type Database, inTransaction, type Queryable } from "./database.ts";

/** A document that a party of a hold handed in; the chain knows its hash only. */
export interface StoredDocument {
  readonly hash: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

/** What strangers can make a relayer keep is bounded. */
export const MAX_DOCUMENTS = 20;

/** @returns false if the payment has as many documents as it may have. */
export async function insertDocument(
  database: Database,
  paymentId: string,
  document: StoredDocument,
): Promise<boolean> {
  return inTransaction(database, async (db) => {
    await db.query("SELECT 1 FROM payments WHERE id = $1 FOR UPDATE", [paymentId]);
    const { rows } = await db.query<{ count: bigint; known: boolean | null }>(
      "SELECT count(*), bool_or(hash = $2) AS known FROM documents WHERE payment_id = $1",
      [paymentId, document.hash],
    );
    if (rows[0]?.known === true) return true;
    if ((rows[0]?.count ?? 0n) >= BigInt(MAX_DOCUMENTS)) return false;
    await db.query("INSERT INTO documents (payment_id, hash, media_type, content) VALUES ($1, $2, $3, $4)", [
      paymentId,
      document.hash,
      document.mediaType,
      document.content,
    ]);
    return true;
  });
}

export async function findDocument(
  db: Queryable,
  paymentId: string,
  hash: string,
): Promise<StoredDocument | undefined> {
  const { rows } = await db.query<StoredDocument>(
    `SELECT hash, media_type AS "mediaType", content FROM documents WHERE payment_id = $1 AND hash = $2`,
    [paymentId, hash],
  );
  return rows[0];
}
