import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import pg from "pg";

import { removeEmbeddedPostgres, startEmbeddedPostgres } from "../relayer/store/postgres/embedded-postgres.ts";
import { recreateDatabase } from "../relayer/store/postgres/recreate-database.ts";

/**
 * The server that `npm run test:postgres` has the tests run on. Not DATABASE_URL: that may stand in an .env file, and is nothing
 * that tests should come near.
 */
export const SERVER_VARIABLE = "CORRIDOR_TEST_DATABASE_URL";

/** An empty database that nobody else uses. */
export interface TestDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** On the external server if the tests run on one, else on an embedded one of its own. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const external = externalDatabase();
  if (external !== undefined) {
    return { url: await recreateDatabase(external.server, external.name), stop: () => external.drop() };
  }
  const dataFolder = await mkdtemp(join(tmpdir(), "corridor-database-"));
  const { url } = await startEmbeddedPostgres({ dataFolder, database: "corridor" });
  return {
    url,
    async stop() {
      await removeEmbeddedPostgres(dataFolder);
    },
  };
}

/** A new name on the external server, if the tests run on one. */
export function externalDatabase():
  { readonly server: string; readonly name: string; drop(): Promise<void> } | undefined {
  const server = process.env[SERVER_VARIABLE];
  if (server === undefined || server === "") return undefined;
  const name = `corridor_test_${randomBytes(6).toString("hex")}`;
  return {
    server,
    name,
    async drop() {
      const maintenance = new URL(server);
      maintenance.pathname = "/postgres";
      const client = new pg.Client({ connectionString: maintenance.href });
      await client.connect();
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).finally(() => client.end());
    },
  };
}
