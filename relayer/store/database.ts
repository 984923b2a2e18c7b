import pg from "pg";

/** Integers come back as `bigint`: every numeric and int8 column of this schema is a whole number. */
pg.types.setTypeParser(pg.types.builtins.INT8, BigInt);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, BigInt);

export type Database = pg.Pool;
/** One connection, or the pool: whatever can run a query. */
export type Queryable = pg.Pool | pg.PoolClient;

export function openDatabase(url: string, connections = 12): Database {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  // An idle connection that the server drops must not end the process; the next query opens another.
  pool.on("error", () => undefined);
  // Nor must one that is at work: whoever works on it is told by the query.
  pool.on("connect", (client) => {
    client.on("error", () => undefined);
  });
  return pool;
}

/** Runs `work` in one transaction: all of it is committed, or none. */
export async function inTransaction<T>(database: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.connect();
  let broken = true;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    broken = false;
    return result;
  } catch (error) {
    await client.query("ROLLBACK").then(
      () => (broken = false),
      () => undefined,
    );
    throw error;
  } finally {
    client.release(broken);
  }
}
