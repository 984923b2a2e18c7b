import { AppError } from "../app-error.ts";
import { type Database, inTransaction, type Queryable } from "./database.ts";
import { MIGRATIONS, type Migration } from "./migrations/index.ts";

/** Any number, the same in every instance: it names the lock that lets one of them migrate at a time. */
const MIGRATION_LOCK = 7_262_001;

/**
 * Brings the schema up to date. Safe with several instances starting at once.
 * @throws AppError `database_newer` if a later version has migrated the database: this one does not know what its tables mean.
 */
export async function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await inTransaction(database, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    await client.query(
      "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const { missing, unknown } = compareMigrations(await readMigrations(client), migrations);
    if (unknown.length > 0) {
      throw new AppError(
        "database_newer",
        `The database has migrations that this version does not know: ${unknown.join(", ")}. Start the version that made them, or a later one.`,
      );
    }
    for (const migration of migrations) {
      if (!missing.includes(migration.name)) continue;
      await client.query(migration.sql);
      await client.query("INSERT INTO schema_migrations (name) VALUES ($1)", [migration.name]);
    }
  });
}

/** The names of the migrations that the database has. */
export async function readMigrations(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>("SELECT name FROM schema_migrations");
  return rows.map(({ name }) => name);
}

/** Which migrations the database lacks, and which it has that are not known here. */
export function compareMigrations(
  applied: readonly string[],
  migrations: readonly Migration[] = MIGRATIONS,
): { readonly missing: readonly string[]; readonly unknown: readonly string[] } {
  const known = migrations.map(({ name }) => name);
  return {
    missing: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}
