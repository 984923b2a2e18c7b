import { connect } from "node:net";
import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";

import { SCOPES } from "../../relayer/api/access.ts";
import { deadlineIn } from "../../scripts/local/market.ts";
import { type Part, startPart } from "../../scripts/local/process.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, type NewPaymentRequest, type PaymentView, type Problem } from "../../sdk/client.ts";
import { outcomeOf } from "./account-owner.ts";
import { startTestStack } from "./local-stack.ts";
import { Shop } from "./shop.ts";
import { Specification } from "../openapi/specification.ts";

/** Requests a minute that change something; reads are twice as many. */
const LIMIT = 40;

describe("who may see and ask what over HTTP", () => {
  const specification = new Specification();
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let shop: Shop;
  let operator: CorridorClient;
  let anybody: CorridorClient;
  /** The merchant of the shop, by her key; and another one. */
  let merchant: CorridorClient;
  let stranger: CorridorClient;
  let hold: PaymentView;
  const other = new Wallet(hexlify(randomBytes(32)));

  before(async () => {
    ({ stack, stop } = await startTestStack({ CORRIDOR_BATCH_AGE_MS: "50" }));
    shop = await Shop.open(stack, 10n ** 12n);
    operator = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
    anybody = new CorridorClient(stack.relayerUrl);
    merchant = await clientOf(shop.merchant.address);
    stranger = await clientOf(other.address);
    hold = await shop.hold(await shop.terms());
  });

  after(() => stop());

  async function clientOf(address: string, scopes: readonly string[] = SCOPES): Promise<CorridorClient> {
    const { key } = await operator.createKey({ name: "of a test", merchant: address, scopes });
    return new CorridorClient(stack.relayerUrl, { apiKey: key });
  }

  async function draft(changes: Partial<NewPaymentRequest> = {}): Promise<NewPaymentRequest> {
    return {
      ...{ token: shop.token, amount: "2500000", memo: hexlify(randomBytes(32)), capture: "automatic" },
      expiresAt: (await deadlineIn(stack, 600n)).toString(),
      ...changes,
    };
  }

  const today = new Date().toISOString().slice(0, 10);

  it("lists, payment requests, reports and keys need a key; what was signed and what has an id does not", async () => {
    for (const keyed of [
      () => anybody.payments(),
      () => anybody.instructions(),
      () => anybody.paymentRequests(),
      async () => anybody.createPaymentRequest(await draft({ merchant: shop.merchant.address }), randomUUID()),
      () => anybody.netting(today),
      () => anybody.keys(),
      () => anybody.createKey({ name: "mine", merchant: null, scopes: ["keys"] }),
      () => anybody.revokeKey("0123456789abcdef"),
    ]) {
      expect(await outcomeOf(keyed())).to.equal("401 unauthorized");
    }
    expect((await anybody.payment(hold.id)).id).to.equal(hold.id);
    expect(await anybody.acts(hold.id)).to.deep.equal([]);
    expect((await anybody.account(shop.customer.address, shop.token)).owner).to.equal(shop.customer.address);
    expect((await anybody.network()).ledger).to.equal(stack.deployment.ledger);
  });

  it("a merchant sees what is hers and nothing else", async () => {
    const own = await merchant.payments();
    expect(own.payments.map(({ id }) => id)).to.deep.equal([hold.id]);
    expect((await merchant.payments({ merchant: shop.merchant.address })).payments).to.have.length(1);
    expect((await stranger.payments()).payments).to.deep.equal([]);
    expect((await stranger.payments({ payer: shop.customer.address })).payments).to.deep.equal([]);
    expect(await outcomeOf(stranger.payments({ merchant: shop.merchant.address }))).to.equal("403 forbidden");
    expect((await operator.payments({ merchant: shop.merchant.address })).payments).to.have.length(1);
    expect((await merchant.instructions()).instructions).to.deep.equal([]);
    expect(await outcomeOf(merchant.instructions({ owner: other.address }))).to.equal("403 forbidden");
    // The report has everybody's position in it.
    expect(await outcomeOf(merchant.netting(today))).to.equal("403 forbidden");
    expect((await operator.netting(today)).date).to.equal(today);
  });

  it("a merchant asks for payments to herself; the operator to anybody", async () => {
    const mine = await merchant.createPaymentRequest(await draft(), randomUUID());
    expect(mine.merchant).to.equal(shop.merchant.address);
    const named = await merchant.createPaymentRequest(await draft({ merchant: mine.merchant }), randomUUID());
    const others = await draft({ merchant: other.address });
    expect(await outcomeOf(merchant.createPaymentRequest(others, randomUUID()))).to.equal("403 forbidden");
    const forOther = await operator.createPaymentRequest(others, randomUUID());
    expect(await outcomeOf(operator.createPaymentRequest(await draft(), randomUUID()))).to.equal("400 invalid_field");

    const listed = await merchant.paymentRequests();
    expect(listed.paymentRequests.map(({ id }) => id)).to.deep.equal([named.id, mine.id]);
    expect(listed.paymentRequests[1]).to.deep.equal(await merchant.paymentRequest(mine.id));
    const first = await merchant.paymentRequests({ limit: "1" });
    expect(first.next).to.equal(named.id);
    const second = await merchant.paymentRequests({ limit: "1", cursor: first.next ?? "" });
    expect([second.paymentRequests[0]?.id, second.next]).to.deep.equal([mine.id, null]);
    expect(await outcomeOf(merchant.paymentRequests({ merchant: other.address }))).to.equal("403 forbidden");
    const all = await operator.paymentRequests();
    expect(all.paymentRequests.map(({ id }) => id)).to.deep.equal([forOther.id, named.id, mine.id]);
  });

  it("an Idempotency-Key is its caller's own, whichever of her keys she sends", async () => {
    const key = randomUUID();
    const body = await draft();
    const mine = await merchant.createPaymentRequest(body, key);
    const again = await clientOf(shop.merchant.address);
    expect(await again.createPaymentRequest(body, key)).to.deep.equal(mine);
    const theirs = await stranger.createPaymentRequest(body, key);
    expect([theirs.merchant, theirs.id === mine.id]).to.deep.equal([other.address, false]);
    expect(await outcomeOf(merchant.createPaymentRequest(await draft(), key))).to.equal("422 idempotency_key_reused");
  });

  it("a key is good for its scopes only, and says which one was missing", async () => {
    const reader = await clientOf(shop.merchant.address, ["payments:read"]);
    expect((await reader.payments()).payments).to.have.length(1);
    expect(await outcomeOf(reader.createPaymentRequest(await draft(), randomUUID()))).to.equal("403 forbidden");
    expect(await outcomeOf(reader.keys())).to.equal("403 forbidden");
    const { key } = await operator.createKey({ name: "x", merchant: null, scopes: ["keys"] });
    const answer = await ask("/v1/payments", { authorization: `Bearer ${key}` });
    expect(answer.headers.get("www-authenticate")).to.contain('scope="payments:read"');
    expect(answer.status).to.equal(403);
  });

  async function ask(
    path: string,
    headers: Record<string, string> = {},
    init: RequestInit = {},
    url = stack.relayerUrl,
  ) {
    const answer = await fetch(url + path, { ...init, headers });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      type: answer.headers.get("content-type")?.replace("json; charset=utf-8", "json"),
      text,
      body: parsed(text),
    };
  }

  function parsed(text: string): Problem | undefined {
    try {
      return JSON.parse(text) as Problem;
    } catch {
      return undefined;
    }
  }

  it("a key that comes must be good, also where none is needed", async () => {
    for (const authorization of [
      "Bearer nonsense",
      "Basic YTpi",
      `Bearer corridor_0123456789abcdef_${"a".repeat(43)}`,
      "Bearer",
    ]) {
      const answer = await ask(`/v1/payments/${hold.id}`, { authorization });
      expect([answer.status, answer.body?.code, answer.type]).to.deep.equal([
        401,
        "unauthorized",
        "application/problem+json",
      ]);
      expect(answer.headers.get("www-authenticate")).to.contain("Bearer").and.to.contain("invalid_token");
    }
    const without = await ask("/v1/payments");
    expect(without.headers.get("www-authenticate")).to.equal('Bearer realm="corridor"');
    expect((await ask("/livez", { authorization: "Bearer nonsense" })).status).to.equal(200);
  });

  it("webhook endpoints and events are for keys with the scope `webhooks`, and each merchant's own", async () => {
    const url = "http://127.0.0.1:9/hooks";
    const hers = await clientOf(shop.merchant.address, ["webhooks"]);
    const theirs = await clientOf(other.address, ["webhooks"]);
    const unscoped = await clientOf(
      shop.merchant.address,
      SCOPES.filter((scope) => scope !== "webhooks"),
    );
    const own = await hers.webhooks.create({ url });
    expect(own.merchant).to.equal(shop.merchant.address);
    const foreign = await theirs.webhooks.create({ url, merchant: other.address });
    const everybodys = await operator.webhooks.create({ url });
    const { id } = own;
    const { eventId } = await hers.webhooks.test(id);

    const since = new Date().toISOString();
    const calls: ((client: CorridorClient) => Promise<unknown>)[] = [
      ({ webhooks }) => webhooks.get(id),
      ({ webhooks }) => webhooks.change(id, { enabled: false }),
      ({ webhooks }) => webhooks.rotateSecret(id),
      ({ webhooks }) => webhooks.test(id),
      ({ webhooks }) => webhooks.deliveries(id),
      ({ webhooks }) => webhooks.replay(id, eventId),
      ({ webhooks }) => webhooks.replaySince(id, { since }),
      ({ webhooks }) => webhooks.delete(id),
    ];
    const general: typeof calls = [
      ({ webhooks }) => webhooks.create({ url }),
      ({ webhooks }) => webhooks.list(),
      ({ webhooks }) => webhooks.events(),
    ];
    for (const call of [...calls, ...general]) {
      expect(await outcomeOf(call(anybody))).to.equal("401 unauthorized");
      expect(await outcomeOf(call(unscoped))).to.equal("403 forbidden");
    }
    for (const call of calls) expect(await outcomeOf(call(theirs))).to.equal("404 not_found");
    expect(await outcomeOf(theirs.webhooks.create({ url, merchant: shop.merchant.address }))).to.equal(
      "400 invalid_field",
    );
    // An event of hers is none of another's endpoint either.
    expect(await outcomeOf(theirs.webhooks.replay(foreign.id, eventId))).to.equal("404 not_found");

    const paid = await shop.hold(await shop.terms());
    const told = async (client: CorridorClient) => {
      const { events } = await client.webhooks.events({ limit: "200" });
      return new Set(events.map(({ paymentId, merchant: whose }) => `${paymentId} ${whose}`));
    };
    const event = `${paid.id} ${shop.merchant.address}`;
    expect(await told(hers)).to.include(event);
    expect([...(await told(hers))].every((each) => each.endsWith(` ${shop.merchant.address}`))).to.equal(true);
    expect((await told(theirs)).size).to.equal(0);
    expect(await told(operator)).to.include(event);

    expect((await hers.webhooks.list()).map((each) => each.id)).to.deep.equal([id]);
    expect((await theirs.webhooks.list()).map((each) => each.id)).to.deep.equal([foreign.id]);
    expect((await operator.webhooks.list()).map((each) => each.id)).to.have.members([id, foreign.id, everybodys.id]);
    for (const each of [id, foreign.id, everybodys.id]) await operator.webhooks.delete(each);
  });

  describe("keys", () => {
    it("are shown with their secret once, and by their prefix afterwards", async () => {
      const made = await merchant.createKey({ name: "till 3", scopes: ["payments:read"] });
      expect(made.merchant).to.equal(shop.merchant.address);
      const { key, ...rest } = made;
      expect(key.startsWith(made.prefix)).to.equal(true);
      const listed = await merchant.keys();
      expect(listed.keys[0]).to.deep.equal(rest);
      expect(listed.keys.every((each) => each.merchant === shop.merchant.address)).to.equal(true);
      expect(await outcomeOf(merchant.keys({ merchant: other.address }))).to.equal("403 forbidden");
      const page = await operator.keys({ limit: "1" });
      expect(page.next).to.equal(page.keys[0]?.id);
    });

    it("cannot make more than they are: no other merchant's, no scope of which they have none, none that outlives them", async () => {
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      const keeper = await operator.createKey({
        ...{ name: "keeper", merchant: shop.merchant.address, scopes: ["keys", "payments:read"], expiresAt },
      });
      const client = new CorridorClient(stack.relayerUrl, { apiKey: keeper.key });
      const make = (changes: object) =>
        client.createKey({ name: "x", scopes: ["payments:read"], expiresAt, ...changes });
      expect(await outcomeOf(make({}))).to.equal("accepted");
      expect(await outcomeOf(make({ merchant: other.address }))).to.equal("403 forbidden");
      expect(await outcomeOf(make({ merchant: null }))).to.equal("403 forbidden");
      expect(await outcomeOf(make({ scopes: ["requests:write"] }))).to.equal("403 forbidden");
      expect(await outcomeOf(make({ expiresAt: undefined }))).to.equal("403 forbidden");
      expect(await outcomeOf(make({ expiresAt: new Date(Date.now() + 7_200_000).toISOString() }))).to.equal(
        "403 forbidden",
      );
      // A new secret of a mightier key would be as good as making one.
      const mightier = await operator.createKey({
        ...{ name: "mightier", merchant: shop.merchant.address, scopes: SCOPES, expiresAt },
      });
      expect(await outcomeOf(client.rotateKey(mightier.id, 0))).to.equal("403 forbidden");
      const foreign = await operator.createKey({ name: "foreign", merchant: other.address, scopes: ["keys"] });
      expect(await outcomeOf(client.rotateKey(foreign.id))).to.equal("404 not_found");
      expect(await outcomeOf(client.revokeKey(foreign.id))).to.equal("404 not_found");
    });

    for (const [what, body, field] of [
      ["a merchant left out by the operator", { name: "x", scopes: ["keys"] }, "merchant"],
      ["no scopes", { name: "x", merchant: null, scopes: [] }, "scopes"],
      ["a scope twice", { name: "x", merchant: null, scopes: ["keys", "keys"] }, "scopes"],
      ["an unknown scope", { name: "x", merchant: null, scopes: ["all"] }, "scopes.0"],
      ["no name", { name: "", merchant: null, scopes: ["keys"] }, "name"],
      ["a name with a control character", { name: "a\u0000b", merchant: null, scopes: ["keys"] }, "name"],
      [
        "a time that is past",
        { name: "x", merchant: null, scopes: ["keys"], expiresAt: "2020-01-01T00:00:00Z" },
        "expiresAt",
      ],
      ["a time of another form", { name: "x", merchant: null, scopes: ["keys"], expiresAt: "tomorrow" }, "expiresAt"],
      ["something else", { name: "x", merchant: null, scopes: ["keys"], power: "all" }, "power"],
    ] as const) {
      it(`are not made with ${what}`, async () => {
        const headers = { authorization: `Bearer ${stack.operatorKey}`, "content-type": "application/json" };
        const answer = await ask("/v1/keys", headers, { method: "POST", body: JSON.stringify(body) });
        expect([answer.status, answer.body?.code, answer.body?.field]).to.deep.equal([400, "invalid_field", field]);
      });
    }

    it("are rotated with a grace, or without one, and revoked at once", async () => {
      const made = await operator.createKey({ name: "x", merchant: shop.merchant.address, scopes: ["payments:read"] });
      const works = async (apiKey: string) => outcomeOf(new CorridorClient(stack.relayerUrl, { apiKey }).payments());
      const second = await operator.rotateKey(made.id);
      expect(second.id).to.equal(made.id);
      expect(Date.parse(second.previousUntil ?? "") - Date.now()).to.be.within(86_300_000, 86_500_000);
      expect([await works(made.key), await works(second.key)]).to.deep.equal(["accepted", "accepted"]);
      const third = await operator.rotateKey(made.id, 0);
      expect(await works(second.key)).to.equal("401 unauthorized");
      expect(await works(third.key)).to.equal("accepted");
      expect(await outcomeOf(operator.rotateKey(made.id, -1))).to.equal("400 invalid_field");
      expect((await operator.revokeKey(made.id)).revokedAt).to.be.a("string");
      expect(await works(third.key)).to.equal("401 unauthorized");
      expect(await outcomeOf(operator.rotateKey(made.id))).to.equal("409 key_inactive");
      expect(await outcomeOf(operator.revokeKey(made.id))).to.equal("accepted");
      expect(await outcomeOf(operator.revokeKey("x"))).to.equal("400 invalid_field");
    });
  });

  describe("whatever goes wrong is a problem", () => {
    for (const [what, path, init, status, code, header] of [
      [
        "JSON that is none",
        "/v1/payments",
        { method: "POST", body: "{", type: "application/json" },
        400,
        "malformed_body",
        "",
      ],
      [
        "an empty body",
        "/v1/payments",
        { method: "POST", body: "", type: "application/json" },
        400,
        "malformed_body",
        "",
      ],
      ["text", "/v1/payments", { method: "POST", body: "{}", type: "text/plain" }, 415, "unsupported_media_type", ""],
      [
        "XML",
        "/v1/payments",
        { method: "POST", body: "<a/>", type: "application/xml" },
        415,
        "unsupported_media_type",
        "",
      ],
      [
        "too much",
        "/v1/payments",
        { method: "POST", body: `"${"x".repeat(20_000)}"`, type: "application/json" },
        413,
        "body_too_large",
        "",
      ],
      ["another method", "/v1/payments", { method: "DELETE" }, 405, "method_not_allowed", "GET, HEAD, POST"],
      ["a method of few", "/v1/payments/5/capture", { method: "GET" }, 405, "method_not_allowed", "POST"],
      [
        "a wrong method with a wrong body",
        "/v1/network",
        { method: "POST", body: "{", type: "application/xml" },
        405,
        "method_not_allowed",
        "GET, HEAD",
      ],
      ["OPTIONS", "/v1/network", { method: "OPTIONS" }, 405, "method_not_allowed", "GET, HEAD"],
      ["another path", "/v1/nothing", { method: "GET" }, 404, "not_found", ""],
      ["a path with broken encoding", "/v1/payments/%zz", { method: "GET" }, 400, "malformed_request", ""],
      ["a very long id", `/v1/payments/${"a".repeat(300)}`, { method: "GET" }, 400, "invalid_field", ""],
      ["a POST without a body", "/v1/quotes/x", { method: "POST" }, 405, "method_not_allowed", "GET, HEAD"],
    ] as const) {
      it(what, async () => {
        const { type, ...rest }: { type?: string; method: string; body?: string } = init;
        const answer = await ask(path, type === undefined ? {} : { "content-type": type }, rest);
        expect([answer.status, answer.body?.code, answer.type]).to.deep.equal([
          status,
          code,
          "application/problem+json",
        ]);
        expect([...(answer.headers.get("allow") ?? "").split(", ")].sort().join(", ")).to.equal(header);
        expect(specification.complaints({ $ref: "#/components/schemas/Problem" }, answer.body)).to.deep.equal([]);
      });
    }

    it("what is not HTTP, and headers that are too large", async () => {
      const { port } = new URL(stack.relayerUrl);
      const send = (text: string) =>
        new Promise<string>((resolve, reject) => {
          const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
          let answer = "";
          socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
          socket.on("error", reject);
          socket.on("close", () => {
            resolve(answer);
          });
        });
      for (const [text, status, code] of [
        ["nonsense\r\n\r\n", "400 Bad Request", "malformed_request"],
        [
          `GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
          "431 Request Header Fields Too Large",
          "headers_too_large",
        ],
      ] as const) {
        const [head = "", body = ""] = (await send(text)).split("\r\n\r\n");
        expect(head).to.contain(`HTTP/1.1 ${status}`).and.to.contain("application/problem+json");
        const length = /content-length: (\d+)/i.exec(head)?.[1];
        expect(Buffer.byteLength(body)).to.equal(Number(length));
        expect((JSON.parse(body) as Problem).code).to.equal(code);
      }
    });
  });

  describe("limits", () => {
    let limited: Part;
    let logged = "";

    beforeEach(async () => {
      limited = await startPart("relayer", "relayer/main.ts", [], {
        ...stack.environment,
        ...{ CORRIDOR_PORT: "0", CORRIDOR_RATE_LIMIT: String(LIMIT), CORRIDOR_TRUST_PROXY: "loopback" },
        ...{ CORRIDOR_METRICS_OPEN: "false", CORRIDOR_LOG_LEVEL: "debug" },
      });
      logged = "";
      limited.child.stderr?.on("data", (chunk: Buffer) => (logged += chunk.toString()));
    });

    afterEach(() => limited.stop());

    const from = (address: string) => ({ "x-forwarded-for": address });
    const post = (headers: Record<string, string>, path = "/v1/payments") =>
      ask(path, { "content-type": "application/json", ...headers }, { method: "POST", body: "{}" }, limited.url);
    const get = (headers: Record<string, string>, path = "/v1/network") => ask(path, headers, {}, limited.url);

    it("count by client: reads, writes and quotes apart, and say when to come again", async () => {
      const first = await post(from("203.0.113.1"));
      expect(first.status).to.equal(400);
      expect(first.headers.get("ratelimit-limit")).to.equal(String(LIMIT));
      expect(first.headers.get("ratelimit-remaining")).to.equal(String(LIMIT - 1));
      for (let count = 1; count < LIMIT; count += 1) expect((await post(from("203.0.113.1"))).status).to.equal(400);
      const refused = await post(from("203.0.113.1"));
      expect([refused.status, refused.body?.code, refused.type]).to.deep.equal([
        429,
        "rate_limited",
        "application/problem+json",
      ]);
      expect(Number(refused.headers.get("retry-after"))).to.be.within(1, 60);
      expect(refused.headers.get("ratelimit-remaining")).to.equal("0");
      const [operation] = specification.operations.filter(({ operationId }) => operationId === "submitPayment");
      const schema = operation && specification.response(operation, 429)?.content?.["application/problem+json"]?.schema;
      expect(specification.complaints(schema ?? {}, refused.body)).to.deep.equal([]);
      // Nothing else of her is held up, and nobody else.
      expect((await get(from("203.0.113.1"))).headers.get("ratelimit-limit")).to.equal(String(LIMIT * 2));
      expect((await post(from("203.0.113.2"))).status).to.equal(400);
      // What x402 asks for counts as what changes something, and what it supports as what is read.
      for (const path of ["/x402/verify", "/x402/settle"]) {
        expect((await post(from("203.0.113.4"), path)).headers.get("ratelimit-limit")).to.equal(String(LIMIT));
      }
      expect((await post(from("203.0.113.4"))).headers.get("ratelimit-remaining")).to.equal(String(LIMIT - 3));
      expect((await get(from("203.0.113.4"), "/x402/supported")).headers.get("ratelimit-limit")).to.equal(
        String(LIMIT * 2),
      );
      // Quotes cost the makers something.
      expect((await post(from("203.0.113.3"), "/v1/quotes")).headers.get("ratelimit-limit")).to.equal("2");
      expect((await post(from("203.0.113.3"), "/v1/quotes")).status).to.equal(400);
      expect((await post(from("203.0.113.3"), "/v1/quotes")).status).to.equal(429);
      const { key } = await operator.createKey({ name: "x", merchant: other.address, scopes: ["quotes"] });
      const withKey = await post({ ...from("203.0.113.3"), authorization: `Bearer ${key}` }, "/v1/quotes");
      expect([withKey.status, withKey.headers.get("ratelimit-limit")]).to.deep.equal([400, String(LIMIT)]);
      // Probes are not counted.
      for (let count = 0; count < LIMIT * 2 + 5; count += 1)
        expect((await get(from("203.0.113.1"), "/livez")).status).to.equal(200);
    });

    it("count a key wherever it comes from, and a network of IPv6 as one client", async () => {
      const { key } = await operator.createKey({ name: "x", merchant: other.address, scopes: ["payments:read"] });
      const headers = (address: string) => ({ ...from(address), authorization: `Bearer ${key}` });
      await get(headers("203.0.113.1"));
      const second = await get(headers("203.0.113.2"));
      expect(second.headers.get("ratelimit-remaining")).to.equal(String(LIMIT * 2 - 2));
      await get(from("2001:db8::1"));
      expect((await get(from("2001:db8::2"))).headers.get("ratelimit-remaining")).to.equal(String(LIMIT * 2 - 2));
      expect((await get(from("2001:db8:0:1::2"))).headers.get("ratelimit-remaining")).to.equal(String(LIMIT * 2 - 1));
    });

    it("hold back who guesses keys, and not who has one and shares her address", async () => {
      const { key } = await operator.createKey({ name: "x", merchant: other.address, scopes: ["payments:read"] });
      const good = { ...from("203.0.113.9"), authorization: `Bearer ${key}` };
      expect((await get(good)).status).to.equal(200);
      const guess = () =>
        get({ ...from("203.0.113.9"), authorization: `Bearer corridor_0123456789abcdef_${"a".repeat(43)}` });
      for (let count = 0; count < 5; count += 1) expect((await guess()).status).to.equal(401);
      const refused = await guess();
      expect([refused.status, refused.body?.code]).to.deep.equal([429, "rate_limited"]);
      expect((await get(good)).status).to.equal(200);
      await new Promise((resolve) => setTimeout(resolve, 3_100));
      // Not remembered any more, and still looked up.
      expect((await get(good)).status).to.equal(200);
    });

    it("are told to who looks into the log, with how each request ended and its payment, and no key", async () => {
      const { key } = await operator.createKey({ name: "x", merchant: other.address, scopes: ["payments:read"] });
      await get({ authorization: `Bearer ${key}` }, `/v1/payments/${hold.id}`);
      await get({ authorization: `Bearer ${key}x` }, "/v1/payments");
      await new Promise((resolve) => setTimeout(resolve, 200));
      const lines = logged
        .split("\n")
        .filter((line) => line.includes('"answered"'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines[0]).to.include({
        level: 20,
        method: "GET",
        route: "/v1/payments/:id",
        status: 200,
        payment: hold.id,
      });
      expect(lines[1]).to.include({ route: "/v1/payments", status: 401 });
      expect(key).to.contain(String(lines[0]?.key));
      expect(logged).to.not.contain(key.slice(-43));
    });

    it("keep metrics to the operator where they are not open", async () => {
      expect((await get({}, "/metrics")).status).to.equal(401);
      const { key } = await operator.createKey({ name: "x", merchant: other.address, scopes: ["reports:read"] });
      expect((await get({ authorization: `Bearer ${key}` }, "/metrics")).status).to.equal(403);
      const answer = await get({ authorization: `Bearer ${stack.operatorKey}` }, "/metrics");
      expect([answer.status, answer.text.includes("corridor_payments_accepted_total")]).to.deep.equal([200, true]);
      expect((await ask("/metrics")).status).to.equal(200);
    });
  });

  it("serves its description", async () => {
    const described = await ask("/docs/json");
    expect(JSON.parse(described.text)).to.deep.equal(specification.document);
    const page = await ask("/docs/");
    expect([page.status, page.type]).to.deep.equal([200, "text/html; charset=utf-8"]);
    expect(page.headers.get("content-security-policy")).to.contain("default-src 'none'");
    expect((await ask("/docs/static/swagger-ui-bundle.js")).status).to.equal(200);
  });
});
