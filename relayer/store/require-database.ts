import { AppError } from "../app-error.ts";
import type { Database } from "./database.ts";

/**
 * Asks the database once, so that a start that cannot reach it says which setting to look at.
 * @throws AppError `database_unreachable`
 */
export async function requireDatabase(database: Database): Promise<void> {
  try {
    await database.query("SELECT 1");
  } catch (cause) {
    throw new AppError(
      "database_unreachable",
      `${reasonOf(cause)}. DATABASE_URL has to name a PostgreSQL that answers, and a user, password and database that it knows.`,
      { cause },
    );
  }
}

/** Of a name with several addresses Node reports all failures in one error, which says nothing itself. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
