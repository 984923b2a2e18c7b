import { readFileSync } from "node:fs";

import { expect } from "chai";
import { Wallet } from "ethers";
import { pino } from "pino";

import { type Book, createBook } from "../../maker/book.ts";
import { MakerConfigError, parseMakerConfig } from "../../maker/config.ts";
import type { MakerChain } from "../../maker/inventory.ts";
import { dayAt, parseSeries } from "../../maker/rates/series.ts";
import { createMakerServer } from "../../maker/server.ts";
import { quoteId } from "../../sdk/exchange-typed-data.ts";
import { recoverSigner, toCompactSignature } from "../../sdk/signature.ts";

const ECB = parseSeries(readFileSync("maker/rates/ecb.csv", "utf8"));
const wallet = new Wallet(`0x${"11".repeat(32)}`);
const at = (byte: string): string => new Wallet(`0x${byte.repeat(32)}`).address;
const [DOLLAR, EURO, YEN] = [at("22"), at("33"), at("44")];
const domain = { chainId: 31_337n, exchange: at("55") };

/** A maker whose chain a test sets. */
function open() {
  const state = { now: 1_000n, generation: 0n, elapsed: 0, stock: 10n ** 12n };
  const fills = new Map<string, { filled: bigint; isCancelled: boolean }>();
  const chain: MakerChain = {
    chainId: domain.chainId,
    decimals: new Map([
      [DOLLAR, 6],
      [EURO, 6],
      [YEN, 0],
    ]),
    now: () => Promise.resolve(state.now),
    generation: () => Promise.resolve(state.generation),
    fill: (quote) => Promise.resolve(fills.get(quote) ?? { filled: 0n, isCancelled: false }),
    inventory: () => Promise.resolve(state.stock),
  };
  const currencies = new Map([
    [DOLLAR, "USD"],
    [EURO, "EUR"],
    [YEN, "JPY"],
  ]);
  const book = createBook({
    ...{ wallet, domain, chain, currencies, spreadBps: 25, ttlSeconds: 60, capacityEuros: 1_000n },
    today: () => dayAt(ECB, { from: "2026-10-01", secondsPerDay: 10 }, state.elapsed),
  });
  return { state, fills, book };
}

async function idOf(book: Book, amount = 1_000_000n): Promise<string> {
  const quoted = await book.quote(DOLLAR, EURO, amount);
  if (quoted === undefined) throw new Error("not quoted");
  return quoteId(domain, quoted.quote);
}

describe("a maker's book", () => {
  it("signs a quote of its rate, worth its capacity, for its time", async () => {
    const { book } = open();
    const quoted = await book.quote(DOLLAR, EURO, 1_000_000n);
    if (quoted === undefined) throw new Error("not quoted");
    const { quote, signature } = quoted;
    // 1.1298 dollars a euro on the first of October, and a quarter of a percent.
    expect(quote).to.include({ maker: wallet.address, payToken: DOLLAR, settleToken: EURO, deadline: 1_060n });
    expect(quote.settleAmount).to.equal(1_000_000_000n);
    const perEuro = ECB.find(({ date }) => date === "2026-10-01")?.perEuro.get("USD");
    const exact = 1_000_000_000n * (perEuro?.digits ?? 0n) * 10_025n;
    const unit = 10n ** BigInt(perEuro?.scale ?? 0) * 10_000n;
    expect(quote.payAmount).to.equal((exact + unit - 1n) / unit);
    const compact = toCompactSignature(signature);
    expect(compact && recoverSigner(quoteId(domain, quote), compact)).to.equal(wallet.address);
  });

  it("hands the same quote to many, until half of its time is over", async () => {
    const { book, state } = open();
    const ids = await Promise.all([idOf(book), idOf(book), idOf(book)]);
    expect(new Set(ids).size).to.equal(1);
    state.now += 30n;
    expect(await idOf(book)).to.equal(ids[0]);
    state.now += 1n;
    const next = await Promise.all([idOf(book), idOf(book)]);
    expect(next[0]).to.not.equal(ids[0]);
    expect(new Set(next).size).to.equal(1);
  });

  it("turns to a new one when it is used up, voided, of an old generation, or the rate has moved", async () => {
    const { book, state, fills } = open();
    let last = await idOf(book);
    const expectNew = async (amount?: bigint) => {
      const next = await idOf(book, amount);
      expect(next).to.not.equal(last);
      last = next;
    };
    fills.set(last, { filled: 999_000_001n, isCancelled: false });
    expect(await idOf(book, 999_999n)).to.equal(last);
    await expectNew(1_000_000n);
    fills.set(last, { filled: 0n, isCancelled: true });
    await expectNew();
    state.generation = 1n;
    await expectNew();
    state.elapsed = 10;
    await expectNew();
    expect(await idOf(book)).to.equal(last);
  });

  it("quotes no more than it has or may give, nor a currency for itself", async () => {
    const { book, state } = open();
    expect(await book.quote(DOLLAR, EURO, 1_000_000_001n)).to.equal(undefined);
    expect(await book.quote(EURO, EURO, 1n)).to.equal(undefined);
    state.stock = 999_999n;
    expect(await book.quote(DOLLAR, EURO, 1_000_000n)).to.equal(undefined);
    expect(await book.quote(DOLLAR, EURO, 999_999n)).to.not.equal(undefined);
  });
});

describe("a maker's door", () => {
  async function ask(body: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
    const { book } = open();
    const server = createMakerServer({ book, domain, tokens: [DOLLAR, EURO, YEN], log: pino({ level: "silent" }) });
    const response = await server.inject({
      ...{ method: "POST", url: "/v1/quotes", headers: { "content-type": "application/json" } },
      payload: typeof body === "string" ? body : JSON.stringify(body),
    });
    await server.close();
    return { status: response.statusCode, json: response.json() };
  }
  const question = {
    ...{ chainId: "31337", exchange: domain.exchange, payToken: DOLLAR, settleToken: EURO, settleAmount: "1000000" },
  };

  it("answers quotes: of the pay currency asked, or of each", async () => {
    const one = await ask(question);
    expect(one.status).to.equal(200);
    expect(one.json.quotes).to.have.length(1);
    const { chainId, exchange, settleToken, settleAmount } = question;
    const each = (await ask({ chainId, exchange, settleToken, settleAmount })).json.quotes as {
      quote: { payToken: string; payAmount: string };
    }[];
    expect(each.map(({ quote }) => quote.payToken).sort()).to.deep.equal([DOLLAR, YEN].sort());
    expect(each[0]?.quote.payAmount).to.match(/^\d+$/);
  });

  it("refuses what it does not quote, with what was expected", async () => {
    const cases: [Record<string, unknown> | string, number, string][] = [
      ["{", 400, "malformed_body"],
      [{ ...question, settleAmount: "0" }, 400, "invalid_field"],
      [{ ...question, settleAmount: 5 }, 400, "invalid_field"],
      [{ ...question, settleToken: "0x12" }, 400, "invalid_field"],
      [{ ...question, more: 1 }, 400, "invalid_field"],
      [{ ...question, chainId: "1" }, 422, "not_quoted"],
      [{ ...question, exchange: DOLLAR }, 422, "not_quoted"],
      [{ ...question, settleToken: wallet.address }, 422, "not_quoted"],
      [{ ...question, payToken: wallet.address }, 422, "not_quoted"],
      [{ ...question, settleAmount: "1000000001" }, 422, "not_quoted"],
    ];
    for (const [body, status, code] of cases) {
      const answer = await ask(body);
      expect([answer.status, answer.json.code], JSON.stringify(body)).to.deep.equal([status, code]);
    }
  });

  it("starts with valid settings only, and tells no key", () => {
    const key = `0x${"77".repeat(32)}`;
    const good = {
      ...{ MAKER_KEY: key, MAKER_RPC_URL: "http://127.0.0.1:8545", MAKER_EXCHANGE: domain.exchange },
      MAKER_CURRENCIES: `${DOLLAR}=USD,${EURO}=EUR`,
    };
    expect(parseMakerConfig({ ...good, MAKER_TTL_S: "" })).to.include({ ttlSeconds: 60, spreadBps: 25, port: 8_090 });
    for (const wrong of [
      { MAKER_KEY: `${key}00` },
      { MAKER_CURRENCIES: `${DOLLAR}=USD` },
      { MAKER_CURRENCIES: `${DOLLAR}=USD,${EURO}` },
      { MAKER_SPREAD_BPS: "10001" },
      { MAKER_RATES_FROM: "yesterday" },
      { MAKER_EXCHANGE: "0x12" },
    ]) {
      const parse = () => parseMakerConfig({ ...good, ...wrong });
      expect(parse, JSON.stringify(wrong))
        .to.throw(MakerConfigError)
        .with.property("message")
        .that.does.not.contain("7777");
    }
  });
});
