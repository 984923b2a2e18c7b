import { createServer, type RequestListener, type Server } from "node:http";

import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";
import { network } from "hardhat";
import { pino } from "pino";

import { createQuoteQuestion } from "../../relayer/chain/quote-question.ts";
import { createQuoteDesk, type QuoteDesk } from "../../relayer/makers/quote-desk.ts";
import { type ExchangeDomain, quoteId, signQuote } from "../../sdk/exchange-typed-data.ts";
import type { Quote } from "../../sdk/quote.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestFeed__factory } from "../../typechain-types/factories/contracts/mocks/TestFeed__factory.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";

const CAPACITY = 1_000_000n;

/** A Ledger, an Exchange, three currencies, and makers with as much of the second as their quotes give. */
async function openMarket() {
  const { ethers } = await network.create();
  const [deployer] = await ethers.getSigners();
  if (deployer === undefined) throw new Error("no account");
  const manager = await ethers.deployContract("AccessManager", [deployer.address]);
  const verifier = await ethers.deployContract("SignatureVerifier");
  const ledgerContract = await ethers.deployContract("Ledger", [
    await manager.getAddress(),
    await verifier.getAddress(),
  ]);
  const ledger = Ledger__factory.connect(await ledgerContract.getAddress(), deployer);
  const escrow = await ethers.deployContract("Escrow", [await ledger.getAddress()]);
  const contract = await ethers.deployContract("Exchange", [await manager.getAddress(), await escrow.getAddress()]);
  const exchange = Exchange__factory.connect(await contract.getAddress(), deployer);
  const tokens: string[] = [];
  for (const decimals of [6, 6, 0]) {
    const coin = await ethers.deployContract("TestToken", ["Test", "TST", decimals]);
    await (await coin.getFunction("mint")(deployer.address, 10n ** 15n)).wait();
    await (await coin.getFunction("approve")(await ledger.getAddress(), 10n ** 15n)).wait();
    tokens.push(await coin.getAddress());
  }
  const [dollar = "", euro = "", yen = ""] = tokens;
  const { chainId } = await ethers.provider.getNetwork();
  const domain: ExchangeDomain = { chainId, exchange: await exchange.getAddress() };
  const now = async () => BigInt((await ethers.provider.getBlock("latest"))?.timestamp ?? 0);
  return {
    ...{ ethers, ledger, exchange, dollar, euro, yen, domain, now },
    async newMaker(inventory = CAPACITY): Promise<Wallet> {
      const maker = new Wallet(hexlify(randomBytes(32)), ethers.provider);
      await (await deployer.sendTransaction({ to: maker.address, value: 10n ** 18n })).wait();
      if (inventory > 0n) await (await ledger.deposit(euro, maker.address, inventory)).wait();
      await (await ledger.connect(maker).setOperator(await exchange.getAddress(), true)).wait();
      return maker;
    },
  };
}

type Market = Awaited<ReturnType<typeof openMarket>>;

describe("asking makers for quotes", () => {
  let market: Market;
  let servers: Server[] = [];

  before(async () => {
    market = await openMarket();
  });

  afterEach(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    servers = [];
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  /** A maker's server that answers whatever it is asked with these. */
  function serveQuotes(quotes: readonly unknown[], status = 200): Promise<string> {
    return serve((_request, response) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ quotes }));
    });
  }

  async function quoteBy(maker: Wallet, changes: Partial<Quote> = {}): Promise<Quote> {
    return {
      ...{ maker: maker.address, payToken: market.dollar, settleToken: market.euro, settleAmount: CAPACITY },
      ...{
        payAmount: 1_083_000n,
        generation: 0n,
        deadline: (await market.now()) + 60n,
        salt: hexlify(randomBytes(32)),
      },
      ...changes,
    };
  }

  async function signed(maker: Wallet, changes: Partial<Quote> = {}, signer = maker) {
    const quote = await quoteBy(maker, changes);
    return {
      quote: view(quote),
      signature: await signQuote(signer, market.domain, quote),
      id: quoteId(market.domain, quote),
    };
  }

  function view(quote: Quote): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(quote).map(([key, member]: [string, string | bigint]) => [key, member.toString()]),
    );
  }

  const leftOut: string[] = [];

  function deskOf(makers: readonly string[], timeoutMs = 500): QuoteDesk {
    leftOut.length = 0;
    return createQuoteDesk({
      onLeftOut: (maker, reason) =>
        leftOut.push(`${new URL(makers[0] ?? "").host === maker ? "" : `${maker}: `}${reason}`),
      ...{ makers, domain: market.domain, tokens: [market.dollar, market.euro, market.yen], timeoutMs },
      isFillable: createQuoteQuestion(market.ethers.provider, market.domain.exchange),
      now: market.now,
      log: pino({ level: "silent" }),
    });
  }

  const ask = (desk: QuoteDesk, settleAmount = 1_000n, payToken?: string) =>
    desk.quote({ payToken, settleToken: market.euro, settleAmount });

  it("gives the cheapest for each pay currency, and of two as cheap the one that holds longer", async () => {
    const [first, second] = [await market.newMaker(), await market.newMaker()];
    const now = await market.now();
    const [dear, cheap] = [await signed(first, { payAmount: 1_090_000n }), await signed(second)];
    const longer = await signed(first, { deadline: now + 90n });
    const inYen = await signed(second, { payToken: market.yen, payAmount: 170n });
    const urls = [await serveQuotes([dear, longer]), await serveQuotes([cheap, inYen])];
    const best = await ask(deskOf(urls));
    expect(best.map(({ quote }) => quote.id).sort()).to.deep.equal([longer.id, inYen.id].sort());
    const one = await ask(deskOf(urls), 1_000n, market.dollar);
    expect(one.map(({ quote, cost }) => [quote.id, cost])).to.deep.equal([[longer.id, 1_083n]]);
  });

  it("leaves out makers that are down, slow, redirecting, endless, rude or broken, and waits for none of them", async () => {
    const maker = await market.newMaker();
    const good = await signed(maker);
    const goodUrl = await serveQuotes([good]);
    const urls = [
      "http://127.0.0.1:1",
      await serve(() => undefined),
      await serve((_request, response) => response.writeHead(307, { location: `${goodUrl}/v1/quotes` }).end()),
      await serve((_request, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write("x".repeat(16_384)), 1);
        response.on("close", () => {
          clearInterval(timer);
        });
      }),
      await serveQuotes([good], 500),
      await serve((_request, response) => response.writeHead(200).end("<html>")),
      await serve((_request, response) => response.writeHead(200).end("null")),
    ];
    const startedAt = performance.now();
    expect(await ask(deskOf(urls))).to.deep.equal([]);
    expect(performance.now() - startedAt).to.be.lessThan(2_000);
    expect(leftOut).to.have.length(urls.length);
    expect(leftOut.some((reason) => reason.endsWith("status 500"))).to.equal(true);
    const best = await ask(deskOf([...urls, goodUrl]));
    expect(best.map(({ quote }) => quote.id)).to.deep.equal([good.id]);
  });

  it("takes nothing that is not what was asked, nor signed, nor in time", async () => {
    const [maker, other] = [await market.newMaker(), await market.newMaker()];
    const now = await market.now();
    const outsider = await market.newMaker();
    const wrong: unknown[] = [
      await signed(maker, { settleToken: market.yen }),
      await signed(maker, { payToken: market.euro }),
      await signed(maker, { payToken: outsider.address }),
      await signed(maker, { deadline: now + 4n }),
      await signed(maker, { settleAmount: 999n }),
      await signed(maker, {}, other),
      { ...(await signed(maker)), signature: "0x12" },
      { ...(await signed(maker)), signature: `0x${"00".repeat(65)}` },
    ];
    const reasons = ["another pair", "another pair", "another pair", "too little time", "too little capacity"];
    reasons.push(...Array<string>(3).fill("not its maker's signature"));
    for (const [index, one] of wrong.entries()) {
      expect(await ask(deskOf([await serveQuotes([one])])), String(index)).to.deep.equal([]);
      expect(leftOut, String(index)).to.deep.equal([reasons[index]]);
    }
    const malformed: Record<string, unknown>[] = [
      { payAmount: "0" },
      { payAmount: "-1" },
      { payAmount: 5 },
      { payAmount: (2n ** 128n).toString() },
      { deadline: (2n ** 48n).toString() },
      { maker: "0x12" },
      { salt: "0x12" },
    ];
    for (const change of malformed) {
      const good = await signed(maker);
      const url = await serveQuotes([{ ...good, quote: { ...good.quote, ...change } }]);
      expect(await ask(deskOf([url])), JSON.stringify(change)).to.deep.equal([]);
    }
    const domain = { ...market.domain, chainId: 1n };
    const quote = await quoteBy(maker);
    const elsewhere = { quote: view(quote), signature: await signQuote(maker, domain, quote) };
    expect(await ask(deskOf([await serveQuotes([elsewhere])]))).to.deep.equal([]);
  });

  it("gives nothing out that the contract would not fill now", async () => {
    const poor = await market.newMaker(999n);
    expect(await ask(deskOf([await serveQuotes([await signed(poor)])]))).to.deep.equal([]);

    const fickle = await market.newMaker();
    const [voided, kept] = [await signed(fickle, { payAmount: 1_000_000n }), await signed(fickle)];
    await (await market.exchange.connect(fickle).cancelQuote(voided.quote as never)).wait();
    const url = await serveQuotes([voided, kept]);
    expect((await ask(deskOf([url]))).map(({ quote }) => quote.id)).to.deep.equal([kept.id]);
    await (await market.exchange.connect(fickle).cancelAllQuotes()).wait();
    expect(await ask(deskOf([url]))).to.deep.equal([]);

    const feed = await market.ethers.deployContract("TestFeed", [8]);
    await (await TestFeed__factory.connect(await feed.getAddress(), fickle).setAnswer(108_300_000n)).wait();
    const terms = {
      payFeed: `0x${"00".repeat(20)}`,
      settleFeed: await feed.getAddress(),
      maxAge: 600,
      maxDeviationBps: 100,
    };
    await (await market.exchange.setGuard(market.dollar, market.euro, terms)).wait();
    try {
      const honest = await market.newMaker();
      const [far, near] = [await signed(honest, { payAmount: 1_000_000n }), await signed(honest)];
      const best = await ask(deskOf([await serveQuotes([far, near])]));
      expect(best.map(({ quote }) => quote.id)).to.deep.equal([near.id]);
    } finally {
      await (await market.exchange.removeGuard(market.dollar, market.euro)).wait();
    }
  });

  it("does not say that there is no quote where it could not ask the chain", async () => {
    const maker = await market.newMaker();
    const desk = createQuoteDesk({
      ...{ makers: [await serveQuotes([await signed(maker)])], domain: market.domain, tokens: [market.dollar] },
      isFillable: () => Promise.reject(new Error("no chain")),
      now: market.now,
      log: pino({ level: "silent" }),
    });
    let failed = false;
    await ask(desk).catch(() => (failed = true));
    expect(failed).to.equal(true);
  });
});
