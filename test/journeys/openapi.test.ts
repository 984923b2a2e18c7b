import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";
import fc from "fast-check";

import { EXAMPLE_RECORD } from "../../relayer/api/schemas/record-example.ts";
import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { type LocalStack, localKey } from "../../scripts/local/stack.ts";
import { CorridorClient, type PaymentView } from "../../sdk/client.ts";
import { createRecord } from "../../sdk/remittance/commit-record.ts";
import { signRecordAccess } from "../../sdk/remittance/record-access.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { signFxRefund } from "../../sdk/exchange-typed-data.ts";
import { CAPTURE_TYPES, DOCUMENT_ACCESS_TYPES, signConsent } from "../../sdk/hold-typed-data.ts";
import { signInstruction } from "../../sdk/instructions.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { type GeneratedRequest, requestsFor } from "../openapi/arbitraries.ts";
import { Specification } from "../openapi/specification.ts";
import { AccountOwner } from "./account-owner.ts";
import { type Receiver, startReceiver, verified } from "../relayer/receiver.ts";
import { FxCustomer } from "./fx-customer.ts";
import { startTestStack } from "./local-stack.ts";
import { Shop } from "./shop.ts";
import { TestMaker } from "./test-maker.ts";
import { METHODS, newAddress, X402Shop } from "./x402-shop.ts";

const EUROS = 1_000_000n;
/** A stream of a payment that is final ends by itself, at once. */
const STREAM_MS = 10_000;
/** Requests of each kind, good and broken, at each operation. */
const RUNS = Number(process.env.CORRIDOR_FUZZ_RUNS ?? 60);

describe("the HTTP interface is as it is described", () => {
  const specification = new Specification();
  const seen = new Set<string>();
  const complaints: string[] = [];
  const realFetch = globalThis.fetch;
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let maker: TestMaker;
  let shop: Shop;
  let owner: AccountOwner;
  let operator: CorridorClient;
  let receiver: Receiver;
  let x402: X402Shop;
  /** Ids of things that are there, by the path and the parameter that take them. */
  const real: Record<string, string[]> = {};
  /** Bodies that were good once, by the path. */
  const bodies: Record<string, unknown[]> = {};

  before(async () => {
    maker = await TestMaker.listen();
    receiver = await startReceiver();
    ({ stack, stop } = await startTestStack({ CORRIDOR_MAKERS: maker.url, CORRIDOR_BATCH_AGE_MS: "50" }));
    await maker.open(stack, 10n ** 15n);
    const { dollar, euro } = stack.deployment;
    maker.setRate(dollar, euro, 108_300n, 100_000n);
    maker.setRate(euro, dollar, 92_600n, 100_000n);
    shop = await Shop.open(stack, 10n ** 12n);
    owner = await AccountOwner.open(stack, 10n ** 9n);
    operator = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
    x402 = await X402Shop.open(stack, 10_000n);
    await (await stack.deployer.sendTransaction({ to: shop.merchant.address, value: 10n ** 18n })).wait();
    const own = Ledger__factory.connect(stack.deployment.ledger, shop.merchant.connect(stack.provider));
    await (await own.setOperator(stack.deployment.escrow, true)).wait();
    // From here on every answer of the relayer is held against its description.
    globalThis.fetch = async (input, init) => {
      const answer = await realFetch(input, init);
      const url = input instanceof Request ? input.url : input.toString();
      if (!url.startsWith(stack.relayerUrl)) return answer;
      const method = init?.method ?? "GET";
      complaints.push(...(await specification.complaintsAbout(method, url, answer.clone())));
      seen.add(
        `${specification.find(method, new URL(url).pathname)?.operationId ?? url} ${answer.ok ? "ok" : answer.status}`,
      );
      return answer;
    };
  });

  after(async () => {
    globalThis.fetch = realFetch;
    await x402.close();
    await stop();
    await maker.stop();
    await receiver.close();
  });

  afterEach(() => {
    expect(complaints.splice(0)).to.deep.equal([]);
  });

  function note(id: string, ...places: readonly string[]): string {
    for (const place of places) (real[place] ??= []).push(id);
    return id;
  }

  const ACT_PATHS = specification.operations
    .map(({ path }) => path)
    .filter((path) => path.startsWith("/v1/payments/{id}"));
  const notePayment = (id: string) => note(id, ...ACT_PATHS.map((path) => `${path} id`), "/v1/payments cursor");

  it("what is held: payments, acts, documents", async () => {
    const hold = await shop.hold(await shop.terms());
    notePayment(hold.id);
    const act = await shop.done(shop.capture(hold.id, 250_000n));
    note(act.id, "/v1/acts/{id} id", "/v1/payments/{id}/acts cursor");
    await shop.done(shop.refund(hold.id, 100_000n));
    await shop.done(shop.void(hold.id, 250_000n));
    expect(await shop.client.acts(hold.id)).to.have.length(3);

    const disputed = await shop.hold(await shop.terms());
    notePayment(disputed.id);
    const hash = await shop.client.uploadDocument(disputed.id, new Blob(["broken on arrival"], { type: "text/plain" }));
    note(hash, "/v1/payments/{id}/documents/{hash}/read hash");
    await shop.done(shop.dispute(disputed.id, hash));
    const access = { id: disputed.id, document: hash, reader: shop.arbiter.address };
    const consent = await shop.consent(shop.arbiter, DOCUMENT_ACCESS_TYPES, access, 60n);
    await shop.client.readDocument(disputed.id, hash, { reader: shop.arbiter.address, ...consent });
    await shop.done(shop.submitEvidence(disputed.id, hexlify(randomBytes(32)), shop.merchant));
    await shop.done(shop.rule(disputed.id, 7_500));
    const agreed = await shop.hold(await shop.terms());
    await shop.done(shop.dispute(agreed.id, hash));
    await shop.done(shop.settle(agreed.id, 400_000n));
    expect((await operator.payments({ merchant: shop.merchant.address })).payments).to.have.length(3);
  });

  it("what is exchanged: quotes, payments, refunds, the report", async () => {
    const { dollar, euro, exchange, escrow, ledger } = stack.deployment;
    const customer = await FxCustomer.open(stack, dollar, 1_000n * EUROS);
    const merchant = new Wallet(hexlify(randomBytes(32)));
    const quoted = await customer.quote(euro, 20n * EUROS);
    note((await operator.quote(quoted.id)).id, "/v1/quotes/{id} id");
    const plain = await customer.pay(await customer.compose(quoted, merchant.address));
    notePayment(plain.id);
    const payment = await customer.composeHold(
      await customer.quote(euro, 20n * EUROS),
      merchant.address,
      "payee_bears",
    );
    const view = await customer.pay(payment);
    notePayment(view.id);
    const deadline = await deadlineIn(stack, 600n);
    const captured = { id: view.hold?.id ?? "", amount: 20n * EUROS, captured: 0n, deadline };
    const consent = await signConsent(merchant, { chainId: LOCAL_CHAIN_ID, escrow }, CAPTURE_TYPES, captured);
    const capture = {
      amount: "20000000",
      captured: "0",
      consent: { deadline: deadline.toString(), signature: consent },
    };
    const act = await operator.act(view.id, "capture", capture, randomUUID());
    expect((await operator.actDecided(act.id)).code).to.equal(null);
    const approval = {
      owner: merchant.address,
      spender: exchange,
      token: euro,
      amount: 2n ** 128n,
      nonce: 0n,
      deadline,
    };
    const signed = await signInstruction(merchant, { chainId: LOCAL_CHAIN_ID, ledger }, "approval", approval);
    await operator.instructionDecided((await operator.submitInstruction("approval", approval, signed)).id);
    await refund(view, merchant);
    expect((await operator.payment(view.id)).exchange?.refunded).to.equal("5000000");
    const report = await operator.netting(new Date(Number(plain.settledAt) * 1_000).toISOString().slice(0, 10));
    expect(report.corridors).to.have.length(1);
  });

  async function refund(view: PaymentView, merchant: Wallet): Promise<void> {
    const { dollar: settleToken, euro: payToken, exchange } = stack.deployment;
    const [quoted] = await operator.quotes({ payToken, settleToken, settleAmount: 20n * EUROS });
    if (quoted === undefined) throw new Error("no quote");
    const deadline = await deadlineIn(stack, 600n);
    const value = { id: view.id, amount: 5n * EUROS, refunded: 0n, quote: quoted.id, maxCost: 6n * EUROS, deadline };
    const signature = await signFxRefund(merchant, { chainId: LOCAL_CHAIN_ID, exchange }, value);
    const body = {
      amount: "5000000",
      refunded: "0",
      quote: quoted.id,
      maxCost: "6000000",
      consent: { deadline: deadline.toString(), signature },
    };
    const act = await operator.act(view.id, "fx-refund", body, randomUUID());
    expect((await operator.actDecided(act.id)).code).to.equal(null);
  }

  it("what owners sign: every kind of instruction, and devices", async () => {
    const { id } = await owner.done(owner.submit("withdrawal", await owner.withdrawal()));
    note(id, "/v1/instructions/{id} id", "/v1/instructions cursor");
    await owner.done(owner.submit("cancellation", await owner.common()));
    const { owner: payee, ...common } = await owner.common();
    await owner.done(
      owner.submit("agreement", { payee, ...common, operator: localKey(18).address, feeBps: 25, flatFee: 0n }),
    );
    const approval = { ...(await owner.common()), spender: stack.deployment.escrow, amount: 1n };
    await owner.done(owner.submit("approval", approval));
    await owner.done(
      owner.submit(
        "device-binding",
        await owner.binding({ index: 7, key: new Wallet(hexlify(randomBytes(32))).address }),
      ),
    );
    expect((await owner.client.device(owner.address, owner.token, 7)).index).to.equal(7);
    await owner.done(owner.submit("device-revocation", { ...(await owner.common()), index: 7 }));
    await owner.mint(2_000_000n);
    await owner.done(owner.submitDeposit("erc3009", await owner.deposit()));
    expect((await owner.client.instructions({ owner: owner.address })).instructions).to.have.length(7);
    expect((await owner.client.account(owner.address, owner.token)).owner).to.equal(owner.address);
    for (const path of ["/v1/accounts/{owner}/{token}", "/v1/accounts/{owner}/{token}/devices/{index}"]) {
      note(owner.address, `${path} owner`);
      note(owner.token, `${path} token`);
    }
  });

  it("webhook endpoints, what they are sent, events, and a payment's stream", async () => {
    const { webhooks } = operator;
    const schemaOf = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const made = await webhooks.create({ url: receiver.url, merchant: shop.merchant.address });
    const spare = await webhooks.create({ url: receiver.url, eventTypes: ["payment.final"] });
    const { id } = made;
    expect(await webhooks.list()).to.have.length(2);
    expect((await webhooks.get(id)).merchant).to.equal(shop.merchant.address);
    await webhooks.change(id, { eventTypes: null, enabled: true });
    const since = new Date().toISOString();
    const { eventId } = await webhooks.test(id);
    await receiver.until(1);

    const paid = await shop.hold(await shop.terms());
    notePayment(paid.id);
    const states: string[] = [];
    for await (const view of operator.watchPayment(paid.id, AbortSignal.timeout(30_000))) {
      expect(specification.complaints(schemaOf("Payment"), view)).to.deep.equal([]);
      states.push(view.state);
    }
    expect(states.at(-1)).to.equal("final");
    // The test, what became of the payment, and what the operator's own endpoint is told of it.
    await receiver.until(5);
    for (const one of receiver.received) {
      expect(specification.complaints(schemaOf("WebhookMessage"), JSON.parse(one.body))).to.deep.equal([]);
    }
    const kinds = receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(new Set(kinds)).to.include.all.keys("endpoint.test", "payment.accepted", "payment.settled", "payment.final");
    expect(verified(made.secret, receiver.received[0] ?? { headers: {}, body: "" }).type).to.equal("endpoint.test");

    await webhooks.replay(id, eventId);
    // Its capture deadline may be near.
    expect((await webhooks.replaySince(id, { since })).replayed).to.be.oneOf([3, 4]);
    const deliveries = await webhooks.deliveries(id, { limit: "2" });
    const events = await webhooks.events({ limit: "2" });
    expect([deliveries.deliveries.length, events.events.length]).to.deep.equal([2, 2]);
    expect((await webhooks.rotateSecret(id)).secret).not.to.equal(made.secret);
    await webhooks.delete(spare.id);
    const another = await webhooks.create({ url: receiver.url });
    const paths = specification.operations
      .map(({ path }) => path)
      .filter((path) => path.includes("webhook-endpoints/"));
    for (const endpoint of [id, another.id]) note(endpoint, ...paths.map((path) => `${path} id`));
    note(eventId, "/v1/webhook-endpoints/{id}/deliveries/{eventId}/replay eventId");
    note(events.next, "/v1/events cursor", "/v1/webhook-endpoints/{id}/deliveries cursor");
    bodies["/v1/webhook-endpoints/{id}/replay"] = [
      { since, cursor: events.next },
      { since, state: "delivered" },
    ];
  });

  it("x402: what is supported, verified, settled, and an identifier that is taken", async () => {
    expect((await x402.facilitator.getSupported()).kinds).to.have.length(1);
    for (const method of METHODS) {
      const requirements = x402.requirements(method, newAddress());
      const named = { "payment-identifier": { info: { required: false, id: `journey-of-${method}-1` } } };
      const [payer, other] = await x402.payers(2, x402.price * 3n);
      if (payer === undefined || other === undefined) throw new Error("no payer");
      const payload = { ...(await x402.payload(payer, requirements)), extensions: named };
      expect((await x402.facilitator.verify(payload, requirements)).isValid).to.equal(true);
      expect((await x402.facilitator.settle(payload, requirements)).success).to.equal(true);
      const second = { ...(await x402.payload(other, requirements)), extensions: named };
      for (const path of ["/x402/verify", "/x402/settle"]) {
        const body = { x402Version: 2, paymentPayload: second, paymentRequirements: requirements };
        const answer = await fetch(stack.relayerUrl + path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        expect(answer.status).to.equal(409);
        const unnamed = { ...body, paymentPayload: { ...second, extensions: undefined } };
        const settled = { ...body, paymentPayload: payload };
        (bodies[path] ??= []).push(JSON.parse(JSON.stringify(unnamed)), settled, body);
      }
    }
  });

  it("remittance records: kept, read, shown, corrected, exported, erased", async () => {
    const payee = { ...EXAMPLE_RECORD.payee, account: shop.merchant.address };
    const of = (changes: object) =>
      createRecord({
        ...EXAMPLE_RECORD,
        payee,
        payer: { ...EXAMPLE_RECORD.payer, account: owner.address },
        ...changes,
      });
    const [first, gone] = [of({}), of({ note: "To be erased" })];
    const { token, nonce, deadline: until } = await owner.common();
    const parties = { payer: owner.address, payee: shop.merchant.address };
    const payment = { ...parties, token, nonce, deadline: until, amount: 5n, memo: first.memo };
    const { id: paymentId } = await operator.submitPayment(
      payment,
      await signPayment(owner.wallet, owner.domain, payment),
    );
    await operator.decided(paymentId);
    const merchant = shop.merchant.address;
    const stored = { record: first.record, salt: first.salt, merchant };
    const { id } = await operator.records.store(stored);
    await operator.records.store(stored);
    const { record, salt } = of({ corrects: { memo: first.memo, reason: "a wrong note" } });
    await operator.records.correct(id, { record, salt });
    expect((await operator.records.read(id)).contents).to.have.length(2);
    expect((await operator.records.disclose(id, ["/goods"])).format).to.equal("corridor-disclosure");
    expect((await operator.records.export({ merchant, subject: "Nakamura" })).records).to.have.length(1);
    const deadline = await deadlineIn(stack, 60n);
    const access = { id: paymentId, memo: first.memo, reader: owner.address, deadline };
    const read = {
      ...{ reader: owner.address, deadline: deadline.toString() },
      signature: await signRecordAccess(owner.wallet, owner.domain, access),
    };
    expect((await operator.records.readOfPayment(paymentId, read)).id).to.equal(id);
    const spare = await operator.records.store({ record: gone.record, salt: gone.salt, merchant });
    await operator.records.erase(spare.id);
    expect((await operator.records.list()).records).to.have.length(2);
    expect((await operator.records.audit(id)).entries).to.have.length(6);
    const paths = specification.operations.map(({ path }) => path).filter((path) => path.startsWith("/v1/records"));
    for (const each of [id, spare.id]) note(each, ...paths.map((path) => `${path} id`), "/v1/records cursor");
    notePayment(paymentId);
    bodies["/v1/records"] = [stored];
    bodies["/v1/records/{id}/corrections"] = [{ record, salt }];
    bodies["/v1/records/export"] = [{ merchant, cursor: id }];
    bodies["/v1/payments/{id}/record/read"] = [read];
  });

  it("payment requests, keys and the service itself", async () => {
    const hold = await shop.terms();
    const asked = {
      ...{ merchant: shop.merchant.address, token: shop.token, amount: "5", memo: hexlify(randomBytes(32)) },
      expiresAt: (await deadlineIn(stack, 600n)).toString(),
    };
    const plain = await operator.createPaymentRequest({ ...asked, capture: "automatic" }, randomUUID());
    const { splits, arbiter, defaultPayerBps, captureDeadline, refundDeadline, rulingPeriod } = hold;
    const times = {
      captureDeadline: `${captureDeadline}`,
      refundDeadline: `${refundDeadline}`,
      rulingPeriod: `${rulingPeriod}`,
    };
    await operator.createPaymentRequest(
      { ...asked, capture: "manual", hold: { splits, arbiter, defaultPayerBps, ...times } },
      randomUUID(),
    );
    note(plain.id, "/v1/payment-requests/{id} id", "/v1/payment-requests cursor");
    expect((await operator.paymentRequest(plain.id)).id).to.equal(plain.id);
    expect((await operator.paymentRequests()).paymentRequests).to.have.length(2);
    const profile = { merchant: shop.merchant.address, name: "Lisbon Ceramics", country: "PT" };
    expect(await operator.setMerchantProfile(profile)).to.deep.equal(profile);
    expect(await operator.merchantProfile(shop.merchant.address)).to.deep.equal(profile);
    const to = Math.floor(Date.now() / 1_000) + 86_400;
    const span = { from: to - 10 * 86_400, to, bucket: "day", merchant: shop.merchant.address } as const;
    expect((await operator.merchantReport(span)).totals).to.have.length(1);
    await states(span.from);
    const key = await operator.createKey({ name: "till", merchant: shop.merchant.address, scopes: ["payments:read"] });
    await operator.rotateKey(key.id);
    await operator.keys({ limit: "1" });
    await operator.revokeKey(key.id);
    note(key.id, "/v1/keys/{id} id", "/v1/keys/{id}/rotate id", "/v1/keys cursor");
    await signInAndOut();
    await operator.network();
    for (const path of ["/livez", "/readyz", "/metrics"]) await fetch(stack.relayerUrl + path);
  });

  /** As a browser does, which keeps the cookie. */
  /** An account with entries of many kinds, and a payment of it. */
  async function states(from: number): Promise<void> {
    const { dollar: token } = stack.deployment;
    const account = shop.merchant.address;
    const asked = { account, token, from, to: Math.floor(Date.now() / 1_000) + 86_400 };
    const statement = await operator.statement(asked, { limit: 2 });
    expect(statement.next).to.not.equal(null);
    note(statement.next ?? "", "/v1/reports/statement cursor");
    expect((await operator.statementFile({ ...asked, format: "csv" })).type).to.contain("text/csv");
    const [entry] = statement.entries;
    expect(await operator.paymentMessage(entry?.paymentId ?? "", "pacs.002", "currency")).to.contain("<TxSts>");
    expect((await operator.receipt(entry?.paymentId ?? "")).proof.receipt).to.not.have.length(0);
    const orders = `order,amount,currency,payment\nA-1,1,${asked.token},${entry?.paymentId ?? ""}`;
    const span = { merchant: asked.account, from: 0, to: 2 ** 32 };
    expect((await operator.reconcile(orders, span)).lines).to.not.have.length(0);
    note(entry?.paymentId ?? "", "/v1/payments/{id}/messages/{message} id");
  }

  async function signInAndOut(): Promise<void> {
    const { message } = await new CorridorClient(stack.relayerUrl).sessionChallenge(shop.merchant.address);
    const signature = await shop.merchant.signMessage(message);
    const signedIn = await fetch(`${stack.relayerUrl}/v1/sessions`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ message, signature }),
    });
    const [cookie = ""] = signedIn.headers.getSetCookie().map((header) => header.split(";", 1).join());
    const headers = { cookie, origin: stack.relayerUrl };
    const current = `${stack.relayerUrl}/v1/sessions/current`;
    expect(await (await fetch(current, { headers })).json()).to.include({ address: shop.merchant.address });
    expect((await fetch(current, { method: "DELETE", headers })).status).to.equal(204);
  }

  it("has had a good answer of every operation held against its description", () => {
    const missing = specification.operations.filter(({ operationId }) => !seen.has(`${operationId} ok`));
    expect(missing.map(({ operationId }) => operationId)).to.deep.equal([]);
  });

  describe("whatever comes, the answer is a described one", () => {
    let merchantKey = "";

    before(async () => {
      const made = await operator.createKey({
        name: "fuzz",
        merchant: shop.merchant.address,
        scopes: ["payments:read", "keys", "webhooks", "records:read", "records:write"],
      });
      merchantKey = made.key;
      for (const id of real["/v1/payments/{id}/events id"] ?? []) {
        for await (const view of operator.watchPayment(id, AbortSignal.timeout(30_000))) expect(view.id).to.equal(id);
      }
    });

    for (const operation of specification.operations) {
      for (const broken of [false, true]) {
        it(`${operation.operationId}, ${broken ? "when something is wrong" : "when it is well formed"}`, async () => {
          // Some requests take ids of what is there: so they are not composed before it is.
          // A path longer than Node's room for headers is no HTTP here, whatever the operation.
          const requests = requestsFor(operation, specification.components, real, bodies, broken).filter(
            ({ path }) => path.length < 12_000,
          );
          const keys = fc.constantFrom(stack.operatorKey, stack.operatorKey, merchantKey, "", "wrong");
          await fc.assert(
            fc.asyncProperty(requests, keys, async (request, key) => {
              expect(await send(operation.method, request, key)).to.deep.equal([]);
            }),
            {
              numRuns: RUNS,
              endOnFailure: true,
              ...(process.env.CORRIDOR_FUZZ_SEED === undefined ? {} : { seed: Number(process.env.CORRIDOR_FUZZ_SEED) }),
            },
          );
        });
      }
    }

    async function send(method: string, { path, headers, body }: GeneratedRequest, key: string): Promise<string[]> {
      const url = stack.relayerUrl + path;
      const authorization = key === "" ? {} : { authorization: `Bearer ${key}` };
      const answer = await realFetch(url, {
        method,
        headers: { ...headers, ...authorization },
        signal: AbortSignal.timeout(path.includes("/events") ? STREAM_MS : 60_000),
        ...(body === undefined ? {} : { body }),
      });
      const found = await specification.complaintsAbout(method, url, answer.clone());
      // A maker's absence is the only reason that the relayer may have here not to serve.
      const text = await answer.text();
      const isDown = answer.status >= 500 && !text.includes('"no_quote"');
      return isDown ? [...found, `${method} ${path}: ${text}`] : [...found];
    }

    it("and the relayer is ready as before", async () => {
      expect((await realFetch(`${stack.relayerUrl}/readyz`)).status).to.equal(200);
      expect((await operator.network()).ledger).to.equal(stack.deployment.ledger);
    });
  });
});
