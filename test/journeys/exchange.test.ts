import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";

import { readBooks } from "../../scripts/local/books.ts";
import { openGuards } from "../../scripts/local/exchange.ts";
import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { startPart } from "../../scripts/local/process.ts";
import { type LocalStack, localKey } from "../../scripts/local/stack.ts";
import { type ActView, CorridorClient, type PaymentView, type QuotedView } from "../../sdk/client.ts";
import { fxPaymentId, signFxRefund } from "../../sdk/exchange-typed-data.ts";
import type { FxPayment } from "../../sdk/fx.ts";
import { CAPTURE_TYPES, signConsent, VOID_TYPES } from "../../sdk/hold-typed-data.ts";
import { type LedgerMessages, signInstruction } from "../../sdk/instructions.ts";
import { costOf } from "../../sdk/quote.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestFeed__factory } from "../../typechain-types/factories/contracts/mocks/TestFeed__factory.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";
import { outcomeOf } from "./account-owner.ts";
import { FxCustomer } from "./fx-customer.ts";
import { auditStack } from "./audit-stack.ts";
import { freePort, startTestStack } from "./local-stack.ts";
import { unbalancedAccounts } from "./movement-sums.ts";
import { patiently } from "./patience.ts";
import { fund, TestMaker } from "./test-maker.ts";

const EUROS = 1_000_000n; // of six decimals

describe("a payment that is exchanged, through HTTP and a chain", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let maker: TestMaker;
  let client: CorridorClient;
  let customer: FxCustomer;
  let merchant: Wallet;

  before(async () => {
    maker = await TestMaker.listen();
    ({ stack, stop } = await startTestStack({ CORRIDOR_MAKERS: maker.url, CORRIDOR_BATCH_AGE_MS: "700" }));
    client = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
    await maker.open(stack, 10n ** 15n);
    const { dollar, euro, yen } = stack.deployment;
    maker.setRate(dollar, euro, 108_300n, 100_000n);
    maker.setRate(yen, euro, 17_321n, 100_000_000n);
    maker.setRate(euro, yen, 5_773n, 1n);
    maker.setRate(euro, dollar, 92_600n, 100_000n);
  });

  after(async () => {
    await stop();
    await maker.stop();
  });

  beforeEach(async () => {
    maker.ttlSeconds = 60n;
    maker.capacity = undefined;
    merchant = new Wallet(hexlify(randomBytes(32)));
    customer = await FxCustomer.open(stack, stack.deployment.dollar, 1_000n * EUROS);
  });

  const settled = ["settled", "final"];
  const ledger = () => Ledger__factory.connect(stack.deployment.ledger, stack.provider);
  const exchange = () => Exchange__factory.connect(stack.deployment.exchange, stack.provider);

  async function pay(amount = 20n * EUROS, spare = 0n): Promise<PaymentView> {
    const quoted = await customer.quote(stack.deployment.euro, amount);
    return customer.pay(await customer.compose(quoted, merchant.address, spare));
  }

  it("credits the merchant to the unit, charges what the quote takes, and says paid, rate, fee and settled", async () => {
    const { euro, dollar } = stack.deployment;
    // She agrees to a fee for whichever lane it is.
    const deadline = await deadlineIn(stack, 600n);
    for (const [nonce, lane] of [localKey(18).address, localKey(19).address].entries()) {
      const message = { payee: merchant.address, operator: lane, token: euro, feeBps: 30, flatFee: 0n };
      await agree({ ...message, nonce: BigInt(nonce), deadline });
    }
    const quoted = await customer.quote(euro, 20n * EUROS);
    const cost = costOf({ payAmount: 108_300n, settleAmount: 100_000n }, 20n * EUROS);
    expect(quoted.payAmount).to.equal(cost.toString());
    const payment = await customer.compose(quoted, merchant.address, 5_000n);
    const view = await customer.pay(payment);
    expect(view.state).to.be.oneOf(settled);
    expect(view.exchange).to.include({
      ...{ quote: quoted.id, paid: cost.toString(), fee: "60000", settleAmount: "20000000", settleToken: euro },
    });
    expect(view.settledAt).to.match(/^\d+$/);
    expect(await customer.balance()).to.equal(1_000n * EUROS - cost);
    expect(await customer.balance(euro, merchant.address)).to.equal(20n * EUROS - 60_000n);
    expect(await customer.balance(dollar, stack.deployment.exchange)).to.equal(0n);

    // Somebody who trusts nobody finds the same in the events.
    const [exchanged] = await exchange().queryFilter(exchange().filters.Exchanged(view.id));
    const [taken] = await ledger().queryFilter(ledger().filters.Settled(view.id));
    expect(exchanged?.args.paid).to.equal(cost).and.to.equal(taken?.args.amount);
    expect(exchanged?.args.fee).to.equal(60_000n);
    const fills = await exchange().queryFilter(exchange().filters.QuoteFilled(quoted.id));
    const { payAmount, settleAmount } = fills[0]?.args.quote ?? { payAmount: 0n, settleAmount: 1n };
    expect(costOf({ payAmount, settleAmount }, exchanged?.args.settled ?? 0n)).to.equal(cost);
    expect((await client.quote(quoted.id)).filled).to.equal("20000000");
  });

  async function agree(message: LedgerMessages["agreement"]): Promise<void> {
    const domain = { chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger };
    const signature = await signInstruction(merchant, domain, "agreement", message);
    const { id } = await client.submitInstruction("agreement", message, signature);
    expect((await client.instructionDecided(id)).state).to.be.oneOf(settled);
  }

  it("pays in a currency without decimals, and into one", async () => {
    const { yen, euro } = stack.deployment;
    const inYen = await FxCustomer.open(stack, yen, 10_000n);
    const toEuro = await inYen.quote(euro, 20n * EUROS);
    // 20 euros at 173.21 yen: 3,464.2, rounded up.
    expect(toEuro.payAmount).to.equal("3465");
    expect((await inYen.pay(await inYen.compose(toEuro, merchant.address))).state).to.be.oneOf(settled);
    expect(await inYen.balance()).to.equal(10_000n - 3_465n);

    const inEuro = await FxCustomer.open(stack, euro, 100n * EUROS);
    const toYen = await inEuro.quote(yen, 2_000n);
    expect(toYen.payAmount).to.equal("11546000");
    expect((await inEuro.pay(await inEuro.compose(toYen, merchant.address))).state).to.be.oneOf(settled);
    expect(await inEuro.balance(yen, merchant.address)).to.equal(2_000n);
  });

  it("quotes every pay currency of a payment request, and the request is paid by a payment at one of them", async () => {
    const { euro, dollar, yen } = stack.deployment;
    const memo = hexlify(randomBytes(32));
    const expiresAt = (await deadlineIn(stack, 600n)).toString();
    const body = { merchant: merchant.address, token: euro, amount: "12340000", memo, expiresAt };
    const request = await client.createPaymentRequest({ ...body, capture: "automatic" }, randomUUID());
    const quotes = await client.quotes({ request: request.id });
    expect(quotes.map(({ payToken }) => payToken).sort()).to.deep.equal([dollar, yen].sort());
    const quoted = quotes.find(({ payToken }) => payToken === dollar) as QuotedView;
    const payment = await customer.compose(quoted, merchant.address);
    const other = { ...payment, terms: { ...payment.terms, settleAmount: 12_000_000n } };
    expect(await outcomeOf(customer.submit(other, request.id))).to.equal("422 request_mismatch");
    expect(await outcomeOf(customer.submit(payment, request.id))).to.equal("422 request_mismatch"); // its memo
    const right = { ...payment, terms: { ...payment.terms, memo } };
    const { id } = await customer.submit(right, request.id);
    expect((await client.decided(id)).state).to.be.oneOf(settled);
    expect((await client.paymentRequest(request.id)).status).to.equal("succeeded");
    expect(await outcomeOf(client.quotes({ request: request.id }))).to.equal("409 request_paid");
  });

  it("says of a request for quotes what is wrong with it", async () => {
    const { dollar, euro, exchange: address } = stack.deployment;
    const ask = async (body: Record<string, unknown>): Promise<string> => {
      const response = await fetch(`${stack.relayerUrl}/v1/quotes`, {
        ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
      });
      const { code, field } = (await response.json()) as { code: string; field?: string };
      return `${response.status} ${code} ${field ?? ""}`.trim();
    };
    const good = { settleToken: euro, settleAmount: "5" };
    expect(await ask({})).to.equal("400 invalid_field settleToken");
    expect(await ask({ ...good, settleAmount: "0" })).to.equal("400 amount_out_of_range settleAmount");
    expect(await ask({ ...good, more: 1 })).to.equal("400 invalid_field more");
    expect(await ask({ ...good, payToken: euro })).to.equal("400 invalid_field payToken");
    expect(await ask({ ...good, payToken: address })).to.equal("422 unknown_token payToken");
    expect(await ask({ ...good, settleToken: address })).to.equal("422 unknown_token settleToken");
    expect(await ask({ request: "x" })).to.equal("400 invalid_field request");
    expect(await ask({ request: randomUUID() })).to.equal("404 not_found");
    maker.rates.delete(`${dollar}:${euro}`);
    expect(await ask({ ...good, payToken: dollar })).to.equal("503 no_quote");
    maker.setRate(dollar, euro, 108_300n, 100_000n);
    expect(await outcomeOf(client.quote(hexlify(randomBytes(32))))).to.equal("404 not_found");
  });

  it("refuses what the contract would, before anything is reserved", async () => {
    const { euro } = stack.deployment;
    const quoted = await customer.quote(euro, 20n * EUROS);
    const good = await customer.compose(quoted, merchant.address);
    const change = (terms: Partial<FxPayment["terms"]>, rest: Partial<FxPayment> = {}) =>
      outcomeOf(customer.submit({ ...good, ...rest, terms: { ...good.terms, ...terms } }));
    expect(await change({ quote: hexlify(randomBytes(32)) })).to.equal("422 unknown_quote");
    expect(await change({ settleToken: stack.deployment.yen })).to.equal("422 invalid_terms");
    expect(await change({ payee: stack.deployment.ledger })).to.equal("422 invalid_payee");
    expect(await change({}, { payee: stack.deployment.escrow })).to.equal("422 invalid_payee");
    expect(await change({}, { amount: good.amount - 1n })).to.equal("422 ceiling_too_low");
    expect(await change({}, { token: euro })).to.equal("422 invalid_terms");
    const { payer, payee, token, amount, nonce, deadline } = good;
    const plain = { payer, payee, token, amount, nonce, deadline, memo: good.terms.memo };
    expect(await outcomeOf(client.submitPayment(plain, "0x01"))).to.equal("422 invalid_payee");
    expect(await outcomeOf(client.submitPayment(good, await customer.sign(good), undefined, "permit2"))).to.equal(
      "400 invalid_field",
    );
    const account = await client.account(customer.wallet.address, stack.deployment.dollar);
    expect(account.reserved).to.equal("0");
  });

  it("refuses a quote that has expired, and takes a new one under the same nonce", async () => {
    maker.ttlSeconds = 6n;
    const quoted = await customer.quote(stack.deployment.euro, 20n * EUROS);
    const old = await customer.compose(quoted, merchant.address);
    await stack.provider.send("evm_increaseTime", [10]);
    await stack.provider.send("evm_mine", []);
    // The relayer goes by the chain's time as far as it has followed it.
    maker.ttlSeconds = 60n;
    for (const end = Date.now() + 10_000; ;) {
      const { expiresAt, ttlSeconds } = await customer.quote(stack.deployment.euro, 20n * EUROS);
      if (Number(expiresAt) - ttlSeconds > Number(quoted.expiresAt)) break;
      if (Date.now() > end) throw new Error("the relayer's time does not pass");
    }
    expect(await outcomeOf(customer.submit(old))).to.equal("409 quote_expired");
    customer.nonce = old.nonce;
    expect((await pay()).state).to.be.oneOf(settled);
  });

  it("rejects a payment whose quote ends on its way, and settles its successor", async () => {
    maker.ttlSeconds = 8n;
    const quoted = await customer.quote(stack.deployment.euro, 20n * EUROS);
    const payment = await customer.compose(quoted, merchant.address);
    await stack.provider.send("evm_setAutomine", [false]);
    await stack.provider.send("evm_setIntervalMining", [0]);
    try {
      const { id } = await customer.submit(payment);
      for (const end = Date.now() + 20_000; (await client.payment(id)).state !== "submitted";) {
        if (Date.now() > end) throw new Error("it was not submitted");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await stack.provider.send("evm_increaseTime", [20]);
      await stack.provider.send("evm_mine", []);
      expect(await client.decided(id)).to.include({ state: "rejected", code: "quote_expired" });
    } finally {
      await stack.provider.send("evm_setAutomine", [true]);
      await stack.provider.send("evm_setIntervalMining", [1_000]);
    }
    expect(await customer.balance()).to.equal(1_000n * EUROS);
    maker.ttlSeconds = 60n;
    customer.nonce = payment.nonce;
    expect((await pay()).state).to.be.oneOf(settled);
  });

  it("promises no more of a quote than it has, and refuses one that its maker voided", async () => {
    maker.capacity = 30n * EUROS;
    const quoted = await customer.quote(stack.deployment.euro, 20n * EUROS);
    const first = await customer.submit(await customer.compose(quoted, merchant.address));
    const second = await customer.compose(quoted, merchant.address);
    expect(await outcomeOf(customer.submit(second))).to.equal("409 quote_exhausted");
    expect((await client.decided(first.id)).state).to.be.oneOf(settled);
    expect(await outcomeOf(customer.submit(second))).to.equal("409 quote_exhausted");

    customer.nonce = second.nonce;
    const other = await customer.quote(stack.deployment.euro, 20n * EUROS);
    await (await maker.exchange().cancelAllQuotes()).wait();
    const voided = await customer.compose(other, merchant.address);
    for (const end = Date.now() + 10_000; !(await client.quote(other.id)).cancelled;) {
      if (Date.now() > end) throw new Error("the quote does not show as cancelled");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await outcomeOf(customer.submit(voided))).to.equal("409 quote_cancelled");
    customer.nonce = voided.nonce;
    expect((await pay()).state).to.be.oneOf(settled);
  });

  it("settles those that the maker has enough for when she runs dry in the middle of a batch", async () => {
    const { euro } = stack.deployment;
    const quoted = await customer.quote(euro, 20n * EUROS);
    const payments = [
      await customer.compose(quoted, merchant.address),
      await customer.compose(quoted, merchant.address),
    ];
    const had = await customer.balance(euro, maker.wallet.address);
    const views = await Promise.all(payments.map((payment) => customer.submit(payment)));
    const elsewhere = new Wallet(hexlify(randomBytes(32))).address;
    await (await maker.ledger().transfer(elsewhere, BigInt(euro), had - 30n * EUROS)).wait();
    const states = await Promise.all(views.map(({ id }) => client.decided(id)));
    expect(states.filter(({ state }) => settled.includes(state))).to.have.length(1);
    const short = states.find(({ state }) => state === "rejected");
    expect(short?.code).to.equal("maker_short");
    expect(await customer.balance(euro, merchant.address)).to.equal(20n * EUROS);
    await fund(stack, euro, maker.wallet.address, had);
    customer.nonce = BigInt(short?.nonce ?? 0);
    expect((await pay()).state).to.be.oneOf(settled);
  });

  it("settles a row that somebody else sends first, once", async () => {
    const quoted = await customer.quote(stack.deployment.euro, 20n * EUROS);
    const payment = await customer.compose(quoted, merchant.address);
    const { terms } = payment;
    const compact = toCompactSignature(await customer.sign(payment));
    const quoteSignature = toCompactSignature(quoted.signature);
    const row = { ...payment, payee: terms.payee, settleAmount: terms.settleAmount, memo: terms.memo, ...compact };
    const sending = exchange()
      .connect(stack.deployer)
      .exchange([{ quote: quoted.quote, ...quoteSignature, rows: [row] } as never]);
    const { id } = await customer.submit(payment);
    await (await sending).wait();
    const view = await client.decided(id);
    expect(view.state).to.be.oneOf(settled);
    expect(view.exchange?.paid).to.equal(quoted.payAmount);
    expect(await exchange().queryFilter(exchange().filters.Exchanged(id))).to.have.length(1);
  });

  it("settles again what a reorg undid", async () => {
    await stack.provider.send("evm_mine", []);
    const quoted = await customer.quote(stack.deployment.euro, 20n * EUROS);
    const payment = await customer.compose(quoted, merchant.address);
    const snapshot = (await stack.provider.send("evm_snapshot", [])) as string;
    const first = await customer.pay(payment);
    expect((await client.quote(quoted.id)).filled).to.equal("20000000");
    await stack.provider.send("evm_revert", [snapshot]);
    for (let block = 0; block < 4; block += 1) await stack.provider.send("evm_mine", []);
    for (const end = Date.now() + 30_000; ;) {
      const logs = await exchange().queryFilter(exchange().filters.Exchanged(first.id));
      const view = await client.payment(first.id);
      if (logs.length === 1 && view.blockNumber === String(logs[0]?.blockNumber) && view.state === "final") break;
      if (Date.now() > end) throw new Error(`${logs.length} events, ${view.state} in block ${view.blockNumber}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await client.payment(first.id)).exchange?.paid).to.equal(quoted.payAmount);
    expect((await client.quote(quoted.id)).filled).to.equal("20000000");
    expect(await customer.balance()).to.equal(1_000n * EUROS - BigInt(quoted.payAmount));
  });

  const escrowDomain = () => ({ chainId: LOCAL_CHAIN_ID, escrow: stack.deployment.escrow });

  async function done(act: ActView): Promise<ActView> {
    const decided = await client.actDecided(act.id);
    if (decided.state === "rejected") throw new Error(`${decided.verb}: ${decided.code}`);
    return decided;
  }

  async function capture(view: PaymentView, amount: bigint, captured = 0n): Promise<void> {
    const deadline = await deadlineIn(stack, 600n);
    const value = { id: view.hold?.id, amount, captured, deadline };
    const signature = await signConsent(merchant, escrowDomain(), CAPTURE_TYPES, value);
    const consent = { deadline: deadline.toString(), signature };
    const body = { amount: amount.toString(), captured: captured.toString(), consent };
    await done(await client.act(view.id, "capture", body, randomUUID()));
  }

  async function refund(view: PaymentView, amount: bigint, maxCost: bigint, refunded = 0n): Promise<ActView> {
    const { dollar: settleToken, euro: payToken } = stack.deployment;
    const [quoted] = await client.quotes({ payToken, settleToken, settleAmount: 20n * EUROS });
    if (quoted === undefined) throw new Error("no quote for the way back");
    const deadline = await deadlineIn(stack, 600n);
    const consent = { id: view.id, amount, refunded, quote: quoted.id, maxCost, deadline };
    const domain = { chainId: LOCAL_CHAIN_ID, exchange: stack.deployment.exchange };
    const signature = await signFxRefund(merchant, domain, consent);
    const body = {
      ...{ amount: amount.toString(), refunded: refunded.toString(), quote: quoted.id, maxCost: maxCost.toString() },
      consent: { deadline: deadline.toString(), signature },
    };
    return client.act(view.id, "fx-refund", body, randomUUID());
  }

  /** The merchant allows the Exchange to take what her refunds cost. */
  async function allow(): Promise<void> {
    const message = {
      ...{ owner: merchant.address, spender: stack.deployment.exchange, token: stack.deployment.euro },
      ...{ amount: 2n ** 128n, nonce: 900n, deadline: await deadlineIn(stack, 600n) },
    };
    const domain = { chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger };
    const signature = await signInstruction(merchant, domain, "approval", message);
    const { id } = await client.submitInstruction("approval", message, signature);
    await client.instructionDecided(id);
  }

  describe("into a hold", () => {
    it("holds euros for dollars, captured in part, the rest voided to the payer in euros", async () => {
      const { euro } = stack.deployment;
      const quoted = await customer.quote(euro, 20n * EUROS);
      const payment = await customer.composeHold(quoted, merchant.address, "settlement_currency");
      const view = await customer.pay(payment);
      const open = await client.payment(view.id);
      expect(open).to.include({ status: "requires_capture", id: fxPaymentId(domainOfLedger(), payment) });
      expect(open.hold).to.include({ status: "open", token: euro, amount: "20000000", held: "20000000" });
      expect(open.hold?.id).to.not.equal(open.id);
      const escrow = Escrow__factory.connect(stack.deployment.escrow, stack.provider);
      expect((await escrow.holdOf(open.hold?.id ?? "")).status).to.equal(1n);
      await capture(open, 15n * EUROS);
      const deadline = await deadlineIn(stack, 600n);
      const signature = await signConsent(merchant, escrowDomain(), VOID_TYPES, {
        ...{ id: open.hold?.id, captured: 15n * EUROS, deadline },
      });
      const consent = { deadline: deadline.toString(), signature };
      await done(await client.act(view.id, "void", { consent }, randomUUID()));
      expect(await customer.balance(euro, merchant.address)).to.equal(15n * EUROS);
      expect(await customer.balance(euro)).to.equal(5n * EUROS);
      expect((await client.payment(view.id)).status).to.equal("succeeded");
      expect(await outcomeOf(refund(view, EUROS, EUROS))).to.equal("409 refund_elsewhere");
    });

    const domainOfLedger = () => ({ chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger });

    it("lets the payer bear the rate only where price feeds guard the way back", async () => {
      const quoted = await customer.quote(stack.deployment.euro, 20n * EUROS);
      const payment = await customer.composeHold(quoted, merchant.address, "payer_bears");
      expect(await outcomeOf(customer.submit(payment))).to.equal("422 invalid_terms");
      const other = await customer.composeHold(quoted, stack.deployment.exchange, "payee_bears");
      expect(await outcomeOf(customer.submit(other))).to.equal("422 invalid_terms");
    });

    it("opens the very hold at a new quote, after the first had ended", async () => {
      maker.capacity = 20n * EUROS;
      const quoted = await customer.quote(stack.deployment.euro, 20n * EUROS);
      const payment = await customer.composeHold(quoted, merchant.address, "payee_bears");
      const exhausting = await FxCustomer.open(stack, stack.deployment.dollar, 100n * EUROS);
      const first = await exhausting.submit(await exhausting.compose(quoted, merchant.address));
      expect(await outcomeOf(customer.submit(payment))).to.equal("409 quote_exhausted");
      await client.decided(first.id);
      const again = await customer.quote(stack.deployment.euro, 20n * EUROS);
      const next = { ...payment, amount: BigInt(again.payAmount), terms: { ...payment.terms, quote: again.id } };
      const view = await customer.pay(next);
      expect(view.state).to.be.oneOf(settled);
      expect((await client.payment(view.id)).hold).to.include({ status: "open", held: "20000000" });
    });

    it("refunds dollars after the rate moved, the payee bearing it", async () => {
      const { euro, dollar } = stack.deployment;
      const quoted = await customer.quote(euro, 20n * EUROS);
      const view = await customer.pay(await customer.composeHold(quoted, merchant.address, "payee_bears"));
      await capture(await client.payment(view.id), 20n * EUROS);
      await allow();
      await fund(stack, euro, merchant.address, 10n * EUROS);
      // The dollar has risen: to give the payer her dollars back costs the merchant more than 20 euros.
      maker.setRate(euro, dollar, 98_000n, 100_000n);
      const paid = BigInt(quoted.payAmount);
      const half = paid / 2n;
      const cost = costOf({ payAmount: 98_000n, settleAmount: 100_000n }, half);
      expect(cost > 10n * EUROS).to.equal(true);
      expect(await outcomeOf(refund(view, 10n * EUROS, cost - 1n))).to.equal("422 cost_too_high");
      await done(await refund(view, 10n * EUROS, cost));
      expect(await customer.balance(dollar)).to.equal(1_000n * EUROS - paid + half);
      expect(await customer.balance(euro, merchant.address)).to.equal(30n * EUROS - cost);
      expect(await outcomeOf(refund(view, 9n * EUROS, 20n * EUROS))).to.equal("409 stale_sum");
      expect(await outcomeOf(refund(view, 11n * EUROS, 20n * EUROS, 10n * EUROS))).to.equal("422 amount_too_high");
      await done(await refund(view, 10n * EUROS, 20n * EUROS, 10n * EUROS));
      expect(await customer.balance(dollar)).to.equal(1_000n * EUROS);
      const after = await client.payment(view.id);
      expect(after.status).to.equal("refunded");
      expect(after.exchange).to.include({ refunded: "20000000", returned: paid.toString() });
      maker.setRate(euro, dollar, 92_600n, 100_000n);
    });
  });

  it("says what the day came to: gross and net by currency, and by corridor", async () => {
    const { dollar, euro } = stack.deployment;
    const view = await pay();
    const date = new Date(Number(view.settledAt) * 1_000).toISOString().slice(0, 10);
    const report = await client.netting(date);
    const corridor = report.corridors.find(({ payToken, settleToken }) => payToken === dollar && settleToken === euro);
    expect(corridor?.payments).to.be.greaterThan(0);
    for (const { token, gross, net, saved } of report.tokens) {
      expect(BigInt(net) + BigInt(saved)).to.equal(BigInt(gross));
      const nets = report.positions
        .filter((position) => position.token === token)
        .map((position) => BigInt(position.net));
      expect(nets.reduce((sum, amount) => sum + amount, 0n)).to.equal(0n);
      expect(nets.reduce((sum, amount) => sum + (amount > 0n ? amount : 0n), 0n)).to.equal(BigInt(net));
    }
    // Dollars and euros went both ways, so the day nets to less.
    expect(report.tokens.find(({ token }) => token === euro)?.savedBps).to.be.greaterThan(0);
    expect(report.complete).to.equal(false);
    for (const wrong of ["", "2026-02-30", "2026-2-3", "today"]) {
      expect(await outcomeOf(client.netting(wrong)), wrong).to.equal("400 invalid_field");
    }
  });

  it("balances, by the chain alone", async () => {
    expect((await readBooks(stack)).imbalances).to.deep.equal([]);
    expect(await unbalancedAccounts(stack)).to.deep.equal([]);
  });

  describe("held against price feeds", () => {
    before(async () => {
      const { dollar, euro } = stack.deployment;
      await openGuards(stack.deployment, stack.deployer);
      // Near what the feeds say on the replay's first day.
      const price = (await TestFeed__factory.connect(stack.deployment.euroFeed, stack.provider).latestRoundData())[1];
      maker.setRate(dollar, euro, price, 10n ** 8n);
      maker.setRate(euro, dollar, 10n ** 8n, price);
    });

    it("refunds what the refund buys, the payer bearing the rate", async () => {
      const { euro, dollar } = stack.deployment;
      const quoted = await customer.quote(euro, 20n * EUROS);
      const view = await customer.pay(await customer.composeHold(quoted, merchant.address, "payer_bears"));
      expect(view.state).to.be.oneOf(settled);
      await capture(await client.payment(view.id), 20n * EUROS);
      await allow();
      // One percent down on the way back, within the guard.
      const price = (await TestFeed__factory.connect(stack.deployment.euroFeed, stack.provider).latestRoundData())[1];
      maker.setRate(euro, dollar, 101n * 10n ** 8n, 100n * price);
      const before = await customer.balance(dollar);
      await done(await refund(view, 5n * EUROS, 5n * EUROS));
      const returned = (await customer.balance(dollar)) - before;
      expect((await client.payment(view.id)).exchange).to.include({ refunded: "5000000", returned: String(returned) });
      expect(await customer.balance(euro, merchant.address)).to.equal(15n * EUROS);
      // Within a unit of what 5 euros are at that rate, and less than she paid for them.
      const bought = (5n * EUROS * 100n * price) / (101n * 10n ** 8n);
      expect(bought - returned <= 1n && returned <= bought).to.equal(true);
      expect(returned < BigInt(quoted.payAmount) / 4n).to.equal(true);
    });

    it("gives no quote out that is too far off", async () => {
      const { dollar, euro } = stack.deployment;
      maker.setRate(dollar, euro, 130n, 100n);
      const asked = client.quotes({ payToken: dollar, settleToken: euro, settleAmount: EUROS });
      expect(await outcomeOf(asked)).to.equal("503 no_quote");
      const price = (await TestFeed__factory.connect(stack.deployment.euroFeed, stack.provider).latestRoundData())[1];
      maker.setRate(dollar, euro, price, 10n ** 8n);
    });

    it("rejects a payment whose feed goes stale on its way, and takes nothing", async () => {
      const { dollar, euro } = stack.deployment;
      const guard = { payFeed: "0x0000000000000000000000000000000000000000", settleFeed: stack.deployment.euroFeed };
      const contract = Exchange__factory.connect(stack.deployment.exchange, stack.deployer);
      await (await contract.setGuard(dollar, euro, { ...guard, maxAge: 20n, maxDeviationBps: 200n })).wait();
      const feed = TestFeed__factory.connect(stack.deployment.euroFeed, stack.deployer);
      const price = (await feed.latestRoundData())[1];
      await (await feed.setAnswer(price)).wait();
      maker.ttlSeconds = 600n;
      const payment = await customer.compose(await customer.quote(euro, 20n * EUROS), merchant.address);
      const { id } = await customer.submit(payment);
      await stack.provider.send("evm_increaseTime", [40]);
      await stack.provider.send("evm_mine", []);
      expect(await client.decided(id)).to.include({ state: "rejected", code: "stale_feed" });
      expect(await customer.balance()).to.equal(1_000n * EUROS);
      await (await feed.setAnswer(price)).wait();
      customer.nonce = payment.nonce;
      expect((await pay()).state).to.be.oneOf(settled);
    });
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

describe("exchanged exactly once, whoever is killed", () => {
  it("a relayer that is killed with exchanged payments and holds under way, beside another", async () => {
    const maker = await TestMaker.listen();
    const { stack, stop } = await startTestStack({
      ...{ CORRIDOR_MAKERS: maker.url, CORRIDOR_BATCH_ROWS: "4", CORRIDOR_BATCH_AGE_MS: "30" },
      CORRIDOR_LEASE_MS: "1000",
    });
    const second = await startPart("relayer", "relayer/main.ts", [], {
      ...stack.environment,
      CORRIDOR_PORT: String(await freePort()),
    });
    try {
      const { dollar, euro } = stack.deployment;
      await maker.open(stack, 10n ** 15n);
      maker.setRate(dollar, euro, 108_300n, 100_000n);
      maker.ttlSeconds = 600n;
      const merchant = new Wallet(hexlify(randomBytes(32)));
      const customers: FxCustomer[] = [];
      for (let index = 0; index < 6; index += 1) customers.push(await FxCustomer.open(stack, dollar, 1_000n * EUROS));
      const first = customers[0];
      if (first === undefined) throw new Error("no customer");
      const quoted = await first.quote(euro, 100n);
      const ids: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        for (const customer of customers) {
          const payment =
            round % 2 === 0
              ? await customer.compose(quoted, merchant.address)
              : await customer.composeHold(quoted, merchant.address, "settlement_currency");
          ids.push((await patiently(() => customer.submit(payment))).id);
        }
        stack.relayer().child.kill("SIGKILL");
        await stack.relayer().exited;
        await stack.restartRelayer();
      }
      const client = new CorridorClient(second.url);
      for (const id of ids) expect((await client.decided(id)).state).to.be.oneOf(["settled", "final"]);
      const exchange = Exchange__factory.connect(stack.deployment.exchange, stack.provider);
      for (const id of ids) {
        const paid = await exchange.queryFilter(exchange.filters.Exchanged(id));
        const held = await exchange.queryFilter(exchange.filters.Held(id));
        expect(paid.length + held.length).to.equal(1);
      }
      const books = await readBooks(stack);
      expect(books.imbalances).to.deep.equal([]);
      expect([...books.settled].sort()).to.deep.equal([...ids].sort());
      expect((await exchange.fillOf(quoted.id)).filled).to.equal(BigInt(ids.length) * 100n);
    } finally {
      await second.stop();
      await stop();
      await maker.stop();
    }
  });
});
