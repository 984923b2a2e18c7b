import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, randomBytes, Wallet, ZeroHash } from "ethers";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";

import type { ApiDependencies } from "../../relayer/api/dependencies.ts";
import { createAccess } from "../../relayer/api/access.ts";
import { newKeyId, newSecret } from "../../relayer/api/api-key.ts";
import { createKeyRing } from "../../relayer/api/key-ring.ts";
import { createServer } from "../../relayer/api/server.ts";
import { shareFee } from "../../relayer/chain/batch-fee.ts";
import { checkRequest } from "../../relayer/intake/payment-requests.ts";
import { isCountry } from "../../sdk/countries.ts";
import { isPlainText } from "../../sdk/plain-text.ts";
import { parseRequestBody } from "../../relayer/intake/request-body.ts";
import { createMetrics } from "../../relayer/metrics.ts";
import type { Readings } from "../../relayer/readings.ts";
import { insertApiKey } from "../../relayer/store/api-keys.ts";
import { applySettled, undoAbove } from "../../relayer/store/chain.ts";
import { type Database, inTransaction, openDatabase, type Queryable } from "../../relayer/store/database.ts";
import { saveExchanged } from "../../relayer/store/fx.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import {
  findPaymentRequest,
  insertPaymentRequest,
  linkPaymentRequests,
  listPaymentRequests,
  lockPaymentRequests,
} from "../../relayer/store/payment-requests.ts";
import { insertPayments, listPayments, type NewPayment, type StoredFx } from "../../relayer/store/payments.ts";
import type { MerchantProfile, PaymentList } from "../../sdk/client.ts";
import type { MerchantReport } from "../../sdk/merchant-report.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { newPayment } from "./stored-payment.ts";

const OPERATOR_KEY = "an-operators-key-that-is-long-enough";
const address = (): string => new Wallet(hexlify(randomBytes(32))).address;
const [LISBON, MANILA, DOLLAR, EURO] = [address(), address(), address(), address()] as const;
const DAY = 1_790_899_200; // 2026-10-02, 00:00 UTC
const HOUR = 3_600;

describe("what merchants ask, show and are told", () => {
  let postgres: TestDatabase;
  let database: Database;
  let server: FastifyInstance;
  const keys = new Map<string, string>();

  before(async () => {
    postgres = await openTestDatabase();
    database = openDatabase(postgres.url);
    await migrate(database);
    const log = pino({ level: "silent" });
    const parts: Partial<ApiDependencies> = {
      ...{ database, log, access: createAccess(), trustProxy: false, metricsOpen: true, rateLimits: undefined },
      metrics: createMetrics({} as Readings),
      keyRing: createKeyRing({ database, operatorKey: OPERATOR_KEY, log }),
      network: { tokens: [DOLLAR, EURO] } as unknown as ApiDependencies["network"],
      webhooks: { key: undefined, allowPrivate: false },
      isDraining: () => false,
      isOverloaded: () => false,
    };
    server = createServer(parts as ApiDependencies);
    keys.set("operator", OPERATOR_KEY);
    keys.set("lisbon", await keyOf(LISBON, ["payments:read", "requests:write", "reports:read"]));
    keys.set("reader", await keyOf(LISBON, ["payments:read"]));
  });

  beforeEach(() => database.query("TRUNCATE payments, payment_requests, merchants, accounts, blocks CASCADE"));

  after(async () => {
    await server.close();
    await database.end();
    await postgres.stop();
  });

  async function keyOf(merchant: string, scopes: readonly string[]): Promise<string> {
    const id = newKeyId();
    const { text, keyHash, prefix } = newSecret(id);
    await insertApiKey(database, { id, name: "till", merchant, scopes, expiresAt: null, keyHash, prefix });
    return text;
  }

  async function ask(method: "GET" | "PUT" | "POST", url: string, as?: string, payload?: object, name = "key") {
    const headers = {
      ...(as === undefined ? {} : { authorization: `Bearer ${keys.get(as)}` }),
      ...(method === "POST" ? { "idempotency-key": name } : {}),
    };
    const answer = await server.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  }

  const asked = (changes: Partial<Parameters<typeof insertPaymentRequest>[1]> = {}) =>
    insertPaymentRequest(database, {
      ...{ id: randomUUID(), merchant: LISBON, token: EURO, amount: 50n, capture: "automatic", memo: ZeroHash },
      ...{ terms: null, expiresAt: 2_000n, title: null, payerCountry: null, reusable: false, ...changes },
    });

  const payment = (changes: Partial<NewPayment> = {}): NewPayment =>
    newPayment({ merchant: LISBON, token: EURO, memo: ZeroHash, payer: address(), ...changes });

  /** As intake stores a payment of a request. @returns the code of the refusal, if it is refused. */
  async function pay(db: Queryable, paid: NewPayment): Promise<string | undefined> {
    const requestId = paid.requestId ?? "";
    const refusal = checkRequest(paid, (await lockPaymentRequests(db, [requestId])).get(requestId), 1_000n);
    if (refusal !== undefined) return refusal.code;
    await insertPayments(db, [paid]);
    await linkPaymentRequests(db, [{ paymentId: paid.id, requestId }]);
    return undefined;
  }

  describe("payment requests", () => {
    it("are paid once, also by two at once: the second waits and sees the first", async () => {
      const { id } = await asked();
      let second: Promise<string | undefined> = Promise.resolve(undefined);
      const first = await inTransaction(database, async (db) => {
        const refused = await pay(db, payment({ requestId: id }));
        second = inTransaction(database, (other) => pay(other, payment({ requestId: id })));
        // The second has its snapshot by then, and waits for the lock.
        for (;;) {
          const { rowCount } = await database.query("SELECT 1 FROM pg_locks WHERE NOT granted");
          if (rowCount !== 0) return refused;
        }
      });
      expect([first, await second]).to.deep.equal([undefined, "request_paid"]);
      expect((await findPaymentRequest(database, id))?.payments).to.equal(1n);
    });

    it("that are reusable are paid by many, at the same time and without waiting, until they expire", async () => {
      const { id } = await asked({ reusable: true });
      const [first, second] = [payment({ requestId: id }), payment({ requestId: id })];
      await inTransaction(database, async (db) => {
        expect(await pay(db, first)).to.equal(undefined);
        await inTransaction(database, async (other) => {
          await other.query("SET LOCAL lock_timeout = '2s'");
          expect(await pay(other, second)).to.equal(undefined);
        });
      });
      const stored = await findPaymentRequest(database, id);
      expect(stored).to.include({ payments: 2n, reusable: true });
      const request = { ...(stored ?? (await asked())), paymentId: null };
      for (const [now, code] of [
        [1_999n, undefined],
        [2_000n, undefined],
        [2_001n, "request_expired"],
      ] as const) {
        expect(checkRequest(payment({ requestId: id }), request, now)?.code, String(now)).to.equal(code);
      }
    });

    it("count what was not refused; of a reusable one the newest of these stands for it", async () => {
      const { id } = await asked({ reusable: true });
      const paid = [payment({ requestId: id }), payment({ requestId: id }), payment({ requestId: id })] as const;
      for (const one of paid) await pay(database, one);
      await database.query("UPDATE payments SET state = 'rejected', code = 'nonce_used' WHERE id = $1", [paid[2].id]);
      expect(await findPaymentRequest(database, id)).to.include({ payments: 2n, paymentId: paid[1].id });
      const { body } = await ask("GET", `/v1/payment-requests/${id}`);
      expect(body).to.include({ status: "processing", payments: 2, paymentId: paid[1].id, reusable: true });
      const [listed] = await listPaymentRequests(database, LISBON, undefined, 5);
      expect(listed).to.deep.equal(await findPaymentRequest(database, id));
    });

    it("say who asks, for what and of whom, and are as they were without that", async () => {
      await ask("PUT", `/v1/merchants/${LISBON}`, "lisbon", { name: "Lisbon Ceramics", country: "PT" });
      const content = { token: EURO, amount: "50", memo: ZeroHash, expiresAt: "4102444800", capture: "automatic" };
      const more = { title: "Six plates", payerCountry: "DE", reusable: true };
      const made = await ask("POST", "/v1/payment-requests", "lisbon", { ...content, ...more }, "first");
      expect(made.status).to.equal(201);
      const profile = { merchant: LISBON, name: "Lisbon Ceramics", country: "PT" };
      expect(made.body).to.deep.include({ ...more, payments: 0, profile });
      const plain = await ask("POST", "/v1/payment-requests", "lisbon", content, "second");
      expect(plain.body).to.deep.include({ title: null, payerCountry: null, reusable: false, payments: 0 });
      const list = await ask("GET", "/v1/payment-requests", "lisbon");
      expect(list.body.paymentRequests).to.deep.equal([plain.body, made.body]);
    });

    for (const [field, value] of [
      ["title", ""],
      ["title", "a".repeat(201)],
      ["title", "line\nbreak"],
      ["title", "\u202egnp.exe"],
      ["payerCountry", "XX"],
      ["payerCountry", "pt"],
      ["reusable", "yes"],
    ] as const) {
      it(`are refused with ${field} ${JSON.stringify(value.slice(0, 12))}`, () => {
        const body = {
          merchant: LISBON,
          token: EURO,
          amount: "1",
          memo: ZeroHash,
          expiresAt: "1",
          capture: "automatic",
        };
        expect(parseRequestBody(body).ok).to.equal(true);
        const parsed = parseRequestBody({ ...body, [field]: value });
        expect(parsed.ok ? "" : parsed.problem.field).to.equal(field);
      });
    }
  });

  it("takes texts of the length allowed, and countries that the standard has", () => {
    expect([80, 81].map((length) => isPlainText("陶".repeat(length), 80))).to.deep.equal([true, false]);
    expect([" ", "a\u0000", "a\u2066b", "a\u200fb", "\ud800"].filter((text) => isPlainText(text, 80))).to.deep.equal(
      [],
    );
    expect(["PT", "PH", "NG", "TW", "CN"].every(isCountry)).to.equal(true);
    expect(["UK", "EU", "XK", "ZZ", "SU", "AA", "P", "PRT", "pt"].filter(isCountry)).to.deep.equal([]);
  });

  describe("profiles", () => {
    const profile = { name: "Lisbon Ceramics", country: "PT" };

    it("are said by the merchant or the operator, and read by all", async () => {
      const nothing = await ask("GET", `/v1/merchants/${LISBON}`);
      expect(nothing).to.deep.equal({ status: 200, body: { merchant: LISBON, name: null, country: null } });
      for (const as of ["lisbon", "operator"]) {
        const said: MerchantProfile = { merchant: LISBON, name: `By ${as}`, country: as === "lisbon" ? "PT" : null };
        const put = await ask("PUT", `/v1/merchants/${LISBON}`, as, { name: said.name, country: said.country });
        expect(put).to.deep.equal({ status: 200, body: said });
        expect((await ask("GET", `/v1/merchants/${LISBON}`)).body).to.deep.equal(said);
      }
    });

    it("are nobody else's to say", async () => {
      expect((await ask("PUT", `/v1/merchants/${MANILA}`, "lisbon", profile)).status).to.equal(403);
      expect((await ask("PUT", `/v1/merchants/${LISBON}`, "reader", profile)).status).to.equal(403);
      expect((await ask("PUT", `/v1/merchants/${LISBON}`, undefined, profile)).status).to.equal(401);
      expect((await database.query("SELECT 1 FROM merchants")).rowCount).to.equal(0);
    });

    for (const [field, body] of [
      ["name", { ...profile, name: "Lisbon\u202e" }],
      ["name", { ...profile, name: "" }],
      ["country", { ...profile, country: "UK" }],
      ["country", { name: "Lisbon" }],
    ] as const) {
      it(`are refused with ${JSON.stringify(body)}`, async () => {
        const answer = await ask("PUT", `/v1/merchants/${LISBON}`, "lisbon", body);
        expect(answer.body).to.include({ status: 400, code: "invalid_field", field });
      });
    }
  });

  const fx = (settleToken: string, changes: Partial<StoredFx> = {}): StoredFx => ({
    quote: {
      ...{ id: hexlify(randomBytes(32)), maker: "maker", payToken: DOLLAR, settleToken, payAmount: "1" },
      ...{ settleAmount: "1", generation: "0", deadline: "0", salt: ZeroHash, r: ZeroHash, vs: ZeroHash },
    },
    ...{
      payee: LISBON,
      settleAmount: "40",
      memo: ZeroHash,
      cost: "44",
      refundRule: null,
      refundDeadline: 0,
      ...changes,
    },
  });

  /** Stored and accepted at a time. Unix seconds. */
  async function accepted(at: number, changes: Partial<NewPayment> = {}): Promise<string> {
    const stored = payment(changes);
    await insertPayments(database, [stored]);
    await database.query("UPDATE payments SET accepted_at = to_timestamp($2) WHERE id = $1", [stored.id, at]);
    return stored.id;
  }

  describe("lists of payments", () => {
    const ids = async (query: string) => {
      const { body } = await ask("GET", `/v1/payments?${query}`, "lisbon");
      return (body as unknown as PaymentList).payments.map(({ id }) => id);
    };

    it("are filtered by what the merchant gets, by request and by her memo", async () => {
      const { id: request } = await asked();
      const memo = hexlify(randomBytes(32));
      const plain = await accepted(DAY, { memo });
      const exchanged = await accepted(DAY + 1, { token: DOLLAR, fx: fx(EURO, { memo }), memo: ZeroHash });
      const terms = { payee: LISBON, splits: [], captureDeadline: 1, refundDeadline: 1, arbiter: "", rulingPeriod: 0 };
      const held = await accepted(DAY + 2, {
        ...{ token: DOLLAR, requestId: request, holdId: hexlify(randomBytes(32)) },
        terms: { ...terms, defaultPayerBps: 0, memo },
      });
      expect(await ids(`token=${EURO}`)).to.deep.equal([exchanged, plain]);
      expect(await ids(`token=${DOLLAR}`)).to.deep.equal([held]);
      expect(await ids(`request=${request}`)).to.deep.equal([held]);
      expect(await ids(`memo=${memo}`)).to.deep.equal([held, exchanged, plain]);
      expect(await ids(`memo=${ZeroHash}`)).to.deep.equal([]);
      expect(await ids(`memo=${memo}&token=${EURO}&limit=1`)).to.deep.equal([exchanged]);
    });

    it("are of a time: from on, and before to; and paged within it", async () => {
      const at = [-1, 0, 1, 2].map((offset) => accepted(DAY + offset));
      const [before, first, second, last] = await Promise.all(at);
      expect(await ids(`from=${DAY}&to=${DAY + 2}`)).to.deep.equal([second, first]);
      expect(await ids(`from=${DAY}&limit=2`)).to.deep.equal([last, second]);
      expect(await ids(`from=${DAY}&limit=2&cursor=${second}`)).to.deep.equal([first]);
      expect(await ids(`to=${DAY + 1}&cursor=${first}`)).to.deep.equal([before]);
      for (const wrong of [
        "from=x",
        "to=-1",
        "from=1.5",
        `to=${"9".repeat(12)}`,
        "memo=0x12",
        "request=7",
        "token=1",
      ]) {
        expect((await ask("GET", `/v1/payments?${wrong}`, "lisbon")).status, wrong).to.equal(400);
      }
    });

    it("are found by memo through an index", async () => {
      const filter = { memo: hexlify(randomBytes(32)) };
      await database.query(
        `INSERT INTO payments (id, payer, payee, merchant, token, amount, nonce, deadline, memo, r, vs)
         SELECT 'p' || n, 'p', 'm', 'm', 't', 1, n, 1, md5(n::text), '', '' FROM generate_series(1, 3000) n`,
      );
      await database.query("ANALYZE payments");
      const { rows } = await database.query<{ "QUERY PLAN": string }>(
        "EXPLAIN SELECT 1 FROM payments WHERE coalesce(terms ->> 'memo', fx ->> 'memo', memo) = 'x'",
      );
      expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).to.contain("payments_by_memo");
      expect(await listPayments(database, filter, undefined, 5)).to.deep.equal([]);
    });
  });

  describe("the fee of a batch", () => {
    const row = (amount: bigint): string => `0x${amount.toString(16).padStart(64, "0")}${"ff".repeat(64)}`;

    it("is shared by amount, exactly", () => {
      expect(shareFee(10n, [row(100n), row(300n), row(600n)])).to.deep.equal([1n, 3n, 6n]);
      expect(shareFee(7n, [row(1n)])).to.deep.equal([7n]);
      expect(shareFee(0n, [row(1n)])).to.deep.equal([]);
      const shares = shareFee(100n, [row(1n), row(1n), row(1n)]);
      expect(shares.reduce((sum, share) => sum + share, 0n)).to.equal(100n);
      expect(shares).to.deep.equal([33n, 33n, 34n]);
    });
  });

  describe("a merchant's report", () => {
    let block = 10n;
    async function settled(at: number, fee: bigint, changes: Partial<NewPayment> = {}, waited = 2): Promise<string> {
      const id = await accepted(at - waited, changes);
      block += 1n;
      const place = { transactionHash: "t", blockNumber: block, pulled: false };
      await applySettled(database, [{ id, ...place, settledAt: BigInt(at), fee }]);
      return id;
    }
    const report = async (query: string, as = "lisbon") => {
      const { status, body } = await ask("GET", `/v1/reports/merchant?${query}`, as);
      expect(status, JSON.stringify(body)).to.equal(200);
      return body as unknown as MerchantReport;
    };
    const DAY_BY_HOUR = `from=${DAY}&to=${DAY + 24 * HOUR}&bucket=hour`;

    it("adds up what settled in its time, step by step, to the second", async () => {
      for (const at of [-1, 0, HOUR - 1, HOUR, 24 * HOUR - 1, 24 * HOUR]) await settled(DAY + at, 3n);
      await settled(DAY, 3n, { merchant: MANILA });
      await accepted(DAY);
      const { totals, series } = await report(DAY_BY_HOUR);
      expect(totals).to.deep.equal([{ token: EURO, payments: 4, volume: "200", fees: "12" }]);
      expect(series).to.deep.equal([
        { start: DAY, token: EURO, payments: 2, volume: "100", fees: "6" },
        { start: DAY + HOUR, token: EURO, payments: 1, volume: "50", fees: "3" },
        { start: DAY + 23 * HOUR, token: EURO, payments: 1, volume: "50", fees: "3" },
      ]);
      const odd = await report(`from=${DAY - 1}&to=${DAY + HOUR}&bucket=day`);
      expect(odd.series).to.deep.equal([{ start: DAY - 1, token: EURO, payments: 3, volume: "150", fees: "9" }]);
    });

    it("says corridors by country and token, and the Exchange's fee", async () => {
      await ask("PUT", `/v1/merchants/${LISBON}`, "lisbon", { name: null, country: "PT" });
      const { id: requestId } = await asked({ payerCountry: "DE", reusable: true });
      await settled(DAY, 1n, { requestId });
      await settled(DAY + HOUR, 1n, { requestId });
      const exchanged = await settled(DAY, 0n, { token: DOLLAR, fx: fx(EURO) });
      await saveExchanged(database, [{ id: exchanged, paid: 44n, fee: 5n }]);
      const { totals, corridors } = await report(DAY_BY_HOUR, "lisbon");
      expect(totals).to.deep.equal([{ token: EURO, payments: 3, volume: "140", fees: "7" }]);
      const to = { merchantCountry: "PT", settleToken: EURO };
      expect(corridors).to.deep.equal([
        { payerCountry: "DE", payToken: EURO, ...to, payments: 2, volume: "100" },
        { payerCountry: null, payToken: DOLLAR, ...to, payments: 1, volume: "40" },
      ]);
    });

    it("says how long payments took, and why others did not settle", async () => {
      for (const waited of [1, 2, 3]) await settled(DAY + 10, 0n, {}, waited);
      await settled(DAY + HOUR, 0n, {}, 11);
      for (const [at, code] of [
        [-1, "nonce_used"],
        [0, "nonce_used"],
        [24 * HOUR - 1, "nonce_used"],
        [24 * HOUR, "nonce_used"],
        [1, "insufficient_balance"],
      ] as const) {
        const id = await accepted(DAY + at);
        await database.query("UPDATE payments SET state = 'rejected', code = $2 WHERE id = $1", [id, code]);
      }
      const { settleSeconds, settleSeries, refusals } = await report(DAY_BY_HOUR);
      expect(settleSeconds).to.include({ payments: 4, p50: 2.5 });
      expect(Math.round((settleSeconds?.p95 ?? 0) * 1_000)).to.equal(9_800);
      expect(settleSeries.map(({ start, payments, p50 }) => [start, payments, p50])).to.deep.equal([
        [DAY, 3, 2],
        [DAY + HOUR, 1, 11],
      ]);
      expect(refusals).to.deep.equal([
        { code: "nonce_used", payments: 2 },
        { code: "insufficient_balance", payments: 1 },
      ]);
    });

    it("forgets what a reorg took back, with its fee", async () => {
      const id = await settled(DAY, 3n);
      await undoAbove(database, block - 1n);
      expect((await report(DAY_BY_HOUR)).totals).to.deep.equal([]);
      const { rows } = await database.query("SELECT fee FROM payments WHERE id = $1", [id]);
      expect(rows).to.deep.equal([{ fee: null }]);
      const empty = await report(DAY_BY_HOUR);
      expect(empty).to.deep.include({ series: [], corridors: [], settleSeconds: null, settleSeries: [], refusals: [] });
    });

    it("is her own; the operator says whose", async () => {
      expect((await report(`${DAY_BY_HOUR}&merchant=${LISBON}`, "operator")).merchant).to.equal(LISBON);
      expect((await ask("GET", `/v1/reports/merchant?${DAY_BY_HOUR}`, "operator")).body).to.include({
        ...{ status: 400, field: "merchant" },
      });
      const other = await ask("GET", `/v1/reports/merchant?${DAY_BY_HOUR}&merchant=${MANILA}`, "lisbon");
      expect([other.status, (await ask("GET", `/v1/reports/merchant?${DAY_BY_HOUR}`, "reader")).status]).to.deep.equal([
        403, 403,
      ]);
      expect((await ask("GET", `/v1/reports/merchant?${DAY_BY_HOUR}`)).status).to.equal(401);
    });

    for (const [query, status] of [
      [`from=${DAY}&to=${DAY}&bucket=day`, 400],
      [`from=${DAY}&to=${DAY + 1}&bucket=day`, 200],
      [`from=${DAY}&to=${DAY + 400 * HOUR}&bucket=hour`, 200],
      [`from=${DAY}&to=${DAY + 400 * HOUR + 1}&bucket=hour`, 400],
      [`from=${DAY}&to=${DAY + 1}&bucket=week`, 400],
      [`from=${DAY}&to=x&bucket=day`, 400],
      [`from=${DAY}&bucket=day`, 400],
      [`from=${DAY}&to=${DAY + 1}&bucket=day&more=1`, 400],
    ] as const) {
      it(`is ${status === 200 ? "given" : "refused"} for ${query.replace(String(DAY), "DAY")}`, async () => {
        expect((await ask("GET", `/v1/reports/merchant?${query}`, "lisbon")).status).to.equal(status);
      });
    }
  });
});
