import pg from "pg";

import type { LocalStack } from "../../scripts/local/stack.ts";

/** Accounts whose movements do not come to the balance that the follower read from the contract; none, if all is recorded. */
export async function unbalancedAccounts(stack: Pick<LocalStack, "environment">): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(
      `WITH sums AS (
         SELECT owner, token, sum(amount) AS sum FROM (
           SELECT debited AS owner, token, -debit AS amount FROM movements WHERE debited IS NOT NULL
           UNION ALL SELECT credited, token, credit FROM movements WHERE credited IS NOT NULL) m
         GROUP BY 1, 2)
       SELECT owner, token, coalesce(sum, 0)::text AS sum, coalesce(balance, 0)::text AS balance
       FROM sums FULL JOIN accounts USING (owner, token) WHERE coalesce(sum, 0) <> coalesce(balance, 0)`,
    );
    return rows;
  } finally {
    await client.end();
  }
}
