import { createServer } from "node:http";
import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, keccak256, randomBytes, toUtf8Bytes, Wallet } from "ethers";
import pg from "pg";
import { Webhook } from "standardwebhooks";

import { readBooks } from "../../scripts/local/books.ts";
import { deadlineIn, fundPayers } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { type NewPaymentRequest, type PaymentView, ProblemError } from "../../sdk/client.ts";
import { CAPTURE_TYPES, DOCUMENT_ACCESS_TYPES } from "../../sdk/hold-typed-data.ts";
import type { HoldPayment, HoldTerms } from "../../sdk/hold.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { auditStack } from "./audit-stack.ts";
import { freePort, startTestStack } from "./local-stack.ts";
import { unbalancedAccounts } from "./movement-sums.ts";
import { Shop } from "./shop.ts";

const SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

describe("a hold through HTTP, PostgreSQL and a chain", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let shop: Shop;
  let database: pg.Client;
  const received: { headers: Record<string, string>; body: string }[] = [];
  let refusals = 1;
  const receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      refusals -= 1;
      // The first delivery fails and must come again.
      if (refusals < 0) received.push({ headers: request.headers as Record<string, string>, body });
      response.statusCode = refusals < 0 ? 204 : 503;
      response.end();
    });
  });

  before(async () => {
    const port = await freePort();
    await new Promise<void>((resolve) => receiver.listen(port, "127.0.0.1", resolve));
    ({ stack, stop } = await startTestStack({
      CORRIDOR_BATCH_AGE_MS: "50",
      CORRIDOR_CAPTURE_WARNING_S: "60",
      CORRIDOR_WEBHOOK_URL: `http://127.0.0.1:${port}/hooks`,
      CORRIDOR_WEBHOOK_SECRET: SECRET,
    }));
    shop = await Shop.open(stack, 10n ** 12n);
    database = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
    await database.connect();
    // She lets the Escrow take refunds out of her account, and so does the carrier.
    const { ledger, escrow } = stack.deployment;
    for (const owner of [shop.merchant, shop.carrier]) {
      await (await stack.deployer.sendTransaction({ to: owner.address, value: 10n ** 18n })).wait();
      const own = Ledger__factory.connect(ledger, owner.connect(stack.provider));
      await (await own.setOperator(escrow, true)).wait();
    }
  });

  after(async () => {
    await database.end();
    await stop();
    await new Promise((resolve) => receiver.close(resolve));
  });

  async function code(promise: Promise<unknown>): Promise<string> {
    try {
      await promise;
      return "accepted";
    } catch (error) {
      if (error instanceof ProblemError) return `${error.problem.status} ${error.problem.code}`;
      throw error;
    }
  }

  async function until(id: string, status: PaymentView["status"]): Promise<PaymentView> {
    const end = Date.now() + 40_000;
    for (;;) {
      const view = await shop.client.payment(id);
      if (view.status === status) return view;
      if (Date.now() > end) throw new Error(`${id} is ${view.status}, not ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it("is captured in parts, then refunded in parts, with a carrier's share", async () => {
    const terms = await shop.terms({ splits: [{ recipient: shop.carrier.address, shareBps: 1_250 }] });
    const before = [await shop.balance(shop.customer), await shop.balance(shop.merchant)];
    const hold = await shop.hold(terms, 1_000_003n);
    expect(hold.status).to.equal("requires_capture");
    expect(hold.hold).to.deep.include({ status: "open", captured: "0", held: "1000003" });
    await shop.done(shop.capture(hold.id, 400_001n));
    expect((await shop.client.payment(hold.id)).hold).to.deep.include({ captured: "400001", held: "600002" });
    await shop.done(shop.capture(hold.id, 600_002n, 400_001n));
    expect((await shop.client.payment(hold.id)).status).to.equal("succeeded");
    // The share of the whole, however it was cut: floor(1_000_003 × 12.5 %).
    expect(await shop.balance(shop.carrier)).to.equal(125_000n);
    await shop.done(shop.refund(hold.id, 3n));
    await shop.done(shop.refund(hold.id, 1_000_000n, 3n));
    expect((await shop.client.payment(hold.id)).status).to.equal("refunded");
    expect([await shop.balance(shop.customer), await shop.balance(shop.merchant)]).to.deep.equal(before);
    expect(await shop.balance(shop.carrier)).to.equal(0n);
    const acts = await shop.client.acts(hold.id);
    expect(acts.map(({ verb }) => verb)).to.deep.equal(["capture", "capture", "refund", "refund"]);
  });

  it("is voided", async () => {
    const before = await shop.balance(shop.customer);
    const hold = await shop.hold(await shop.terms(Shop.withoutArbiter));
    await shop.done(shop.void(hold.id));
    expect((await shop.client.payment(hold.id)).status).to.equal("canceled");
    expect(await shop.balance(shop.customer)).to.equal(before);
  });

  it("is disputed, with documents that only the parties can read, and ruled", async () => {
    const before = [await shop.balance(shop.customer), await shop.balance(shop.merchant)] as const;
    const hold = await shop.hold(await shop.terms(), 1_000_001n);
    const document = await shop.client.uploadDocument(hold.id, new Blob(["broken on arrival"], { type: "text/plain" }));
    expect(document).to.equal(keccak256(toUtf8Bytes("broken on arrival")));
    await shop.done(shop.dispute(hold.id, document));
    expect((await shop.client.payment(hold.id)).status).to.equal("disputed");
    expect(await code(shop.capture(hold.id, 1n))).to.equal("409 wrong_status");
    expect(await code(shop.void(hold.id))).to.equal("409 wrong_status");

    const access = async (reader: Wallet) => {
      const deadline = (await deadlineIn(stack, 60n)).toString();
      const value = { id: hold.id, document, reader: reader.address, deadline };
      const consent = await shop.consent(reader, DOCUMENT_ACCESS_TYPES, value, 60n);
      return { reader: reader.address, ...consent };
    };
    const read = await shop.client.readDocument(hold.id, document, await access(shop.arbiter));
    expect(await read.text()).to.equal("broken on arrival");
    const stranger = new Wallet(hexlify(randomBytes(32)));
    expect(await code(shop.client.readDocument(hold.id, document, await access(stranger)))).to.equal("403 not_party");
    const forged = { ...(await access(stranger)), reader: shop.arbiter.address };
    expect(await code(shop.client.readDocument(hold.id, document, forged))).to.equal("422 bad_signature");

    await shop.done(shop.submitEvidence(hold.id, hexlify(randomBytes(32)), shop.merchant));
    await shop.done(shop.rule(hold.id, 7_500));
    const view = await shop.client.payment(hold.id);
    expect(view.status).to.equal("succeeded");
    expect(view.hold).to.deep.include({ status: "ruled", captured: "250001", held: "0" });
    expect(await shop.balance(shop.customer)).to.equal(before[0] - 250_001n);
    expect(await shop.balance(shop.merchant)).to.equal(before[1] + 250_001n);
  });

  it("is disputed by the merchant, and resolved by the default when the arbiter stays silent", async () => {
    const hold = await shop.hold(await shop.terms({ rulingPeriod: 2n, defaultPayerBps: 10_000 }));
    await shop.done(shop.dispute(hold.id, hexlify(randomBytes(32)), shop.merchant));
    const view = await until(hold.id, "canceled");
    expect(view.hold?.status).to.equal("resolved");
    expect((await shop.client.acts(hold.id)).map(({ verb }) => verb)).to.deep.equal(["dispute", "resolve"]);
  });

  it("is divided by agreement, out of a dispute", async () => {
    const before = await shop.balance(shop.merchant);
    const hold = await shop.hold(await shop.terms());
    await shop.done(shop.capture(hold.id, 100_000n));
    await shop.done(shop.dispute(hold.id, hexlify(randomBytes(32)), shop.customer, 100_000n));
    await shop.done(shop.settle(hold.id, 300_000n, 100_000n));
    const view = await shop.client.payment(hold.id);
    expect(view.hold).to.deep.include({ status: "agreed", captured: "700000" });
    expect(await shop.balance(shop.merchant)).to.equal(before + 700_000n);
  });

  it("warns before the capture deadline and gives the money of absent payers back after it", async () => {
    const before = await shop.balance(shop.customer);
    const terms = async () => shop.terms({ ...Shop.withoutArbiter, captureDeadline: await deadlineIn(stack, 5n) });
    const holds = [await shop.hold(await terms()), await shop.hold(await terms())];
    const metrics = await (await fetch(`${stack.relayerUrl}/metrics`)).text();
    expect(Number(/^corridor_holds_expiring (\d+)$/m.exec(metrics)?.[1])).to.be.at.least(2);
    for (const { id } of holds) expect((await until(id, "canceled")).hold?.status).to.equal("reclaimed");
    expect(await shop.balance(shop.customer)).to.equal(before);

    const ids = holds.map(({ id }) => `${id}:capture_due`);
    const end = Date.now() + 20_000;
    while (!ids.every((id) => received.some(({ headers }) => headers["webhook-id"] === id))) {
      if (Date.now() > end) throw new Error("the warnings were not delivered");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const { headers, body } of received) {
      const message = new Webhook(SECRET).verify(body, headers) as { type: string; data: { paymentId: string } };
      expect(message.type).to.equal("hold.capture_due");
      expect(headers["webhook-id"]).to.equal(`${message.data.paymentId}:capture_due`);
    }
  });

  it("counts an act that a stranger sent", async () => {
    const hold = await shop.hold(await shop.terms(Shop.withoutArbiter));
    const amount = 1_000_000n;
    const consent = await shop.consent(shop.merchant, CAPTURE_TYPES, { id: hold.id, amount, captured: 0n });
    const compact = toCompactSignature(consent.signature);
    const { deadline, nonce, terms, payer } = hold;
    const row = { payer, amount, nonce, deadline, ...terms };
    const escrow = Escrow__factory.connect(stack.deployment.escrow, stack.deployer);
    const batch = {
      payee: shop.merchant.address,
      token: shop.token,
      splits: [],
      rows: [{ hold: row, amount }],
      consents: [{ deadline: consent.deadline, ...compact }],
    };
    // @ts-expect-error ethers takes decimal strings for numbers; the generated types name bigint and number only
    await (await escrow.capture([batch])).wait();
    expect((await until(hold.id, "succeeded")).hold?.status).to.equal("captured");
    const body = { amount: "1000000", captured: "0", consent };
    expect(await code(shop.client.act(hold.id, "capture", body, randomUUID()))).to.equal("409 wrong_status");
  });

  describe("refuses", () => {
    it("terms that the contract would refuse, naming the field, and stores nothing", async () => {
      const now = await deadlineIn(stack, 0n);
      const cases: [Partial<HoldTerms>, Partial<HoldPayment>, string, string][] = [
        [{}, { payee: shop.merchant.address }, "422 invalid_payee", "payment.payee"],
        [{}, { amount: 2n ** 104n }, "422 amount_too_high", "payment.amount"],
        [{ payee: stack.deployment.escrow }, {}, "422 invalid_terms", "payment.terms.payee"],
        [{ captureDeadline: now - 60n }, {}, "422 invalid_terms", "payment.terms.captureDeadline"],
        [{ refundDeadline: now }, {}, "422 invalid_terms", "payment.terms.refundDeadline"],
        [{ arbiter: shop.merchant.address }, {}, "422 invalid_terms", "payment.terms.arbiter"],
        [{ arbiter: shop.customer.address }, {}, "422 invalid_terms", "payment.terms.arbiter"],
        [{ rulingPeriod: 0n }, {}, "422 invalid_terms", "payment.terms.rulingPeriod"],
        [{ rulingPeriod: 365n * 86_400n + 1n }, {}, "422 invalid_terms", "payment.terms.rulingPeriod"],
        [{ defaultPayerBps: 10_001 }, {}, "400 invalid_field", "payment.terms.defaultPayerBps"],
        [{ ...Shop.withoutArbiter, rulingPeriod: 1n }, {}, "422 invalid_terms", "payment.terms.rulingPeriod"],
        [
          { splits: [{ recipient: shop.carrier.address, shareBps: 0 }] },
          {},
          "422 invalid_terms",
          "payment.terms.splits",
        ],
        [
          { splits: Array(2).fill({ recipient: shop.carrier.address, shareBps: 1 }) as HoldTerms["splits"] },
          {},
          "422 invalid_terms",
          "payment.terms.splits",
        ],
      ];
      for (const [changes, payment, expected, field] of cases) {
        const composed = await shop.compose(await shop.terms(changes), payment);
        const refused = shop.client.submitPayment(composed, await shop.sign(composed));
        const problem: unknown = await refused.catch((error: unknown) => error);
        if (!(problem instanceof ProblemError)) throw new Error(`${field} was accepted`);
        expect(`${problem.problem.status} ${problem.problem.code} ${problem.problem.field}`).to.equal(
          `${expected} ${field}`,
        );
        const { rows } = await database.query("SELECT 1 FROM payments WHERE nonce = $1 AND payer = $2", [
          composed.nonce,
          composed.payer,
        ]);
        expect(rows).to.have.length(0);
      }
    });

    it("a payment to the Escrow without terms, whose money would be lost", async () => {
      const { terms, ...rest } = await shop.compose(await shop.terms());
      const payment = { ...rest, memo: terms.memo };
      const domain = { chainId: shop.escrow.chainId, ledger: stack.deployment.ledger };
      const signature = await signPayment(shop.customer, domain, payment);
      expect(await code(shop.client.submitPayment(payment, signature))).to.equal("422 invalid_payee");
    });

    it("acts that the contract would refuse", async () => {
      const hold = await shop.hold(await shop.terms(Shop.withoutArbiter));
      const { id } = hold;
      expect(await code(shop.capture(id, 1_000_001n))).to.equal("422 amount_too_high");
      expect(await code(shop.capture(id, 1n, 5n))).to.equal("409 stale_sum");
      expect(await code(shop.capture(id, 1n, 0n, shop.customer))).to.equal("422 bad_signature");
      expect(await code(shop.refund(id, 1n))).to.equal("422 amount_too_high");
      expect(await code(shop.dispute(id, hexlify(randomBytes(32))))).to.equal("422 no_arbiter");
      expect(await code(shop.submitEvidence(id, hexlify(randomBytes(32)), shop.merchant))).to.equal("409 wrong_status");
      const other = await shop.hold(await shop.terms());
      expect(await code(shop.dispute(other.id, hexlify(randomBytes(32)), shop.carrier))).to.equal("403 not_party");
      expect(await code(shop.settle(other.id, 1_000_001n))).to.equal("422 amount_too_high");
      const late = await shop.consent(shop.merchant, CAPTURE_TYPES, { id, amount: 1n, captured: 0n }, -60n);
      const body = { amount: "1", captured: "0", consent: late };
      expect(await code(shop.client.act(id, "capture", body, randomUUID()))).to.equal("422 expired");
      const zero = { ...body, amount: "0" };
      expect(await code(shop.client.act(id, "capture", zero, randomUUID()))).to.equal("400 amount_out_of_range");
      const unknown = hexlify(randomBytes(32));
      expect(await code(shop.client.act(unknown, "capture", body, randomUUID()))).to.equal("404 not_found");
      expect((await shop.client.payment(id)).hold).to.deep.include({ status: "open", captured: "0" });
    });

    it("a refund that the merchant's account cannot pay, when it is about to be sent", async () => {
      const hold = await shop.hold(await shop.terms(Shop.withoutArbiter));
      await shop.done(shop.capture(hold.id, 1_000_000n));
      const own = Ledger__factory.connect(stack.deployment.ledger, shop.merchant.connect(stack.provider));
      const all = await shop.balance(shop.merchant);
      await (await own.transfer(shop.carrier.address, BigInt(shop.token), all)).wait();
      const act = await shop.client.actDecided((await shop.refund(hold.id, 1_000_000n)).id);
      expect([act.state, act.code]).to.deep.equal(["rejected", "insufficient_balance"]);
      // It can be asked for again once she has money.
      const carrier = Ledger__factory.connect(stack.deployment.ledger, shop.carrier.connect(stack.provider));
      await (await carrier.transfer(shop.merchant.address, BigInt(shop.token), all)).wait();
      await shop.done(shop.refund(hold.id, 1_000_000n));
      expect((await shop.client.payment(hold.id)).status).to.equal("refunded");
    });
  });

  it("does an act once for each Idempotency-Key", async () => {
    const hold = await shop.hold(await shop.terms(Shop.withoutArbiter));
    const url = `${stack.relayerUrl}/v1/payments/${hold.id}/capture`;
    const consent = await shop.consent(shop.merchant, CAPTURE_TYPES, { id: hold.id, amount: 10n, captured: 0n });
    const body = { amount: "10", captured: "0", consent };
    const post = async (headers: Record<string, string>, content: unknown = body) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(content),
      });
      const answer = (await response.json()) as { id?: string; code?: string | null };
      return { status: response.status, replayed: response.headers.get("idempotent-replayed"), ...answer };
    };
    expect(await post({})).to.include({ status: 400, code: "idempotency_key_missing" });
    const key = { "idempotency-key": randomUUID() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(key)));
    const first = answers.find(({ status, replayed }) => status === 202 && replayed === null);
    expect(first?.id).to.be.a("string");
    for (const answer of answers) {
      if (answer.status === 409) expect(answer.code).to.equal("idempotency_key_in_flight");
      else expect(answer.id).to.equal(first?.id);
    }
    expect(await post(key)).to.include({ status: 202, replayed: "true", id: first?.id });
    expect(await post(key, { ...body, amount: "11" })).to.include({ status: 422, code: "idempotency_key_reused" });
    // Another key, the same effect: the first one's record, now and when it has settled.
    expect(await post({ "idempotency-key": randomUUID() })).to.include({ status: 200, id: first?.id });
    await shop.client.actDecided(first?.id ?? "");
    expect(await post({ "idempotency-key": randomUUID() })).to.include({ status: 200, id: first?.id });
    expect((await shop.client.payment(hold.id)).hold?.captured).to.equal("10");
    // One begun by a process that died is taken up by the next one with the key.
    await database.query(
      `INSERT INTO idempotency_keys (scope, key, fingerprint, started_at)
       SELECT scope, 'orphan', fingerprint, clock_timestamp() - interval '11 seconds' FROM idempotency_keys WHERE key = $1`,
      [key["idempotency-key"]],
    );
    expect(await post({ "idempotency-key": "orphan" })).to.include({ status: 200, id: first?.id });
  });

  it("one act on a hold at a time", async () => {
    const hold = await shop.hold(await shop.terms(Shop.withoutArbiter));
    await database.query("BEGIN");
    await database.query("LOCK TABLE acts IN SHARE ROW EXCLUSIVE MODE");
    // Both pass their checks before either is stored.
    const both = [code(shop.capture(hold.id, 10n)), code(shop.void(hold.id))];
    await new Promise((resolve) => setTimeout(resolve, 500));
    await database.query("COMMIT");
    expect((await Promise.all(both)).sort()).to.deep.equal(["409 act_pending", "accepted"]);
  });

  describe("payment requests", () => {
    const draft = async (changes: Partial<NewPaymentRequest> = {}): Promise<NewPaymentRequest> => ({
      merchant: shop.merchant.address,
      token: shop.token,
      amount: "2500000",
      memo: hexlify(randomBytes(32)),
      expiresAt: (await deadlineIn(stack, 600n)).toString(),
      capture: "automatic",
      ...changes,
    });
    const holdOf = async () => {
      const { splits, arbiter, defaultPayerBps, ...times } = await shop.terms();
      return {
        ...{ splits, arbiter, defaultPayerBps },
        captureDeadline: String(times.captureDeadline),
        refundDeadline: String(times.refundDeadline),
        rulingPeriod: String(times.rulingPeriod),
      };
    };

    it("captured automatically: the merchant is paid at once", async () => {
      const key = randomUUID();
      const wanted = await draft();
      const request = await shop.client.createPaymentRequest(wanted, key);
      expect(request).to.include({ status: "requires_authorization", payee: shop.merchant.address, terms: null });
      expect((await shop.client.createPaymentRequest(wanted, key)).id).to.equal(request.id);
      const { terms, ...rest } = await shop.compose(await shop.terms(), { payee: request.payee, amount: 2_500_000n });
      terms;
      const payment = { ...rest, memo: request.memo };
      const domain = { chainId: shop.escrow.chainId, ledger: stack.deployment.ledger };
      const signature = await signPayment(shop.customer, domain, payment);
      const { id } = await shop.client.submitPayment(payment, signature, request.id);
      await shop.client.decided(id);
      expect(await shop.client.paymentRequest(request.id)).to.include({ status: "succeeded", paymentId: id });
    });

    it("captured manually: held, and paid by one payment only, as it was asked for", async () => {
      const request = await shop.client.createPaymentRequest(
        await draft({ capture: "manual", hold: await holdOf() }),
        randomUUID(),
      );
      expect(request.payee).to.equal(stack.deployment.escrow);
      const { terms } = request;
      if (terms === null) throw new Error("no terms");
      const asked: HoldTerms = {
        ...terms,
        captureDeadline: BigInt(terms.captureDeadline),
        refundDeadline: BigInt(terms.refundDeadline),
        rulingPeriod: BigInt(terms.rulingPeriod),
      };
      const pay = async (changes: Partial<HoldTerms>, amount = 2_500_000n) => {
        const payment = await shop.compose({ ...asked, ...changes }, { amount });
        return shop.client.submitPayment(payment, await shop.sign(payment), request.id);
      };
      expect(await code(pay({}, 2_499_999n))).to.equal("422 request_mismatch");
      expect(await code(pay({ defaultPayerBps: 1 }))).to.equal("422 request_mismatch");
      expect(await code(pay({ payee: shop.carrier.address }))).to.equal("422 request_mismatch");
      expect((await shop.client.paymentRequest(request.id)).status).to.equal("requires_authorization");
      const paid = await pay({});
      expect(await code(pay({}))).to.equal("409 request_paid");
      await shop.client.decided(paid.id);
      expect((await shop.client.paymentRequest(request.id)).status).to.equal("requires_capture");
      await shop.done(shop.void(paid.id));
      expect((await shop.client.paymentRequest(request.id)).status).to.equal("canceled");
    });

    it("refuses what nobody could pay, and what has expired", async () => {
      const create = async (changes: Partial<NewPaymentRequest>) =>
        code(shop.client.createPaymentRequest(await draft(changes), randomUUID()));
      expect(await create({ token: shop.carrier.address })).to.equal("422 unknown_token");
      expect(await create({ merchant: stack.deployment.ledger })).to.equal("422 invalid_payee");
      expect(await create({ expiresAt: "1" })).to.equal("422 expired");
      expect(await create({ amount: "0" })).to.equal("400 amount_out_of_range");
      expect(await create({ capture: "manual" })).to.equal("400 invalid_field");
      const hold = { ...(await holdOf()), refundDeadline: "1" };
      expect(await create({ capture: "manual", hold })).to.equal("422 invalid_terms");
      expect(await code(shop.client.createPaymentRequest(await draft(), "not printable\t"))).to.equal(
        "400 idempotency_key_missing",
      );
    });
  });

  it("lists payments with filters and cursors, each once, the newest first", async () => {
    const [other] = await fundPayers(stack, 1, 10n ** 9n);
    if (other === undefined) throw new Error("no payer");
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await shop.hold(await shop.terms())).id);
    const filter = { merchant: shop.merchant.address, hold: "open" };
    const listed: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await shop.client.payments({ ...filter, limit: "2", ...(cursor === null ? {} : { cursor }) });
      expect(page.payments.length).to.be.within(1, 2);
      listed.push(...page.payments.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect(new Set(listed).size).to.equal(listed.length);
    expect(listed.slice(0, 5)).to.deep.equal([...ids].reverse());
    expect((await shop.client.payments({ payer: other.address })).payments).to.deep.equal([]);
    const settled = await shop.client.payments({ state: "rejected", payer: shop.customer.address });
    expect(settled.payments).to.deep.equal([]);
    for (const [name, value] of [
      ["state", "done"],
      ["hold", "lost"],
      ["limit", "0"],
      ["limit", "201"],
      ["cursor", "x"],
      ["merchant", "0x12"],
      ["colour", "red"],
    ] as const) {
      expect(await code(shop.client.payments({ [name]: value })), name).to.equal("400 invalid_field");
    }
  });

  it("is undone by a reorg with its acts, and done again under the same transactions", async () => {
    const snapshot = (await stack.provider.send("evm_snapshot", [])) as string;
    const hold = await shop.hold(await shop.terms(Shop.withoutArbiter));
    const act = await shop.done(shop.capture(hold.id, 250_000n));
    await stack.provider.send("evm_revert", [snapshot]);
    // As long a branch as the one that is gone, without these transactions.
    await stack.provider.send("hardhat_mine", ["0x10"]);
    const end = Date.now() + 40_000;
    let view = await shop.client.payment(hold.id);
    while (view.hold?.captured === "250000" || view.state !== "submitted") {
      if (Date.now() > end) throw new Error(`the reorg was not followed: ${JSON.stringify(view)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      view = await shop.client.payment(hold.id);
    }
    expect(view.hold).to.equal(null);
    while (view.hold?.captured !== "250000" || view.state !== "final") {
      if (Date.now() > end) throw new Error(`after the reorg: ${JSON.stringify(view)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      view = await shop.client.payment(hold.id);
    }
    expect(view.transactionHash).to.equal(hold.transactionHash);
    expect((await shop.client.actDecided(act.id)).transactionHash).to.equal(act.transactionHash);
  });

  it("leaves the books balanced, and the Escrow with what its holds hold", async () => {
    const { imbalances } = await readBooks(stack);
    expect(await unbalancedAccounts(stack)).to.deep.equal([]);
    expect(imbalances).to.deep.equal([]);
    let held = 0n;
    let cursor: string | null = null;
    do {
      const page = await shop.client.payments(cursor === null ? { limit: "200" } : { limit: "200", cursor });
      for (const { hold } of page.payments) held += BigInt(hold?.held ?? "0");
      cursor = page.next;
    } while (cursor !== null);
    expect(await shop.balance({ address: stack.deployment.escrow })).to.equal(held);
  });

  // After the nested ones, as a suite's own tests come first.
  describe("at the end", () => {
    it("passes an audit, and so does the relayer's database", async () => {
      const { exceptions, counts, counters } = await auditStack(stack);
      expect(exceptions).to.deep.equal([]);
      expect(counts).to.deep.equal({});
      expect(counters.signatures).to.equal(counters.payments + counters.pulledPayments);
      expect(counters.databaseRows).to.be.greaterThan(0);
    });
  });
});
