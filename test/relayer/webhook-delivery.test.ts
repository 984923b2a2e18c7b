import { randomBytes } from "node:crypto";

import { expect } from "chai";
import { getAddress, hexlify } from "ethers";
import Fastify, { type FastifyInstance } from "fastify";
import { pino } from "pino";
import { WebhookVerificationError } from "standardwebhooks";

import { type Access, NO_KEY } from "../../relayer/api/access.ts";
import { addEventRoutes } from "../../relayer/api/events.ts";
import { HttpProblem } from "../../relayer/api/problem.ts";
import { addWebhookRoutes, type WebhookApi } from "../../relayer/api/webhook-endpoints.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertPayments } from "../../relayer/store/payments.ts";
import {
  CONFIGURED_ENDPOINT,
  MAX_ENDPOINTS,
  MAX_SECRETS,
  saveConfiguredEndpoint,
} from "../../relayer/store/webhook-endpoints.ts";
import { type Deliverer, type DelivererDependencies, startDeliverer } from "../../relayer/webhooks/deliverer.ts";
import { newSecret } from "../../relayer/webhooks/secret-box.ts";
import { CorridorClient, ProblemError } from "../../sdk/client.ts";
import type { DeliveryPage, NewWebhookEndpoint } from "../../sdk/webhooks.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { eventually, type Receiver, startReceiver, verified } from "./receiver.ts";
import { newPayment } from "./stored-payment.ts";

const [MERCHANT, ANOTHER] = [1, 2].map((digit) => getAddress(`0x${String(digit).repeat(40)}`)) as [string, string];
const OPERATOR = "the operator's key";
const KEY = randomBytes(32);
const log = pino({ level: "silent" });

/** Her address is a merchant's key here. */
const access: Access = {
  require(request) {
    const key = request.headers.authorization?.slice("Bearer ".length);
    if (key === OPERATOR) return Promise.resolve({ merchant: null });
    if (key === MERCHANT || key === ANOTHER) return Promise.resolve({ merchant: key });
    return Promise.reject(NO_KEY);
  },
};

describe("webhooks", () => {
  let postgres: TestDatabase;
  let database: Database;
  const servers: FastifyInstance[] = [];
  const receivers: Receiver[] = [];
  const deliverers: Deliverer[] = [];
  let url = "";
  let merchant: CorridorClient;
  let operator: CorridorClient;

  before(async () => {
    postgres = await openTestDatabase();
    database = openDatabase(postgres.url);
    await migrate(database);
    url = await serve({ key: KEY, allowPrivate: true });
    merchant = new CorridorClient(url, { apiKey: MERCHANT });
    operator = new CorridorClient(url, { apiKey: OPERATOR });
  });

  beforeEach(() => database.query("TRUNCATE payments, webhook_endpoints, events, deliveries CASCADE"));

  afterEach(async () => {
    await Promise.all(deliverers.splice(0).map((deliverer) => deliverer.stop()));
    await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
  });

  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await database.end();
    await postgres.stop();
  });

  async function serve(webhooks: WebhookApi["webhooks"]): Promise<string> {
    const server = Fastify();
    servers.push(server);
    server.setErrorHandler((error, _request, reply) =>
      error instanceof HttpProblem ? reply.code(error.status).send(error.body) : reply.code(500).send({}),
    );
    addWebhookRoutes(server, { database, access, webhooks });
    addEventRoutes(server, { database, access, webhooks });
    return server.listen({ host: "127.0.0.1", port: 0 });
  }

  function deliver(changes: Partial<DelivererDependencies> = {}): Deliverer {
    const deliverer = startDeliverer({
      ...{ database, key: KEY, configuredSecret: undefined, allowPrivate: true, retries: [60, 60], pollMs: 25 },
      ...{ timeoutMs: 2_000, log, ...changes },
    });
    deliverers.push(deliverer);
    return deliverer;
  }

  async function receiver(): Promise<Receiver> {
    const one = await startReceiver();
    receivers.push(one);
    return one;
  }

  async function pay(count = 1, of = MERCHANT): Promise<string[]> {
    const payments = Array.from({ length: count }, () => newPayment({ merchant: of }));
    await insertPayments(database, payments);
    return payments.map(({ id }) => id);
  }

  async function codeOf(promise: Promise<unknown>): Promise<string> {
    try {
      await promise;
      return "accepted";
    } catch (error) {
      if (error instanceof ProblemError) return `${error.problem.status} ${error.problem.code}`;
      throw error;
    }
  }

  const settledDeliveries = (id: string, client = merchant) =>
    eventually(
      () => client.webhooks.deliveries(id),
      ({ deliveries }: DeliveryPage) => deliveries.length > 0 && deliveries.every(({ state }) => state !== "pending"),
    );

  it("arrive signed, by the Standard Webhooks specification, and are shown as delivered", async () => {
    const shop = await receiver();
    const { secret, ...endpoint } = await merchant.webhooks.create({ url: shop.url });
    expect(endpoint).to.include({ merchant: MERCHANT, url: shop.url, eventTypes: null, enabled: true });
    expect(await merchant.webhooks.list()).to.deep.equal([endpoint]);
    expect(await merchant.webhooks.get(endpoint.id)).to.deep.equal(endpoint);
    const outcomes: string[] = [];
    deliver({ onAttempt: (outcome) => outcomes.push(outcome) });
    const [id] = await pay();
    await shop.until(1);
    const [one] = shop.received;
    if (one === undefined) throw new Error("nothing came");
    const message = verified(secret, one);
    expect(message).to.include({ type: "payment.accepted" });
    expect(message.data).to.include({ id, state: "accepted", merchant: MERCHANT, amount: "50" });
    expect(() => verified(newSecret(), one)).to.throw(WebhookVerificationError);
    expect(() => verified(secret, { ...one, body: one.body.replace('"50"', '"51"') })).to.throw();
    const { deliveries } = await settledDeliveries(endpoint.id);
    expect(deliveries).to.have.length(1);
    expect(deliveries[0]).to.include({
      ...{ eventId: one.headers["webhook-id"], type: "payment.accepted", paymentId: id, state: "delivered" },
      ...{ attempts: 1, nextAttemptAt: null, lastStatus: 204, lastError: null, sequence: message.sequence },
    });
    expect(outcomes).to.deep.equal(["delivered"]);
    const { rows } = await database.query<{ sealed: Buffer }>("SELECT sealed FROM webhook_secrets");
    expect(rows[0]?.sealed.includes(Buffer.from(secret.slice(6), "base64"))).to.equal(false);
  });

  it("wait while the key that secrets are kept under is another, and are delivered once the secret is rotated", async () => {
    const shop = await receiver();
    const { id } = await merchant.webhooks.create({ url: shop.url });
    const key = randomBytes(32);
    const since = new Date(Date.now() - 60_000).toISOString();
    const outcomes: string[] = [];
    deliver({ key, onAttempt: (outcome) => outcomes.push(outcome) });
    const [payment] = await pay();
    await eventually(
      () => Promise.resolve(outcomes),
      (seen) => seen.length > 0,
    );
    expect(outcomes).to.deep.equal(["failed"]);
    const [waiting] = (await merchant.webhooks.deliveries(id)).deliveries;
    expect(waiting).to.include({ state: "pending", attempts: 1, lastStatus: null });
    expect(waiting?.lastError).to.equal("the endpoint's secret cannot be read: rotate it");
    expect(shop.received).to.have.length(0);

    const afterwards = new CorridorClient(await serve({ key, allowPrivate: true }), { apiKey: MERCHANT });
    const { secret } = await afterwards.webhooks.rotateSecret(id);
    expect(await afterwards.webhooks.replaySince(id, { since, state: "pending" })).to.include({ replayed: 1 });
    await shop.until(1);
    const [one] = shop.received;
    if (one === undefined) throw new Error("nothing came");
    expect(verified(secret, one).data).to.include({ id: payment });
  });

  it("are signed with the former secret too for a day after a rotation", async () => {
    const shop = await receiver();
    const { id, secret: former } = await merchant.webhooks.create({ url: shop.url });
    const { secret, formerUntil } = await merchant.webhooks.rotateSecret(id);
    expect(Date.parse(formerUntil) - Date.now()).to.be.within(23.9 * 3_600_000, 24 * 3_600_000);
    deliver();
    await pay();
    await shop.until(1);
    const [one] = shop.received;
    if (one === undefined) throw new Error("nothing came");
    expect(String(one.headers["webhook-signature"]).split(" ")).to.have.length(2);
    for (const valid of [former, secret]) expect(verified(valid, one).type).to.equal("payment.accepted");
    await database.query("UPDATE webhook_secrets SET expires_at = now() WHERE expires_at IS NOT NULL");
    await pay();
    await shop.until(2);
    const [, two] = shop.received;
    if (two === undefined) throw new Error("nothing came");
    expect(verified(secret, two).type).to.equal("payment.accepted");
    expect(() => verified(former, two)).to.throw(WebhookVerificationError);
    for (let more = 0; more < MAX_SECRETS - 1; more += 1) await merchant.webhooks.rotateSecret(id);
    expect(await codeOf(merchant.webhooks.rotateSecret(id))).to.equal("409 too_many_secrets");
  });

  it("come again after a failure, with the same id", async () => {
    const shop = await receiver();
    let failures = 1;
    shop.answer = (response) => response.writeHead((failures -= 1) < 0 ? 200 : 500).end();
    const { id } = await merchant.webhooks.create({ url: shop.url });
    deliver();
    await pay();
    const { deliveries } = await settledDeliveries(id);
    expect(deliveries[0]).to.include({ state: "delivered", attempts: 2, lastStatus: 200, lastError: null });
    expect(new Set(shop.received.map(({ headers }) => headers["webhook-id"])).size).to.equal(1);
    expect(shop.received).to.have.length(2);
    expect((await merchant.webhooks.get(id)).failingSince).to.equal(null);
  });

  it("that nobody takes are dead in the end, and are replayed when somebody does", async () => {
    const shop = await receiver();
    shop.answer = (response) => response.writeHead(503).end();
    const { id } = await merchant.webhooks.create({ url: shop.url });
    const outcomes: string[] = [];
    deliver({ onAttempt: (outcome) => outcomes.push(outcome) });
    const since = new Date().toISOString();
    const ids = await pay(3);
    await settledDeliveries(id);
    const { deliveries: dead } = await merchant.webhooks.deliveries(id, { state: "dead" });
    expect(dead).to.have.length(3);
    expect(dead[0]).to.include({ attempts: 3, lastStatus: 503, lastError: "the endpoint answered 503" });
    expect(outcomes.filter((outcome) => outcome === "dead")).to.have.length(3);
    expect(outcomes).to.have.length(9);
    expect((await merchant.webhooks.get(id)).failingSince).to.be.a("string");

    const page = await merchant.webhooks.deliveries(id, { state: "dead", limit: "2" });
    expect(page.deliveries).to.deep.equal(dead.slice(0, 2));
    const rest = await merchant.webhooks.deliveries(id, { state: "dead", limit: "2", cursor: page.next ?? "" });
    expect(rest).to.deep.equal({ deliveries: dead.slice(2), next: null });

    shop.answer = (response) => response.writeHead(204).end();
    shop.received.length = 0;
    await merchant.webhooks.replay(id, dead[0]?.eventId ?? "");
    await shop.until(1);
    expect(await merchant.webhooks.replaySince(id, { since, state: "dead" })).to.deep.equal({
      replayed: 2,
      next: null,
    });
    await shop.until(3);
    const told = shop.received.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id);
    expect(told.sort()).to.deep.equal([...ids].sort());
    expect(await codeOf(merchant.webhooks.replay(id, "evt_0"))).to.equal("404 not_found");
    const old = new Date(Date.now() - 31 * 86_400_000).toISOString();
    for (const bad of [old, "yesterday"]) {
      expect(await codeOf(merchant.webhooks.replaySince(id, { since: bad }))).to.equal("400 invalid_field");
    }
  });

  it("of one endpoint do not wait for a slow one, or many", async () => {
    const [slow, quick] = [await receiver(), await receiver()];
    slow.answer = () => undefined;
    for (let index = 0; index < 5; index += 1) await merchant.webhooks.create({ url: slow.url });
    const { id } = await merchant.webhooks.create({ url: quick.url });
    deliver();
    await pay(60);
    const started = Date.now();
    await quick.until(60);
    expect(Date.now() - started).to.be.lessThan(1_800);
    expect(slow.received.length).to.be.lessThan(100);
    await settledDeliveries(id);
  });

  it("to a slow endpoint go by few at a time, so that it does not use up the room of all", async () => {
    const shop = await receiver();
    let [open, most] = [0, 0];
    shop.answer = (response) => {
      open += 1;
      if (shop.received.length > 32) most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.writeHead(204).end();
      }, 120);
    };
    await merchant.webhooks.create({ url: shop.url });
    deliver({ slowMs: 100 });
    await pay(44);
    await shop.until(44);
    expect(most).to.equal(2);
  });

  it("are sent by one of several instances", async () => {
    const shop = await receiver();
    shop.answer = (response) => setTimeout(() => response.writeHead(204).end(), 30);
    const { id } = await merchant.webhooks.create({ url: shop.url });
    for (let index = 0; index < 3; index += 1) deliver();
    await pay(100);
    await shop.until(100);
    await settledDeliveries(id);
    expect(shop.received).to.have.length(100);
  });

  it("under way when the relayer stops are given back, and sent by the next one", async () => {
    const shop = await receiver();
    shop.answer = () => undefined;
    const { id } = await merchant.webhooks.create({ url: shop.url });
    const first = deliver();
    await pay();
    await shop.until(1);
    await first.stop();
    const { deliveries } = await merchant.webhooks.deliveries(id);
    expect(deliveries[0]).to.include({ state: "pending", attempts: 0 });
    shop.answer = (response) => response.writeHead(204).end();
    deliver();
    await shop.until(2);
    expect((await settledDeliveries(id)).deliveries[0]).to.include({ state: "delivered", attempts: 1 });
  });

  it("stop at an endpoint that says it is gone, until it is enabled again", async () => {
    const shop = await receiver();
    shop.answer = (response) => response.writeHead(410).end();
    const { id } = await merchant.webhooks.create({ url: shop.url });
    deliver();
    await pay();
    const gone = await eventually(
      () => merchant.webhooks.get(id),
      ({ enabled }) => !enabled,
    );
    expect(gone.disabledReason).to.equal("gone");
    await pay();
    expect((await merchant.webhooks.deliveries(id)).deliveries).to.have.length(1);
    for (const code of await Promise.all(
      [
        merchant.webhooks.test(id),
        merchant.webhooks.replay(id, "evt_0"),
        merchant.webhooks.replaySince(id, { since: new Date().toISOString() }),
      ].map(codeOf),
    )) {
      expect(code).to.equal("409 endpoint_disabled");
    }
    shop.answer = (response) => response.writeHead(204).end();
    expect(await merchant.webhooks.change(id, { enabled: true })).to.include({ enabled: true, disabledReason: null });
    const { eventId } = await merchant.webhooks.test(id);
    await shop.until(2);
    expect(shop.received[1]?.headers["webhook-id"]).to.equal(eventId);
    expect(JSON.parse(shop.received[1]?.body ?? "")).to.deep.include({
      type: "endpoint.test",
      data: { endpointId: id },
    });
    expect(await merchant.webhooks.change(id, { enabled: false })).to.include({ disabledReason: "owner" });
  });

  it("stop at an endpoint that has done nothing but fail for too long", async () => {
    const shop = await receiver();
    shop.answer = (response) => response.writeHead(500).end();
    const { id } = await merchant.webhooks.create({ url: shop.url });
    deliver({ toleranceMs: 100, retries: [50, 50, 50, 50, 50, 50] });
    await pay();
    const failing = await eventually(
      () => merchant.webhooks.get(id),
      ({ enabled }) => !enabled,
    );
    expect(failing.disabledReason).to.equal("failing");
  });

  it("are not sent to private addresses unless that is allowed, save the operator's own", async () => {
    const [shop, own] = [await receiver(), await receiver()];
    const port = new URL(shop.url).port;
    const secret = newSecret();
    await saveConfiguredEndpoint(database, { url: own.url, eventTypes: null });
    const { id } = await merchant.webhooks.create({ url: `https://shop.example:${port}/` });
    deliver({
      ...{ allowPrivate: false, configuredSecret: secret, retries: [] },
      resolve: (_name, _options, callback) => {
        callback(null, [{ address: "127.0.0.1", family: 4 }]);
      },
    });
    await pay();
    const { deliveries } = await settledDeliveries(id);
    expect(deliveries[0]).to.include({
      ...{ state: "dead", lastStatus: null, lastError: "the URL does not lead to a public address" },
    });
    expect(shop.received).to.have.length(0);
    await own.until(1);
    const [one] = own.received;
    if (one === undefined) throw new Error("nothing came");
    expect(verified(secret, one).type).to.equal("payment.accepted");
  });

  it("say why they failed, and nothing of the relayer's network", async () => {
    const shop = await receiver();
    const closed = await startReceiver();
    await closed.close();
    shop.answer = () => undefined;
    const silent = await merchant.webhooks.create({ url: shop.url });
    const refusing = await merchant.webhooks.create({ url: closed.url });
    const unknown = await merchant.webhooks.create({ url: "https://nowhere.invalid/" });
    deliver({ retries: [], timeoutMs: 200 });
    await pay();
    const errorOf = async (id: string) => (await settledDeliveries(id)).deliveries[0]?.lastError;
    expect(await errorOf(silent.id)).to.equal("no answer within 0.2 s");
    expect(await errorOf(refusing.id)).to.equal("the connection was refused");
    expect(await errorOf(unknown.id)).to.be.oneOf(["the name is not known", "no answer within 0.2 s"]);
  });

  it("are tried again at an endpoint that never answers, until they are dead", async () => {
    const shop = await receiver();
    shop.answer = () => undefined;
    const { id } = await merchant.webhooks.create({ url: shop.url });
    deliver({ timeoutMs: 100, slowMs: 50 });
    await pay();
    const { deliveries } = await settledDeliveries(id);
    expect(deliveries[0]).to.include({ state: "dead", attempts: 3, lastError: "no answer within 0.1 s" });
    expect(shop.received).to.have.length(3);
  });

  it("are a merchant's own business, and the operator's", async () => {
    const shop = await receiver();
    const another = new CorridorClient(url, { apiKey: ANOTHER });
    const nobody = new CorridorClient(url);
    const { id } = await merchant.webhooks.create({ url: shop.url });
    const operators = await operator.webhooks.create({ url: shop.url });
    const forHer = await operator.webhooks.create({ url: shop.url, merchant: ANOTHER });
    expect([operators.merchant, forHer.merchant]).to.deep.equal([null, ANOTHER]);
    for (const foreign of [id, operators.id]) {
      for (const code of await Promise.all(
        [
          another.webhooks.get(foreign),
          another.webhooks.change(foreign, { enabled: false }),
          another.webhooks.delete(foreign),
          another.webhooks.rotateSecret(foreign),
          another.webhooks.test(foreign),
          another.webhooks.deliveries(foreign),
          another.webhooks.replay(foreign, "evt_0"),
          another.webhooks.replaySince(foreign, { since: new Date().toISOString() }),
        ].map(codeOf),
      )) {
        expect(code).to.equal("404 not_found");
      }
    }
    const listed = async (client: CorridorClient) => (await client.webhooks.list()).map((one) => one.id);
    expect(await listed(merchant)).to.deep.equal([id]);
    expect(await listed(another)).to.deep.equal([forHer.id]);
    expect(await listed(operator)).to.deep.equal([id, operators.id, forHer.id]);
    for (const code of await Promise.all(
      [nobody.webhooks.list(), nobody.webhooks.events(), nobody.webhooks.create({ url: shop.url })].map(codeOf),
    )) {
      expect(code).to.equal("401 unauthorized");
    }
    const [hers] = await pay();
    const [theirs] = await pay(1, ANOTHER);
    const paymentsOf = async (client: CorridorClient) =>
      (await client.webhooks.events()).events.map(({ paymentId }) => paymentId);
    expect(await paymentsOf(merchant)).to.deep.equal([hers]);
    expect(await paymentsOf(another)).to.deep.equal([theirs]);
    expect(await paymentsOf(operator)).to.deep.equal([hers, theirs]);
    await merchant.webhooks.delete(id);
    expect(await codeOf(merchant.webhooks.get(id))).to.equal("404 not_found");
  });

  it("can be asked for instead, page by page, to go on later", async () => {
    await merchant.webhooks.create({ url: (await receiver()).url });
    const ids = await pay(5);
    const told: unknown[] = [];
    let page = await merchant.webhooks.events({ limit: "2" });
    for (; page.more; page = await merchant.webhooks.events({ limit: "2", cursor: page.next })) {
      told.push(...page.events.map(({ data }) => data.id));
    }
    told.push(...page.events.map(({ data }) => data.id));
    expect(told.sort()).to.deep.equal([...ids].sort());
    expect(await merchant.webhooks.events({ cursor: page.next })).to.deep.equal({
      events: [],
      next: page.next,
      more: false,
    });
    const [next] = await pay();
    const later = await merchant.webhooks.events({ cursor: page.next });
    expect(later.events.map(({ data }) => data.id)).to.deep.equal([next]);
  });

  it("are refused what is wrong with an endpoint, with the field's name", async () => {
    const strict = new CorridorClient(await serve({ key: KEY, allowPrivate: false }), { apiKey: MERCHANT });
    const keyless = new CorridorClient(await serve({ key: undefined, allowPrivate: false }), { apiKey: MERCHANT });
    const good = { url: "https://shop.example/hooks" };
    const fieldOf = async (client: CorridorClient, body: unknown): Promise<string> => {
      try {
        await client.webhooks.create(body as NewWebhookEndpoint);
        return "accepted";
      } catch (error) {
        if (error instanceof ProblemError) return `${error.problem.code} ${error.problem.field}`;
        throw error;
      }
    };
    for (const [body, expected] of [
      [{}, "invalid_field url"],
      [{ url: "http://shop.example/" }, "invalid_field url"],
      [{ url: "https://10.0.0.1/" }, "invalid_field url"],
      [{ url: "https://[::ffff:169.254.169.254]/" }, "invalid_field url"],
      [{ ...good, eventTypes: [] }, "invalid_field eventTypes"],
      [{ ...good, eventTypes: ["payment.settled", "payment.paid"] }, "invalid_field eventTypes.1"],
      [{ ...good, secret: "mine" }, "invalid_field secret"],
      [{ ...good, merchant: ANOTHER }, "invalid_field merchant"],
      [good, "accepted"],
      [{ ...good, eventTypes: ["payment.settled"], merchant: MERCHANT }, "accepted"],
    ] as const) {
      expect(await fieldOf(strict, body), JSON.stringify(body)).to.equal(expected);
    }
    expect(await codeOf(keyless.webhooks.create(good))).to.equal("501 webhook_key_missing");
    const [endpoint] = await keyless.webhooks.list();
    expect(await codeOf(keyless.webhooks.rotateSecret(endpoint?.id ?? ""))).to.equal("501 webhook_key_missing");
    expect(await codeOf(merchant.webhooks.get("5"))).to.equal("400 invalid_field");
    expect(await codeOf(strict.webhooks.change(endpoint?.id ?? "", { url: "https://127.0.0.1/" }))).to.equal(
      "400 invalid_field",
    );
    for (const query of [{ state: "lost" }, { cursor: "x" }, { cursor: hexlify(randomBytes(32)) }, { page: "1" }]) {
      expect(await codeOf(merchant.webhooks.deliveries(endpoint?.id ?? "", query))).to.equal("400 invalid_field");
    }
    for (let made = 2; made < MAX_ENDPOINTS; made += 1) await strict.webhooks.create(good);
    expect(await codeOf(strict.webhooks.create(good))).to.equal("409 too_many_endpoints");
  });

  it("of the configured endpoint are its configuration's matter", async () => {
    await saveConfiguredEndpoint(database, { url: "https://shop.example/hooks", eventTypes: ["hold.capture_due"] });
    const id = CONFIGURED_ENDPOINT;
    expect(await operator.webhooks.get(id)).to.deep.include({
      ...{ configured: true, merchant: null, eventTypes: ["hold.capture_due"] },
    });
    for (const code of await Promise.all(
      [
        operator.webhooks.change(id, { url: "https://shop.example/" }),
        operator.webhooks.change(id, { eventTypes: null }),
        operator.webhooks.delete(id),
        operator.webhooks.rotateSecret(id),
      ].map(codeOf),
    )) {
      expect(code).to.equal("409 endpoint_configured");
    }
    expect(await operator.webhooks.change(id, { enabled: false })).to.include({ enabled: false });
  });
});
