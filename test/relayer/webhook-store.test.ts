import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";

import { applyRejected, applySettled, markFinal, undoAbove } from "../../relayer/store/chain.ts";
import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import {
  type Capacity,
  type DueDelivery,
  listDeliveries,
  markDelivered,
  markFailed,
  releaseDelivery,
  replayEvent,
  replaySince,
  takeDeliveries,
} from "../../relayer/store/deliveries.ts";
import { readOutbox } from "../../relayer/store/readings.ts";
import { createEventHorizon } from "../../relayer/store/event-horizon.ts";
import { forgetOldEvents, listEvents, recordEvents } from "../../relayer/store/events.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { MIGRATIONS } from "../../relayer/store/migrations/index.ts";
import { expireAccepted, findPayments, insertPayments, type NewPayment } from "../../relayer/store/payments.ts";
import {
  changeEndpoint,
  CONFIGURED_ENDPOINT,
  deleteEndpoint,
  type EndpointRecord,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  liveSecrets,
  MAX_ENDPOINTS,
  rotateSecret,
  saveConfiguredEndpoint,
} from "../../relayer/store/webhook-endpoints.ts";
import { foldPayments } from "../../sdk/webhooks.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { newPayment } from "./stored-payment.ts";

const HASH = `0x${"ab".repeat(32)}`;
const EVERYTHING = 10n ** 18n;

describe("the store of webhooks", () => {
  let postgres: TestDatabase;
  let database: Database;
  let serverUrl = "";

  before(async () => {
    postgres = await openTestDatabase();
    serverUrl = postgres.url;
    database = openDatabase(serverUrl);
    await migrate(database);
  });

  beforeEach(() =>
    database.query("TRUNCATE payments, holds, blocks, accounts, webhook_endpoints, events, deliveries CASCADE"),
  );

  after(async () => {
    await database.end();
    await postgres.stop();
  });

  async function endpoint(merchant: string | null, eventTypes: string[] | null = null): Promise<EndpointRecord> {
    const made = { id: randomUUID(), merchant, url: "https://shop.example/hooks", eventTypes };
    const stored = await insertEndpoint(database, made, Buffer.from("sealed"));
    if (stored === undefined) throw new Error("not stored");
    return stored;
  }

  async function pay(changes: Partial<NewPayment> = {}): Promise<string> {
    const payment = newPayment(changes);
    await insertPayments(database, [payment]);
    return payment.id;
  }

  const settle = (id: string, blockNumber: bigint) =>
    applySettled(database, [{ id, transactionHash: HASH, blockNumber, pulled: false, settledAt: 77n }]);

  async function submit(id: string): Promise<void> {
    await database.query("INSERT INTO lanes (address, next_nonce) VALUES ('lane', 0) ON CONFLICT DO NOTHING");
    await database.query(
      `INSERT INTO transactions (hash, lane, nonce, raw, state, rows, batches)
       VALUES ($1, 'lane', 0, '', 'broadcast', 1, 1) ON CONFLICT DO NOTHING`,
      [HASH],
    );
    await database.query("UPDATE payments SET state = 'assigned', lane = 'lane' WHERE id = $1", [id]);
    await database.query("UPDATE payments SET state = 'submitted', transaction_hash = $2 WHERE id = $1", [id, HASH]);
  }

  async function stream(merchant: string | null = null) {
    const events = await listEvents(database, merchant, 0n, EVERYTHING, 1_000);
    return events.map(({ sequence, type, payload }) => ({ sequence: sequence.toString(), type, data: payload }));
  }

  const typesOf = async (id: string): Promise<string[]> =>
    (await stream()).filter(({ data }) => data.id === id).map(({ type }) => type);

  const FREE: Capacity = {
    total: 100,
    perEndpoint: 10,
    running: new Map(),
    slow: new Set(),
    perSlowEndpoint: 2,
    stored: true,
  };
  const take = (capacity: Partial<Capacity> = {}, leaseMs = 60_000): Promise<DueDelivery[]> =>
    takeDeliveries(database, { ...FREE, ...capacity }, leaseMs);

  describe("events of payments", () => {
    it("are not written while nobody subscribes to them", async () => {
      const id = await pay();
      await settle(id, 5n);
      await endpoint("another merchant");
      await endpoint("merchant", ["payment.final"]);
      const off = await endpoint("merchant");
      await changeEndpoint(database, "merchant", off.id, { enabled: false });
      await settle(await pay(), 5n);
      expect(await stream()).to.deep.equal([]);
    });

    it("tell each change once, not what the relayer does on the way", async () => {
      await endpoint("merchant");
      const id = await pay();
      await submit(id);
      await settle(id, 5n);
      await settle(id, 5n);
      await markFinal(database, 5n);
      await markFinal(database, 6n);
      expect(await typesOf(id)).to.deep.equal(["payment.accepted", "payment.settled", "payment.final"]);
      const [, settled] = await stream();
      expect(settled?.data).to.include({
        ...{ id, state: "settled", code: null, merchant: "merchant", payer: "payer", payee: "merchant" },
        ...{ token: "dollar", amount: "50", settleToken: "dollar", settleAmount: "50", requestId: null },
        ...{ transactionHash: HASH, blockNumber: "5", settledAt: "77" },
      });
    });

    it("of an exchanged payment say what is settled", async () => {
      await endpoint("merchant");
      const quote = { settleToken: "euro" } as unknown as NonNullable<NewPayment["fx"]>["quote"];
      const fx = { quote, payee: "merchant", settleAmount: "40", memo: HASH, cost: "44" };
      await pay({ fx: { ...fx, refundRule: null, refundDeadline: 0 } });
      expect((await stream())[0]?.data).to.include({ amount: "50", settleToken: "euro", settleAmount: "40" });
    });

    it("are there if the change is, and are not if it is not", async () => {
      await endpoint("merchant");
      const undone = inTransaction(database, async (db) => {
        await insertPayments(db, [newPayment()]);
        throw new Error("undone");
      });
      await undone.catch(() => undefined);
      expect(await stream()).to.deep.equal([]);
    });

    it("replay to the database's state after settlements, rejections, expiry and reorgs, deep ones included", async () => {
      await endpoint(null);
      const [plain, final, reorged, deep, rejected, refused, expired, late] = await Promise.all(
        Array.from({ length: 8 }, () => pay()),
      );
      if (!plain || !final || !reorged || !deep || !rejected || !refused || !expired || !late) throw new Error("few");
      for (const id of [reorged, rejected, late]) await submit(id);
      await settle(final, 3n);
      await settle(deep, 4n);
      await markFinal(database, 4n);
      for (const id of [plain, reorged]) await settle(id, 6n);
      await applyRejected(
        database,
        [rejected, late].map((id) => ({ id, transactionHash: HASH, blockNumber: 6n, code: "frozen" })),
      );
      await database.query("UPDATE payments SET state = 'rejected', code = 'nonce_used' WHERE id = $1", [refused]);
      await undoAbove(database, 3n);
      await settle(plain, 7n);
      // The chain decides, whatever was said before.
      await settle(late, 7n);
      await database.query("UPDATE payments SET deadline = 1 WHERE id = $1", [expired]);
      await expireAccepted(database, 2n);

      const payments = await findPayments(database, [
        ...[plain, final, reorged, deep, rejected, refused, expired, late],
      ]);
      const events = await stream();
      // In any order, and twice.
      const folded = foldPayments([...events].reverse().concat(events));
      expect(folded.size).to.equal(8);
      for (const payment of payments) {
        const isLive = payment.state === "accepted" || payment.state === "submitted";
        expect(folded.get(payment.id)).to.include({
          state: isLive ? "accepted" : payment.state,
          code: payment.code,
          blockNumber: payment.blockNumber?.toString() ?? null,
          transactionHash: isLive ? null : (payment.settledHash ?? payment.transactionHash),
          settledAt: payment.settledAt?.toString() ?? null,
        });
      }
      expect(await typesOf(deep)).to.deep.equal([
        ...["payment.accepted", "payment.settled", "payment.final", "payment.reorged"],
      ]);
      expect(await typesOf(late)).to.deep.equal(["payment.accepted", "payment.rejected", "payment.settled"]);
      expect(folded.get(reorged)?.state).to.equal("accepted");
      expect(folded.get(expired)).to.include({ state: "expired", code: "expired" });
    });

    it("go to the merchant's endpoints and the operator's, by what each subscribes to", async () => {
      const [hers, operators, other, some] = [
        await endpoint("merchant"),
        await endpoint(null, ["payment.settled"]),
        await endpoint("another merchant"),
        await endpoint("merchant", ["payment.rejected", "payment.settled"]),
      ];
      await settle(await pay(), 5n);
      const told = (await take()).map(({ endpointId, type }) => `${endpointId} ${type}`);
      expect(told.sort()).to.deep.equal(
        [
          ...[`${hers.id} payment.accepted`, `${hers.id} payment.settled`],
          ...[`${operators.id} payment.settled`, `${some.id} payment.settled`],
        ].sort(),
      );
      expect(await listDeliveries(database, other.id, undefined, undefined, 10)).to.deep.equal([]);
    });

    it("of others are written once for their id", async () => {
      const { id } = await endpoint("merchant");
      const event = {
        ...{ id: "payment:capture_due", type: "hold.capture_due", paymentId: "payment", merchant: "merchant" },
        payload: { paymentId: "payment" },
      };
      await recordEvents(database, [event]);
      await recordEvents(database, [event, { ...event, id: "other", merchant: "another merchant" }]);
      expect(await listDeliveries(database, id, undefined, undefined, 10)).to.have.length(1);
      expect(await stream()).to.have.length(1);
    });
  });

  describe("the stream", () => {
    it("does not go past what is still under way", async () => {
      await endpoint("merchant");
      const horizon = createEventHorizon(database);
      const before = await horizon.read();
      const slow = await database.connect();
      await slow.query("BEGIN");
      const [first, second] = [newPayment(), newPayment()];
      await insertPayments(slow, [first]);
      await insertPayments(database, [second]);
      expect((await stream()).map(({ data }) => data.id)).to.deep.equal([second.id]);
      const reading = horizon.read();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await slow.query("COMMIT");
      slow.release();
      const upTo = await reading;
      const events = await listEvents(database, "merchant", before, upTo, 10);
      expect(events.map(({ paymentId }) => paymentId)).to.deep.equal([first.id, second.id]);
    });

    it("stays where it was while a transaction goes on and on", async () => {
      await endpoint("merchant");
      const horizon = createEventHorizon(database);
      await pay();
      const known = await horizon.read();
      const slow = await database.connect();
      await slow.query("BEGIN");
      await insertPayments(slow, [newPayment()]);
      await pay();
      expect(await horizon.read()).to.equal(known);
      await slow.query("ROLLBACK");
      slow.release();
      expect(await horizon.read()).to.equal(known + 2n);
    });
  });

  describe("deliveries", () => {
    it("are taken by one at a time, and again once the lease is over", async () => {
      await endpoint("merchant");
      await Promise.all(Array.from({ length: 30 }, () => pay()));
      const taken = (await Promise.all(Array.from({ length: 3 }, () => take({}, 400)))).flat();
      expect(new Set(taken.map(({ sequence }) => sequence)).size).to.equal(30);
      expect(taken).to.have.length(30);
      expect(await take()).to.deep.equal([]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const again = await take({ perEndpoint: 50 });
      expect(again).to.have.length(30);
      expect(again.every(({ attempts }) => attempts === 2)).to.equal(true);
      // The first taker is late: its word counts no more.
      const [late] = taken;
      if (late === undefined) throw new Error("none");
      await markDelivered(database, late, 204);
      expect((await readOutbox(database)).count).to.equal(30);
    });

    it("leave room to each endpoint, one message to a failing one", async () => {
      const [slow, quick] = [await endpoint("merchant"), await endpoint("another")];
      for (const merchant of ["merchant", "another"]) {
        for (let index = 0; index < 6; index += 1) await pay({ merchant });
      }
      const count = (taken: DueDelivery[], { id }: EndpointRecord) =>
        taken.filter(({ endpointId }) => endpointId === id).length;
      const first = await take({ perEndpoint: 4, running: new Map([[slow.id, 4]]) });
      expect([count(first, slow), count(first, quick)]).to.deep.equal([0, 4]);
      const [one] = await take({ perEndpoint: 1 });
      if (one === undefined) throw new Error("none");
      const failure = { status: 500, error: "no", delayMs: 60_000, gone: false, toleranceMs: 1_000_000 };
      expect(await markFailed(database, one, failure)).to.equal(null);
      const failing = one.endpointId === slow.id ? slow : quick;
      expect(count(await take({ perEndpoint: 4, slow: new Set([failing.id]) }), failing)).to.equal(1);
    });

    it("without a key go to the configured endpoint only", async () => {
      await saveConfiguredEndpoint(database, { url: "http://127.0.0.1/", eventTypes: null });
      await endpoint("merchant");
      await pay();
      const taken = await take({ stored: false });
      expect(taken.map(({ endpointId, configured }) => ({ endpointId, configured }))).to.deep.equal([
        { endpointId: CONFIGURED_ENDPOINT, configured: true },
      ]);
      await saveConfiguredEndpoint(database, undefined);
      expect(await findEndpoint(database, null, CONFIGURED_ENDPOINT)).to.include({
        enabled: false,
        disabledReason: "not_configured",
      });
    });

    it("are given back, delivered, or dead; a success clears what an endpoint did before", async () => {
      const { id } = await endpoint("merchant");
      await pay();
      await pay();
      await pay();
      const [first, second, third] = await take();
      if (!first || !second || !third) throw new Error("few");
      await releaseDelivery(database, first);
      const failure = { status: 500, error: "no", delayMs: null, gone: false, toleranceMs: 1_000_000 };
      await markFailed(database, second, failure);
      expect(await findEndpoint(database, null, id))
        .to.have.property("failingSince")
        .that.is.instanceOf(Date);
      await markDelivered(database, third, 200);
      expect(await findEndpoint(database, null, id)).to.include({ failingSince: null, enabled: true });
      const states = await listDeliveries(database, id, undefined, undefined, 10);
      expect(states.map(({ state, attempts, lastStatus }) => [state, attempts, lastStatus])).to.deep.equal([
        ["delivered", 1, 200],
        ["dead", 1, 500],
        ["pending", 0, null],
      ]);
      expect(await listDeliveries(database, id, "dead", undefined, 10)).to.have.length(1);
      expect(await listDeliveries(database, id, undefined, second.sequence, 10)).to.have.length(1);
      expect(await readOutbox(database)).to.include({ count: 1, dead: 1 });
    });

    it("disable an endpoint that is gone, or that failed for too long; enabled anew it goes on", async () => {
      const { id } = await endpoint("merchant");
      await pay();
      await pay();
      const [first, second] = await take();
      if (!first || !second) throw new Error("few");
      const failure = { status: 500, error: "no", delayMs: 0, gone: false, toleranceMs: 50 };
      expect(await markFailed(database, first, failure)).to.equal(null);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(await markFailed(database, second, failure)).to.equal("failing");
      expect(await take()).to.deep.equal([]);
      const enabled = await changeEndpoint(database, "merchant", id, { enabled: true });
      expect(enabled).to.include({ enabled: true, disabledReason: null, failingSince: null });
      const [again] = await take();
      if (again === undefined) throw new Error("none");
      expect(await markFailed(database, again, { ...failure, status: 410, delayMs: null, gone: true })).to.equal(
        "gone",
      );
      expect(await findEndpoint(database, null, id)).to.include({ enabled: false, disabledReason: "gone" });
    });

    it("are replayed one by one or since a time, to whom they concern", async () => {
      const hers = await endpoint("merchant");
      const operators = await endpoint(null, ["payment.rejected"]);
      const since = new Date();
      const ids = [await pay(), await pay(), await pay()];
      const taken = await take();
      const [first, second, third] = taken;
      if (!first || !second || !third) throw new Error("few");
      await markDelivered(database, first, 200);
      const failure = { status: 500, error: "no", delayMs: null, gone: false, toleranceMs: 1_000_000 };
      await markFailed(database, second, failure);

      expect(await replayEvent(database, hers, "evt_unknown")).to.equal(false);
      expect(await replayEvent(database, operators, first.eventId)).to.equal(false);
      expect(await replayEvent(database, { ...hers, merchant: "another" }, first.eventId)).to.equal(false);
      // The third is being sent: it is not sent beside that.
      expect(await replayEvent(database, hers, third.eventId)).to.equal(true);
      expect(await take()).to.deep.equal([]);

      const range = { since, after: 0n, only: undefined };
      expect(await replaySince(database, hers, { ...range, only: "dead" }, 10)).to.deep.equal({
        replayed: 1,
        next: null,
      });
      await changeEndpoint(database, "merchant", hers.id, { enabled: true });
      expect((await take()).map(({ eventId, attempts }) => [eventId, attempts])).to.deep.equal([[second.eventId, 1]]);
      const page = await replaySince(database, hers, range, 2);
      expect(page).to.deep.equal({ replayed: 2, next: second.sequence });
      const rest = await replaySince(database, hers, { ...range, after: second.sequence }, 2);
      expect(rest).to.deep.equal({ replayed: 1, next: null });
      expect((await take()).map(({ eventId }) => eventId)).to.deep.equal([first.eventId]);

      // An endpoint that was made since is told what it missed.
      const late = await endpoint("merchant");
      expect(await replaySince(database, late, range, 10)).to.deep.equal({ replayed: 3, next: null });
      expect((await take()).map(({ payload }) => payload.id)).to.deep.equal(ids);
    });

    it("and events are forgotten in time", async () => {
      const { id } = await endpoint("merchant");
      await pay();
      await pay();
      await database.query(
        "UPDATE events SET created_at = clock_timestamp() - interval '31 days' WHERE sequence = (SELECT min(sequence) FROM events)",
      );
      expect(await forgetOldEvents(database, 10)).to.equal(1);
      expect(await forgetOldEvents(database, 10)).to.equal(0);
      expect(await stream()).to.have.length(1);
      expect(await listDeliveries(database, id, undefined, undefined, 10)).to.have.length(1);
    });
  });

  describe("endpoints", () => {
    it("are their merchant's alone, and the operator's", async () => {
      const [hers, another, operators] = [await endpoint("merchant"), await endpoint("another"), await endpoint(null)];
      const ids = async (owner: string | null) => (await listEndpoints(database, owner)).map(({ id }) => id);
      expect(await ids("merchant")).to.deep.equal([hers.id]);
      expect(await ids(null)).to.deep.equal([hers.id, another.id, operators.id]);
      for (const { id } of [another, operators]) {
        expect(await findEndpoint(database, "merchant", id)).to.equal(undefined);
        expect(await changeEndpoint(database, "merchant", id, { enabled: false })).to.equal(undefined);
        expect(await deleteEndpoint(database, "merchant", id)).to.equal(false);
      }
      await pay();
      expect(await deleteEndpoint(database, "merchant", hers.id)).to.equal(true);
      expect(await listDeliveries(database, hers.id, undefined, undefined, 10)).to.deep.equal([]);
      expect((await liveSecrets(database, [hers.id])).size).to.equal(0);
    });

    it("are bounded in number, also when they are made at once", async () => {
      const made = await Promise.allSettled(Array.from({ length: MAX_ENDPOINTS + 3 }, () => endpoint("merchant")));
      expect(made.filter(({ status }) => status === "fulfilled")).to.have.length(MAX_ENDPOINTS);
      await endpoint("another");
    });

    it("sign with the former secret for its time beside the new one", async () => {
      const { id } = await endpoint("merchant");
      const live = async () => (await liveSecrets(database, [id])).get(id)?.map(String);
      await rotateSecret(database, id, Buffer.from("second"), 150);
      expect(await live()).to.deep.equal(["second", "sealed"]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await live()).to.deep.equal(["second"]);
      for (const name of ["third", "fourth", "fifth", "sixth"]) {
        expect(await rotateSecret(database, id, Buffer.from(name), 60_000)).to.be.instanceOf(Date);
      }
      expect(await rotateSecret(database, id, Buffer.from("seventh"), 60_000)).to.equal(undefined);
      expect(await live()).to.have.length(5);
    });
  });

  it("keeps what waited in the outbox", async () => {
    const name = `old_${hexlify(randomBytes(4)).slice(2)}`;
    await database.query(`CREATE DATABASE ${name}`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const old = openDatabase(url.href);
    try {
      await migrate(
        old,
        MIGRATIONS.filter((migration) => migration.name < "0008"),
      );
      await old.query(
        `INSERT INTO outbox (id, type, payload, delivered_at) VALUES
           ('a:capture_due', 'hold.capture_due', '{"paymentId": "a", "payee": "merchant"}', NULL),
           ('b:capture_due', 'hold.capture_due', '{"paymentId": "b", "payee": "merchant"}', now())`,
      );
      await migrate(old);
      await saveConfiguredEndpoint(old, { url: "https://shop.example/hooks", eventTypes: ["hold.capture_due"] });
      const due = await takeDeliveries(old, FREE, 1_000);
      expect(due.map(({ eventId, payload }) => [eventId, payload.paymentId])).to.deep.equal([["a:capture_due", "a"]]);
    } finally {
      await old.end();
    }
  });
});
