import type { SettledPayment } from "./chain.ts";
import type { Queryable } from "./database.ts";

/**
 * How the chain settled a payment that is not known here, out of its payer's account. Stands still only while the record of the
 * chain does.
 */
export async function findSettlement(
  db: Queryable,
  { id, payer, token }: { readonly id: string; readonly payer: string; readonly token: string },
): Promise<SettledPayment | undefined> {
  const { rows } = await db.query<Omit<SettledPayment, "id" | "pulled">>(
    `SELECT transaction_hash AS "transactionHash", block_number AS "blockNumber", at AS "settledAt", fee FROM movements
     WHERE debited = $2 AND token = $3 AND reference = $1 AND kind IN ('payment', 'hold_opened')`,
    [id, payer, token],
  );
  const [row] = rows;
  return row === undefined ? undefined : { ...row, id, pulled: false };
}
