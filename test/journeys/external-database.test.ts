import { expect } from "chai";
import pg from "pg";

import { MIGRATIONS } from "../../relayer/store/migrations/index.ts";
import { type Part, startPart } from "../../scripts/local/process.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { startTestStack } from "./local-stack.ts";

describe("a database that several instances share", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let empty: TestDatabase;
  let parts: Part[] = [];

  before(async () => {
    ({ stack, stop } = await startTestStack());
  });

  after(() => stop());

  beforeEach(async () => {
    empty = await openTestDatabase();
  });

  afterEach(async () => {
    await Promise.all(parts.map((part) => part.stop()));
    parts = [];
    await empty.stop();
  });

  const start = (name: string): Promise<Part> =>
    startPart(name, "relayer/main.ts", [], { ...stack.environment, DATABASE_URL: empty.url, CORRIDOR_PORT: "0" });

  async function query<R extends pg.QueryResultRow>(text: string): Promise<R[]> {
    const client = new pg.Client({ connectionString: empty.url });
    await client.connect();
    return client
      .query<R>(text)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  }

  it("is migrated exactly once by two that start on it at once, empty, and serves both", async () => {
    parts = await Promise.all([start("one relayer"), start("another relayer")]);
    const applied = await query<{ name: string; applied_at: Date }>("SELECT * FROM schema_migrations ORDER BY name");
    expect(applied.map(({ name }) => name)).to.deep.equal(MIGRATIONS.map(({ name }) => name).sort());
    // One SQL transaction made all of them.
    expect(new Set(applied.map(({ applied_at }) => applied_at.getTime())).size).to.equal(1);
    for (const { url } of parts) expect((await fetch(`${url}/readyz`)).status).to.equal(200);
  });

  it("is refused by an instance older than what migrated it, and makes one that runs say that it is not ready", async () => {
    const running = await start("a relayer");
    parts = [running];
    await query("INSERT INTO schema_migrations (name) VALUES ('9999-later')");
    const ready = await fetch(`${running.url}/readyz`);
    expect(ready.status).to.equal(503);
    expect(ready.headers.get("content-type")).to.contain("application/problem+json");
    const problem = (await ready.json()) as { code: string; reasons: { code: string; detail: string }[] };
    expect(problem.code).to.equal("not_ready");
    expect(problem.reasons.map(({ code }) => code)).to.deep.equal(["database_newer"]);
    expect(problem.reasons[0]?.detail).to.contain("9999-later");
    const failure = await start("an older relayer").then(
      () => "it started",
      (error: unknown) => String(error),
    );
    expect(failure).to.contain("exit status 1").and.to.contain("database_newer").and.to.contain("9999-later");
  });
});
