import type { Queryable } from "./database.ts";

/** A payment that entries belong to, also by its hold. */
export interface EntryPayment {
  readonly id: string;
  readonly holdId: string | null;
  readonly payer: string;
  readonly merchant: string;
  /** The one that the merchant named. */
  readonly memo: string;
  readonly title: string | null;
}

export async function findEntryPayments(db: Queryable, references: readonly string[]): Promise<EntryPayment[]> {
  if (references.length === 0) return [];
  const { rows } = await db.query<EntryPayment>(
    `SELECT p.id, p.hold_id AS "holdId", p.payer, p.merchant, coalesce(p.terms->>'memo', p.fx->>'memo', p.memo) AS memo, r.title
     FROM payments p LEFT JOIN payment_requests r ON r.id = p.request_id
     WHERE p.id = ANY($1) OR p.hold_id = ANY($1)`,
    [references],
  );
  return rows;
}

/** How those show themselves who do. */
export async function findNames(db: Queryable, addresses: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ address: string; name: string }>(
    "SELECT address, name FROM merchants WHERE address = ANY($1) AND name IS NOT NULL",
    [addresses],
  );
  return new Map(rows.map(({ address, name }) => [address, name]));
}
