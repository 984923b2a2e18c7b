import { expect } from "chai";
import { hexlify, randomBytes, ZeroHash } from "ethers";

import { createMetrics } from "../../relayer/metrics.ts";
import type { Readiness } from "../../relayer/readiness.ts";
import { createReadings } from "../../relayer/readings.ts";
import { applySettled } from "../../relayer/store/chain.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { acquireLease } from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertPayments, type NewPayment } from "../../relayer/store/payments.ts";
import { readLanes, readLivePayments } from "../../relayer/store/readings.ts";
import { insertTransaction, markBroadcast, recordOutcome } from "../../relayer/store/transactions.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const random = (): string => hexlify(randomBytes(32));
const LANE = "lane";

describe("what is read at a scrape", () => {
  let server: TestDatabase;
  let database: Database;
  let nonce = 0n;

  before(async () => {
    server = await openTestDatabase();
    database = openDatabase(server.url);
    await migrate(database);
  });

  beforeEach(() =>
    database.query("TRUNCATE payments, transactions, lanes, events, deliveries, webhook_endpoints CASCADE"),
  );

  after(async () => {
    await database.end();
    await server.stop();
  });

  async function accepted(changes: Partial<NewPayment> = {}, secondsAgo = 0): Promise<string> {
    const id = random();
    nonce += 1n;
    await insertPayments(database, [
      {
        ...{ id, payer: "payer", payee: "payee", merchant: "payee", token: "token", amount: 1n, nonce, deadline: 9n },
        ...{ memo: ZeroHash, r: ZeroHash, vs: ZeroHash, signature: null, signer: null, funding: "account" },
        ...{ terms: null, holdId: null, fx: null, requestId: null, deployment: null, ...changes },
      },
    ]);
    await database.query("UPDATE payments SET accepted_at = accepted_at - $2 * interval '1 second' WHERE id = $1", [
      id,
      secondsAgo,
    ]);
    return id;
  }

  async function setState(id: string, state: string): Promise<void> {
    const hash = random();
    nonce += 1n;
    await database.query("INSERT INTO lanes (address, next_nonce) VALUES ($1, 0) ON CONFLICT DO NOTHING", [LANE]);
    await insertTransaction(database, { hash, raw: "0x", lane: LANE, nonce, rows: 1, batches: 1 });
    await database.query("UPDATE payments SET state = $2, transaction_hash = $3 WHERE id = $1", [id, state, hash]);
  }

  const settle = (id: string): Promise<number[]> =>
    applySettled(database, [{ id, transactionHash: "0x01", blockNumber: 5n, pulled: false, settledAt: 7n }]);

  it("counts live payments by state and kind, with the oldest of each", async () => {
    await accepted({}, 40);
    await accepted({}, 90);
    await accepted({ funding: "erc3009" }, 10);
    await accepted({ deployment: { factory: "factory", data: "0x" } }, 20);
    await setState(await accepted({ funding: "permit2" }, 300), "submitted");
    await setState(await accepted({}, 5), "assigned");
    await settle(await accepted({}, 9_999));
    const groups = await readLivePayments(database);
    const shown = groups.map(({ state, kind, count, oldestSeconds }) => [
      state,
      kind,
      count,
      Math.round(oldestSeconds),
    ]);
    expect(shown.sort()).to.deep.equal([
      ["accepted", "erc3009 payment", 1, 10],
      ["accepted", "payment", 2, 90],
      ["accepted", "wallet", 1, 20],
      ["assigned", "payment", 1, 5],
      ["submitted", "permit2 payment", 1, 300],
    ]);
  });

  it("looks at no payment that is decided, however many there are", async () => {
    await database.query(
      `INSERT INTO payments (id, payer, payee, merchant, token, amount, nonce, deadline, memo, r, vs, state, settled_hash, block_number)
       SELECT 'p' || n, 'payer' || n, 'payee', 'payee', 'token', 1, n, 9, '0x', '0x', '0x', 'final', '0x', 1
       FROM generate_series(1, 50000) n`,
    );
    await setState(await accepted({ funding: "erc3009" }), "submitted");
    await accepted();
    await database.query("ANALYZE payments");
    const plans: string[] = [];
    const explaining = {
      async query(text: string) {
        const { rows } = await database.query<Record<string, string>>(`EXPLAIN (ANALYZE, BUFFERS) ${text}`);
        plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
        return { rows: [] };
      },
    };
    await readLivePayments(explaining as unknown as Database);
    expect(plans[0]).to.contain("payments_live").and.not.to.contain("Seq Scan on payments");
  });

  it("tells for each payment that settles how long it took, and nothing of what is not ours", async () => {
    const [quick, slow] = [await accepted({}, 2), await accepted({ funding: "erc3009" }, 75)];
    const seconds = await applySettled(
      database,
      [quick, slow, random()].map((id) => ({
        id,
        transactionHash: "0x1",
        blockNumber: 5n,
        pulled: true,
        settledAt: 7n,
      })),
    );
    expect(seconds.map(Math.round).sort((a, b) => a - b)).to.deep.equal([2, 75]);
    expect(await settle(random())).to.deep.equal([]);
  });

  it("knows of each lane who holds it, what is in flight and since when", async () => {
    await acquireLease(database, LANE, "this instance", 60_000, 0n);
    await acquireLease(database, "idle lane", "another", 60_000, 0n);
    const hashes = [random(), random(), random()];
    for (const [index, hash] of hashes.entries()) {
      await insertTransaction(database, { hash, raw: "0x", lane: LANE, nonce: BigInt(index), rows: 1, batches: 1 });
    }
    await markBroadcast(database, hashes[1] ?? "");
    const hash = hashes[0] ?? "";
    const outcome = { blockNumber: 5n, gasUsed: 1n, feeWei: 1n, succeeded: true };
    await recordOutcome(database, { hash, minedHash: hash, empties: false, ...outcome });
    await database.query("UPDATE transactions SET signed_at = signed_at - interval '1 minute' WHERE hash = $1", [
      hashes[1],
    ]);
    const read = await readLanes(database, [LANE, "idle lane", "no lane yet"], "this instance");
    const shown = read.map((lane) => ({ ...lane, oldestSeconds: Math.round(lane.oldestSeconds) }));
    expect(shown.sort((a, b) => b.inFlight - a.inFlight)).to.deep.equal([
      { lane: LANE, held: true, inFlight: 2, oldestSeconds: 60 },
      { lane: "idle lane", held: false, inFlight: 0, oldestSeconds: 0 },
    ]);
  });

  it("is written down as far as it can be read, and old values are not repeated", async () => {
    const own = openDatabase(server.url);
    const readiness = (): Promise<Readiness> =>
      Promise.resolve({ obstacles: [{ code: "draining", detail: "" }], lagBlocks: 3n });
    const metrics = createMetrics(
      createReadings({ database: own, lanes: [LANE], holder: "x", captureWarningSeconds: 1, readiness }),
    );
    await accepted({}, 30);
    await database.query("INSERT INTO webhook_endpoints (id, url) VALUES (gen_random_uuid(), 'https://example.com/')");
    await database.query(
      `WITH event AS (INSERT INTO events (type, payload) VALUES ('t', '{}') RETURNING sequence)
       INSERT INTO deliveries (endpoint_id, sequence) SELECT e.id, event.sequence FROM webhook_endpoints e, event`,
    );
    const before = await metrics.scrape();
    expect(before).to.match(/^corridor_queue_rows\{kind="payment"\} 1$/m);
    expect(before).to.match(/^corridor_queue_rows\{kind="act"\} 0$/m);
    expect(before).to.match(/^corridor_queue_oldest_seconds\{kind="payment"\} 3\d\./m);
    expect(before).to.match(/^corridor_payments_live\{state="submitted"\} 0$/m);
    expect(before).to.match(/^corridor_webhooks_undelivered 1$/m);
    expect(before).to.match(/^corridor_webhooks_dead 0$/m);
    expect(before).to.match(/^corridor_obstacle\{reason="draining"\} 1$/m);
    expect(before).to.match(/^corridor_obstacle\{reason="wrong_chain"\} 0$/m);
    expect(before).to.match(/^corridor_follower_lag_blocks 3$/m);
    expect(before).to.match(/^corridor_database_pool_connections\{state="idle"\} \d+$/m);
    await own.end();
    const [after] = await Promise.all([metrics.scrape(), metrics.scrape()]);
    expect(after).not.to.match(/^corridor_queue_rows\{/m);
    expect(after).not.to.match(/^corridor_webhooks_undelivered \d/m);
    // Two scrapes at once are one.
    expect(after).to.match(/^corridor_readings_failed_total\{reading="queue"\} 1$/m);
    expect(after).to.match(/^corridor_follower_lag_blocks 3$/m);
    expect(after).to.match(/^process_cpu_seconds_total \d/m);
  });
});
