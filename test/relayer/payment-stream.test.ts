import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";
import Fastify, { type FastifyInstance } from "fastify";
import { pino } from "pino";
import { Gauge, Registry } from "prom-client";

import { addPaymentStreamRoute } from "../../relayer/api/payment-stream.ts";
import { HttpProblem } from "../../relayer/api/problem.ts";
import { applySettled, markFinal, undoAbove } from "../../relayer/store/chain.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertPayments } from "../../relayer/store/payments.ts";
import { CorridorClient, type PaymentView, ProblemError } from "../../sdk/client.ts";
import { readEventStream, type StreamEvent } from "../../sdk/event-stream.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { eventually } from "./receiver.ts";
import { newPayment } from "./stored-payment.ts";

const MAX_STREAMS = 3;

describe("a payment's stream of states", () => {
  let postgres: TestDatabase;
  let database: Database;
  let server: FastifyInstance;
  let url = "";
  let queries = 0;
  const openStreams = new Gauge({ name: "open", help: "open", registers: [new Registry()] });
  const open = async (): Promise<number> => (await openStreams.get()).values[0]?.value ?? 0;

  before(async () => {
    postgres = await openTestDatabase();
    database = openDatabase(postgres.url);
    await migrate(database);
  });

  beforeEach(async () => {
    server = Fastify();
    server.setErrorHandler((error, _request, reply) =>
      error instanceof HttpProblem ? reply.code(error.status).send(error.body) : reply.code(500).send({}),
    );
    // The same database, with its queries counted.
    const counted = new Proxy(database, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === "query") queries += 1;
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const deps = {
      database: counted,
      log: pino({ level: "silent" }),
      maxStreams: MAX_STREAMS,
      metrics: { openStreams },
    };
    addPaymentStreamRoute(server, deps, 100);
    url = await server.listen({ host: "127.0.0.1", port: 0 });
  });

  afterEach(async () => {
    await server.close();
  });

  after(async () => {
    await database.end();
    await postgres.stop();
  });

  async function pay(): Promise<string> {
    const payment = newPayment();
    await insertPayments(database, [payment]);
    return payment.id;
  }

  const settle = (id: string, blockNumber: bigint) =>
    applySettled(database, [{ id, transactionHash: "0x01", blockNumber, pulled: false, settledAt: 77n }]);
  const get = (id: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/v1/payments/${id}/events`, { headers });

  function bodyOf(response: Response): ReadableStream<Uint8Array> {
    if (response.body === null) throw new Error("no body");
    return response.body;
  }

  async function take(events: AsyncGenerator<StreamEvent, void>): Promise<{ id: bigint; view: PaymentView }> {
    const next = await events.next();
    if (next.done === true) throw new Error("the stream ended");
    expect(next.value.event).to.equal("payment");
    return { id: BigInt(next.value.id ?? ""), view: JSON.parse(next.value.data) as PaymentView };
  }

  it("gives the present state, each change, and ends with the last", async () => {
    const id = await pay();
    const response = await get(id);
    expect(response.headers.get("content-type")).to.contain("text/event-stream");
    const events = readEventStream(bodyOf(response));
    const first = await take(events);
    expect(first.view).to.include({ id, state: "accepted" });
    await settle(id, 5n);
    const second = await take(events);
    expect(second.view).to.include({ state: "settled", blockNumber: "5" });
    await undoAbove(database, 4n);
    const third = await take(events);
    expect(third.view).to.include({ state: "accepted", blockNumber: null });
    await settle(id, 6n);
    const fourth = await take(events);
    await markFinal(database, 6n);
    const fifth = await take(events);
    expect([fourth.view.state, fifth.view.state]).to.deep.equal(["settled", "final"]);
    const ids = [first, second, third, fourth, fifth].map((event) => event.id);
    expect(ids).to.deep.equal([...new Set(ids)].sort());
    expect((await events.next()).done).to.equal(true);
  });

  it("goes on where it broke off, and tells who has the last state not to come again", async () => {
    const id = await pay();
    const broken = new AbortController();
    const first = await fetch(`${url}/v1/payments/${id}/events`, { signal: broken.signal });
    const seen = await take(readEventStream(bodyOf(first)));
    broken.abort();
    const same = readEventStream(bodyOf(await get(id, { "last-event-id": String(seen.id) })));
    const waiting = take(same);
    await settle(id, 5n);
    expect((await waiting).view.state).to.equal("settled");
    await same.return();
    await markFinal(database, 5n);
    const late = readEventStream(bodyOf(await get(id, { "last-event-id": String(seen.id) })));
    const last = await take(late);
    expect(last.view.state).to.equal("final");
    expect((await late.next()).done).to.equal(true);
    expect((await get(id, { "last-event-id": String(last.id) })).status).to.equal(204);
    await eventually(open, (count) => count === 0);
  });

  it("shows that it lives while nothing happens, and stops looking when nobody watches", async () => {
    const id = await pay();
    const response = await get(id);
    const reader = bodyOf(response).getReader();
    let text = "";
    for (const end = Date.now() + 5_000; !/(:\n\n.*){2}/s.test(text) && Date.now() < end;) {
      text += new TextDecoder().decode((await reader.read()).value);
    }
    expect(text).to.match(/^retry: \d+\n\nid: \d+\nevent: payment\ndata: \{.*\}\n\n:\n\n:\n\n/s);
    const before = queries;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(queries).to.be.within(before + 1, before + 4);
    await reader.cancel();
    await eventually(open, (count) => count === 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const after = queries;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(queries).to.equal(after);
  });

  it("watches many at the cost of one", async () => {
    const ids = [await pay(), await pay(), await pay()];
    const streams = await Promise.all(ids.map(async (id) => readEventStream(bodyOf(await get(id)))));
    await Promise.all(streams.map(take));
    const before = queries;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(queries - before).to.be.within(2, 5);
    const [first = ""] = ids;
    await settle(first, 5n);
    expect((await take(streams[0] as AsyncGenerator<StreamEvent, void>)).view.state).to.equal("settled");
    for (const stream of streams) await stream.return();
  });

  it("is refused above the limit, and for what is no payment", async () => {
    const id = await pay();
    const streams = await Promise.all(Array.from({ length: MAX_STREAMS }, () => get(id)));
    const refused = await get(id);
    expect(refused.status).to.equal(503);
    expect(refused.headers.get("retry-after")).to.equal("5");
    expect(await refused.json()).to.include({ code: "too_many_streams" });
    await streams[0]?.body?.cancel();
    await eventually(open, (count) => count === MAX_STREAMS - 1);
    for (const [bad, status] of [
      [hexlify(randomBytes(32)), 404],
      ["5", 400],
    ] as const) {
      expect((await get(bad)).status).to.equal(status);
    }
    expect(await open()).to.equal(MAX_STREAMS - 1);
    for (const stream of streams.slice(1)) await stream.body?.cancel();
  });

  it("ends when the relayer drains", async () => {
    const events = readEventStream(bodyOf(await get(await pay())));
    await take(events);
    const started = Date.now();
    await server.close();
    expect((await events.next()).done).to.equal(true);
    expect(Date.now() - started).to.be.lessThan(1_500);
  });

  it("is an async iterable in the SDK, which comes again if it breaks", async () => {
    const id = await pay();
    const states: string[] = [];
    const watching = (async () => {
      for await (const { state } of new CorridorClient(url).watchPayment(id)) states.push(state);
    })();
    await eventually(
      () => Promise.resolve(states.length),
      (count) => count === 1,
    );
    server.server.closeAllConnections();
    await settle(id, 5n);
    await eventually(
      () => Promise.resolve(states.length),
      (count) => count === 2,
    );
    await markFinal(database, 5n);
    await watching;
    expect(states).to.deep.equal(["accepted", "settled", "final"]);
    const refused = new CorridorClient(url).watchPayment(hexlify(randomBytes(32))).next();
    const error = await refused.catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ProblemError);
    const stop = new AbortController();
    const abandoned = new CorridorClient(url).watchPayment(await pay(), stop.signal);
    await abandoned.next();
    const next = abandoned.next().catch((thrown: unknown) => thrown);
    stop.abort();
    expect(await next).to.have.property("name", "AbortError");
  });
});
