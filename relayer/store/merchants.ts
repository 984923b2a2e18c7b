import type { Queryable } from "./database.ts";

/** How a merchant shows herself. */
export interface MerchantRecord {
  readonly address: string;
  readonly name: string | null;
  /** By ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

export async function findMerchant(db: Queryable, address: string): Promise<MerchantRecord | undefined> {
  const { rows } = await db.query<MerchantRecord>("SELECT address, name, country FROM merchants WHERE address = $1", [
    address,
  ]);
  return rows[0];
}

export async function saveMerchant(db: Queryable, { address, name, country }: MerchantRecord): Promise<void> {
  await db.query(
    `INSERT INTO merchants (address, name, country) VALUES ($1, $2, $3)
     ON CONFLICT (address) DO UPDATE SET name = excluded.name, country = excluded.country, updated_at = clock_timestamp()`,
    [address, name, country],
  );
}
