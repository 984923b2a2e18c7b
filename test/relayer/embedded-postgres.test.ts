import { spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import pg from "pg";

import { AppError } from "../../relayer/app-error.ts";
import { openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { MIGRATIONS } from "../../relayer/store/migrations/index.ts";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "../../relayer/store/postgres/embedded-postgres.ts";

const MODULE = new URL("../../relayer/store/postgres/embedded-postgres.ts", import.meta.url).href;

describe("the embedded PostgreSQL", () => {
  let dataFolder = "";

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), "corridor-pg-"));
  });

  afterEach(async () => {
    await removeEmbeddedPostgres(dataFolder);
  });

  const start = (port?: number) =>
    startEmbeddedPostgres({ dataFolder, database: "corridor", ...(port === undefined ? {} : { port }) });

  async function query(url: string, text: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    // The server may be killed while it answers.
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  it("keeps its rows from one start to the next, with fsync on", async () => {
    const first = await start();
    expect(first.attached).to.equal(false);
    expect(await query(first.url, "SHOW fsync")).to.deep.equal([{ fsync: "on" }]);
    await query(first.url, "CREATE TABLE kept AS SELECT 7 AS value");
    await first.stop();
    const second = await start();
    expect(await query(second.url, "SELECT value FROM kept")).to.deep.equal([{ value: 7 }]);
  });

  it("survives the one who started it, and takes the next one in", async () => {
    const code = `import { startEmbeddedPostgres } from ${JSON.stringify(MODULE)};
      const server = await startEmbeddedPostgres({ dataFolder: ${JSON.stringify(dataFolder)}, database: "corridor" });
      process.send({ url: server.url }); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const url = await new Promise<string>((resolve) => {
      child.once("message", (message: { url: string }) => {
        resolve(message.url);
      });
    });
    await query(url, "CREATE TABLE kept AS SELECT 1 AS value");
    child.kill("SIGKILL");
    const next = await start();
    expect(next.attached).to.equal(true);
    expect(await query(next.url, "SELECT value FROM kept")).to.deep.equal([{ value: 1 }]);
  });

  it("recovers committed rows after the server itself was killed", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS value");
    const [{ pid } = { pid: 0 }] = (await query(
      first.url,
      "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid",
    )) as { pid: number }[];
    process.kill(pid, "SIGKILL");
    const second = await start();
    expect(second.attached).to.equal(false);
    expect(await query(second.url, "SELECT count(*)::int FROM kept")).to.deep.equal([{ count: 1000 }]);
  });

  it("waits for what a killed server's processes still hold", async () => {
    const first = await start();
    const busy = Array.from({ length: 8 }, () => query(first.url, "SELECT pg_sleep(0.5)").catch(() => undefined));
    const [{ pid } = { pid: 0 }] = (await query(
      first.url,
      "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid",
    )) as { pid: number }[];
    process.kill(pid, "SIGKILL");
    const second = await start(first.port);
    expect(await query(second.url, "SELECT 1 AS one")).to.deep.equal([{ one: 1 }]);
    await Promise.all(busy);
  });

  it("makes one server of two starts at once", async () => {
    const [one, other] = await Promise.all([start(), start()]);
    expect(one.port).to.equal(other.port);
  });

  it("says how out of a taken port", async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, "127.0.0.1", () => {
        const address = holder.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    try {
      await start(port);
      expect.fail("it started");
    } catch (error) {
      expect(error).to.be.instanceOf(AppError).with.property("code", "port_taken");
      expect((error as AppError).message).to.contain("CORRIDOR_POSTGRES_PORT");
    } finally {
      holder.close();
    }
  });

  it("migrates once, however many instances start at once", async () => {
    const { url } = await start();
    const database = openDatabase(url);
    try {
      await Promise.all([migrate(database), migrate(database), migrate(database)]);
      const { rows } = await database.query<{ name: string }>("SELECT name FROM schema_migrations");
      expect(rows.map((row) => row.name)).to.deep.equal(MIGRATIONS.map(({ name }) => name));
    } finally {
      await database.end();
    }
  });
});
