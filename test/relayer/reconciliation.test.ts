import { monitorEventLoopDelay } from "node:perf_hooks";

import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";

import { createAccess } from "../../relayer/api/access.ts";
import { newKeyId, newSecret } from "../../relayer/api/api-key.ts";
import type { ApiDependencies } from "../../relayer/api/dependencies.ts";
import { createKeyRing } from "../../relayer/api/key-ring.ts";
import { createServer } from "../../relayer/api/server.ts";
import { createMetrics } from "../../relayer/metrics.ts";
import type { Readings } from "../../relayer/readings.ts";
import { insertApiKey } from "../../relayer/store/api-keys.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { readSettledPayments } from "../../relayer/store/reconciliation.ts";
import type { Reconciliation } from "../../sdk/reconcile/reconciliation.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const OPERATOR_KEY = "an-operators-key-that-is-long-enough";
const address = (): string => new Wallet(hexlify(randomBytes(32))).address;
const [LISBON, MANILA, EURO] = [address(), address(), address()] as const;
const SPAN = { from: 1_000, to: 2_000 };
const PATH = `/v1/reports/reconciliation?from=${SPAN.from}&to=${SPAN.to}`;
const HEADER = "order,amount,currency,payment,request,memo";
/** As many as a file may have. */
const MANY = 50_000;

describe("orders that are uploaded", () => {
  let postgres: TestDatabase;
  let database: Database;
  let server: FastifyInstance;
  let key = "";

  before(async () => {
    postgres = await openTestDatabase();
    database = openDatabase(postgres.url);
    await migrate(database);
    const log = pino({ level: "silent" });
    const parts: Partial<ApiDependencies> = {
      ...{ database, log, access: createAccess(), trustProxy: false, metricsOpen: true, rateLimits: undefined },
      metrics: createMetrics({} as Readings),
      keyRing: createKeyRing({ database, operatorKey: OPERATOR_KEY, log }),
      network: { currencies: [{ token: EURO, code: "EUR", decimals: 2 }] } as unknown as ApiDependencies["network"],
      webhooks: { key: undefined, allowPrivate: false },
      isDraining: () => false,
      isOverloaded: () => false,
    };
    server = createServer(parts as ApiDependencies);
    const id = newKeyId();
    const { text, keyHash, prefix } = newSecret(id);
    await insertApiKey(database, {
      ...{ id, name: "books", merchant: LISBON, scopes: ["reports:read"], expiresAt: null, keyHash, prefix },
    });
    key = text;
    // One a second and merchant, from 0 on.
    await database.query(
      `INSERT INTO payments (id, payer, payee, merchant, token, amount, nonce, deadline, memo, r, vs, state, settled_at,
         settled_hash, block_number, fee)
       SELECT '0x' || lpad(to_hex(n), 64, '0'), 'p', $1, $1, $2, 500, n, 9, '0x' || lpad(to_hex(n + 1000000), 64, '0'), '', '',
         'settled', n / 10, '0x', 1, 1 FROM generate_series(0, $3::int) n`,
      [LISBON, EURO, 2 * MANY - 1],
    );
    await database.query("ANALYZE payments");
  });

  after(async () => {
    await server.close();
    await database.end();
    await postgres.stop();
  });

  const post = async (payload: string | Buffer, as = key, type = "text/csv", path = PATH) => {
    const headers = { authorization: `Bearer ${as}`, "content-type": type };
    return server.inject({ method: "POST", url: path, headers, payload });
  };

  async function problemOf(payload: string | Buffer, as = key, type = "text/csv"): Promise<Record<string, unknown>> {
    return (await post(payload, as, type)).json<Record<string, unknown>>();
  }

  it("are found whenever they settled, and other payments within the time alone", async () => {
    const id = (n: number): string => `0x${n.toString(16).padStart(64, "0")}`;
    const file = [HEADER, `A-1,5,EUR,${id(7)},,`, `A-2,5,EUR,,,${id(1_000_000 + 90_000)}`].join("\n");
    const { lines, totals } = (await post(file)).json<Reconciliation>();
    expect(lines.slice(0, 2).map(({ category, payments }) => [category, payments[0]?.id])).to.deep.equal([
      ["matched", id(7)],
      ["matched", id(90_000)],
    ]);
    expect(lines.length - 2).to.equal(10 * (SPAN.to - SPAN.from));
    expect(totals[0]).to.include({ orders: 2, payments: 10_002, received: String(10_002 * 500), fees: "10002" });
  });

  it("are looked up by indexes, however many payments the merchant had", async () => {
    const named = { payments: [`0x${"1".padStart(64, "0")}`], requests: [], memos: [`0x${"2".padStart(64, "0")}`] };
    const client = await database.connect();
    try {
      await client.query("BEGIN; SET LOCAL enable_seqscan = on");
      const start = performance.now();
      const found = await readSettledPayments(client, { merchant: LISBON, from: 1_000, to: 1_001 }, named, 100);
      expect(found).to.have.length(11);
      expect(performance.now() - start).to.be.below(150);
      await client.query("ROLLBACK");
    } finally {
      client.release();
    }
  });

  it("of 50,000 rows are answered without holding up what else is asked", async function () {
    this.timeout(30_000);
    const rows = Array.from(
      { length: MANY },
      (_one, n) => `A-${n},5.00,EUR,,,0x${(n + 1_000_000).toString(16).padStart(64, "0")}`,
    );
    const file = [HEADER, ...rows].join("\r\n");
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const answer = await post(file);
    delay.disable();
    const { totals } = answer.json<Reconciliation>();
    expect(totals[0]?.categories[0]).to.include({ category: "matched", orders: MANY, payments: MANY });
    // A second of nothing would be felt by whoever pays in the meantime.
    expect(delay.max / 1e6, "longest stall in ms").to.be.below(1_000);
    const csv = await post(file, key, "text/csv", `${PATH}&format=csv`);
    expect(csv.headers["content-type"]).to.contain("text/csv");
    expect(csv.body.split("\r\n")).to.have.length(MANY + 2);
    expect(await problemOf(`${file}\r\nA,5,EUR,,,`)).to.include({ code: "body_too_large" });
  });

  it("are refused where they are none, and say what they should be", async () => {
    expect(await problemOf("x".repeat(8 * 1_024 * 1_024 + 1))).to.deep.include({
      ...{ code: "body_too_large", status: 413, expected: "at most 8388608 bytes" },
    });
    expect(await problemOf("{}", key, "application/json")).to.deep.include({ status: 415, expected: "text/csv" });
    const big5 = Buffer.concat([Buffer.from(`${HEADER}\n`), Buffer.from([0xad, 0x71, 0xb3, 0xe6])]);
    expect(await problemOf(big5)).to.deep.include({ code: "invalid_orders", expected: "text in UTF-8" });
    expect(await problemOf(`Order No.;Amount;Currency;Memo\n1;5;EUR;0x`)).to.include({ field: "memo" });
    expect(await problemOf(`${HEADER}\nA,1.000,EUR,,,`)).to.include({ field: "amount" });
  });

  it("are held against nobody else's payments", async () => {
    const of = async (as: string, merchant?: string) =>
      (await post(`${HEADER}\n`, as, "text/csv", merchant === undefined ? PATH : `${PATH}&merchant=${merchant}`))
        .statusCode;
    expect([await of(key), await of(key, LISBON), await of(key, MANILA)]).to.deep.equal([200, 200, 403]);
    expect([await of(OPERATOR_KEY), await of(OPERATOR_KEY, MANILA)]).to.deep.equal([400, 200]);
  });
});
