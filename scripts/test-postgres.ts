import { spawn } from "node:child_process";
import { globSync } from "node:fs";

import { findDebianPostgres, startDebianPostgres } from "./postgres/debian-postgres.ts";

/**
 * Runs the relayer's tests on an external PostgreSQL server: the one of DATABASE_URL, whose databases are left alone (each test
 * makes and drops its own, `corridor_test_…`), else one that is started for them out of Debian's packages.
 * Exit status 3: there is no server, so nothing was tested.
 */
const FILES = [
  ...globSync("test/relayer/**/*.test.ts").filter((file) => !file.endsWith("embedded-postgres.test.ts")),
  ...["payments", "crashes", "holds", "external-database"].map((name) => `test/journeys/${name}.test.ts`),
].sort();

const NOTHING_TESTED = 3;

const { url, stop } = await openServer();
try {
  process.exitCode = await runTests(url);
} finally {
  await stop();
}

async function openServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env.DATABASE_URL ?? "";
  if (given !== "") return { url: given, stop: () => Promise.resolve() };
  const binaries = findDebianPostgres();
  if (binaries === undefined) {
    process.stderr.write(
      "Nothing was tested: there is no PostgreSQL server. Set DATABASE_URL to one whose user may create databases,\n" +
        "or install Debian's: apt-get install -y postgresql\n",
    );
    process.exit(NOTHING_TESTED);
  }
  const server = await startDebianPostgres(binaries);
  process.stdout.write(`PostgreSQL of ${binaries}, for these tests only\n`);
  return server;
}

async function runTests(server: string): Promise<number> {
  const args = ["node_modules/hardhat/dist/src/cli.js", "test", "mocha", ...FILES, ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, {
    stdio: "inherit",
    env: { ...process.env, DATABASE_URL: "", CORRIDOR_TEST_DATABASE_URL: server },
  });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on("SIGINT", forward).on("SIGTERM", forward);
  return new Promise((resolve) => {
    child.once("close", (status) => {
      resolve(status ?? 1);
    });
  });
}
