import { type Database, inTransaction } from "./database.ts";
import { MIGRATIONS, type Migration } from "./migrations/index.ts";

/** Any number, the same in every instance: it names the lock that lets one of them migrate at a time. */
const MIGRATION_LOCK = 7_262_001;

/** Brings the schema up to date. Safe with several instances starting at once. */
export async function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await inTransaction(database, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    await client.query(
      "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const { rows } = await client.query<{ name: string }>("SELECT name FROM schema_migrations");
    const applied = new Set(rows.map((row) => row.name));
    for (const migration of migrations) {
      if (applied.has(migration.name)) continue;
      await client.query(migration.sql);
      await client.query("INSERT INTO schema_migrations (name) VALUES ($1)", [migration.name]);
    }
  });
}
