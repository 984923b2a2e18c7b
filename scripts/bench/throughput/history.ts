import pg from "pg";

/**
 * Puts as many final payments into the tables as if they had settled long ago, in blocks before the first one: what a
 * relayer's database looks like after a while. The record of the chain is not touched.
 */
export async function addHistory(databaseUrl: string, count: number, lane: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const address = (text: string): string => `'0x' || substr(md5('${text}' || (g % 5000)::text) || md5('b'), 1, 40)`;
  const word = (text: string): string => `'0x' || md5('${text}' || g::text) || md5('${text}b' || g::text)`;
  try {
    await client.query(
      `INSERT INTO transactions (hash, lane, nonce, raw, state, rows, batches, gas_used, fee_wei, block_number, signed_at)
       SELECT ${word("t")}, $2, -1 - g, '0x', 'mined', 500, 3, 8000000, 1, 0, now() - interval '1 day'
       FROM generate_series(1, $1::int / 500 + 1) g`,
      [count, lane],
    );
    const step = 100_000;
    for (let from = 1; from <= count; from += step) {
      await client.query(
        `INSERT INTO payments (id, payer, payee, merchant, token, amount, nonce, deadline, memo, r, vs, state, lane,
           transaction_hash, attempts, settled_hash, block_number, settled_at, accepted_at, updated_at)
         SELECT ${word("p")}, ${address("a")}, ${address("m")}, ${address("m")}, ${address("c")}, 1000000 + g, g, 4000000000,
           ${word("o")}, ${word("r")}, ${word("v")}, 'final', $3, h.hash, 1, h.hash, 0, 1,
           now() - interval '1 day', now() - interval '1 day'
         FROM generate_series($1::int, $2::int) g
         JOIN LATERAL (SELECT '0x' || md5('t' || (g / 500 + 1)::text) || md5('tb' || (g / 500 + 1)::text) AS hash) h ON true`,
        [from, Math.min(count, from + step - 1), lane],
      );
    }
    // What the server does by itself in the course of time.
    for (const table of ["payments", "transactions"]) await client.query(`VACUUM ANALYZE ${table}`);
    await client.query("CHECKPOINT");
  } finally {
    await client.end();
  }
}
