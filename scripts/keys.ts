import { config as loadDotenv } from "dotenv";

import { AppError } from "../relayer/app-error.ts";
import { withSettingFiles } from "../relayer/setting-files.ts";
import { type Database, openDatabase } from "../relayer/store/database.ts";
import { migrate } from "../relayer/store/migrate.ts";
import { startEmbeddedPostgres } from "../relayer/store/postgres/embedded-postgres.ts";
import { runKeyCommand } from "./keys/commands.ts";
import { UsageError } from "./local/options.ts";

loadDotenv({ quiet: true });

try {
  const environment = withSettingFiles(process.env);
  const done = await withDatabase(environment, (database) =>
    runKeyCommand(database, process.argv.slice(2), environment.CORRIDOR_RECORD_KEYS),
  );
  process.stdout.write(`${done}\n`);
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** Works on the relayer's own database; one that it started in its data folder is shared with it. */
async function withDatabase<T>(
  environment: Readonly<Record<string, string | undefined>>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const { DATABASE_URL, CORRIDOR_DATA_FOLDER, CORRIDOR_DATABASE_NAME } = environment;
  const embedded =
    DATABASE_URL === undefined || DATABASE_URL === ""
      ? await startEmbeddedPostgres({
          dataFolder: named(CORRIDOR_DATA_FOLDER, ".data"),
          database: named(CORRIDOR_DATABASE_NAME, "corridor"),
        })
      : undefined;
  const database = openDatabase(embedded?.url ?? DATABASE_URL ?? "", 1);
  try {
    await migrate(database);
    return await work(database);
  } finally {
    await database.end();
    if (embedded?.attached === false) await embedded.stop();
  }
}

/** An empty value in an .env file is how people write "not set". */
function named(value: string | undefined, otherwise: string): string {
  return value === undefined || value === "" ? otherwise : value;
}
