import { expect } from "chai";
import { hexlify, randomBytes, Wallet, ZeroAddress } from "ethers";
import { network } from "hardhat";

import type { ExchangedRow, HoldToOpen } from "../../relayer/batching/batches.ts";
import { toStoredQuote } from "../../relayer/intake/fx.ts";
import { exchangeCall, exchangeIntoHoldsCall } from "../../relayer/lanes/exchanging.ts";
import { simulate } from "../../relayer/lanes/simulation.ts";
import type { QuoteRecord } from "../../relayer/store/quotes.ts";
import { fxPaymentId, quoteId, signFxPayment, signQuote } from "../../sdk/exchange-typed-data.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestFeed__factory } from "../../typechain-types/factories/contracts/mocks/TestFeed__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";

type Row = ExchangedRow & HoldToOpen;

const MAX_GAS = 15_000_000;
const DEADLINE = 10n ** 10n;
const [PRICE, FUNDS, INVENTORY] = [110_000_000n, 10n ** 9n, 10n ** 15n];
const SPLITS = Array.from({ length: 8 }, () => ({ recipient: randomAddress(), shareBps: 100 }));

function randomAddress(): string {
  return new Wallet(hexlify(randomBytes(32))).address;
}

function compact(signature: string) {
  const read = toCompactSignature(signature);
  if (read === undefined) throw new Error("no compact signature");
  return read;
}

describe("calls of the Exchange", () => {
  const maker = new Wallet(hexlify(randomBytes(32)));

  async function deploy() {
    const { ethers } = await network.create();
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new Error("no account");
    const at = async (name: string, values: unknown[] = []) => (await ethers.deployContract(name, values)).getAddress();
    const manager = await at("AccessManager", [deployer.address]);
    const ledgerAddress = await at("Ledger", [manager, await at("SignatureVerifier")]);
    const exchangeAddress = await at("Exchange", [manager, await at("Escrow", [ledgerAddress])]);
    const [dollar, euro, feed] = [await token("Dollar"), await token("Euro"), await at("TestFeed", [8])];
    const ledger = Ledger__factory.connect(ledgerAddress, deployer);
    const exchange = Exchange__factory.connect(exchangeAddress, deployer);
    const { chainId } = await ethers.provider.getNetwork();
    await TestFeed__factory.connect(feed, deployer).setAnswer(PRICE);
    await exchange.setGuard(dollar, euro, {
      payFeed: feed,
      settleFeed: feed,
      maxAge: 86_400n,
      maxDeviationBps: 2_000n,
    });
    await ledger.deposit(euro, maker.address, INVENTORY);
    await deployer.sendTransaction({ to: maker.address, value: 10n ** 18n });
    await ledger.connect(maker.connect(ethers.provider)).setOperator(exchangeAddress, true);
    return {
      provider: ethers.provider,
      deployer,
      ledger,
      exchange,
      dollar,
      euro,
      chainId,
      ledgerAddress,
      exchangeAddress,
    };

    async function token(name: string): Promise<string> {
      const address = await at("TestToken", [name, name, 6]);
      const coin = TestToken__factory.connect(address, deployer);
      await (await coin.mint(deployer?.address ?? ZeroAddress, 2n * INVENTORY)).wait();
      await (await coin.approve(ledgerAddress, 2n * INVENTORY)).wait();
      return address;
    }
  }

  type Deployed = Awaited<ReturnType<typeof deploy>>;

  async function quoteOf({ dollar, euro, chainId, exchangeAddress }: Deployed): Promise<QuoteRecord> {
    const domain = { chainId, exchange: exchangeAddress };
    const quote = {
      ...{ maker: maker.address, payToken: dollar, settleToken: euro, payAmount: 11n * 10n ** 9n },
      ...{ settleAmount: 10n ** 10n, generation: 0n, deadline: DEADLINE, salt: hexlify(randomBytes(32)) },
    };
    const signature = compact(await signQuote(maker, domain, quote));
    return { ...quote, id: quoteId(domain, quote), ...signature, filled: 0n, cancelled: false };
  }

  /** A payment by somebody to somebody, neither of whom was seen before. */
  async function rowAt(deployed: Deployed, quote: QuoteRecord, held: boolean, payee = randomAddress()) {
    const { ledger, dollar, euro, chainId, ledgerAddress, exchangeAddress } = deployed;
    const payer = new Wallet(hexlify(randomBytes(32)));
    await ledger.deposit(dollar, payer.address, FUNDS);
    const memo = hexlify(randomBytes(32));
    const hold = {
      ...{ payee, splits: SPLITS, captureDeadline: DEADLINE, refundDeadline: DEADLINE, arbiter: randomAddress() },
      ...{ rulingPeriod: 3_600n, defaultPayerBps: 0, memo },
    };
    const shared = { settleToken: euro, settleAmount: 1_000_003n, quote: quote.id };
    const terms = held
      ? { ...shared, refundRule: "settlement_currency" as const, refundDeadline: 0n, hold }
      : { ...shared, payee, memo };
    const payment = {
      ...{ payer: payer.address, payee: exchangeAddress, token: dollar, amount: FUNDS, nonce: 70n, deadline: DEADLINE },
      terms,
    };
    const domain = { chainId, ledger: ledgerAddress };
    const row: Row = {
      ...{ ...payment, ...compact(await signFxPayment(payer, domain, payment)), memo, merchant: payee },
      id: fxPaymentId(domain, payment),
      fx: {
        ...{ quote: toStoredQuote(quote), settleAmount: "1000003", cost: "1100004", payee, memo },
        ...{ refundRule: held ? "settlement_currency" : null, refundDeadline: 0 },
      },
      terms: {
        ...{ ...hold, captureDeadline: Number(DEADLINE), refundDeadline: Number(DEADLINE), rulingPeriod: 3_600 },
      },
      ...{ funding: "account", signature: null, signer: null, requestId: null, deployment: null, holdId: null },
    };
    return row;
  }

  async function rowsAt(deployed: Deployed, quotes: readonly QuoteRecord[], held: boolean, payee?: string) {
    const rows: Row[] = [];
    for (const quote of quotes) rows.push(await rowAt(deployed, quote, held, payee));
    return rows;
  }

  /** Sends all in one transaction of the limit that the model says. */
  async function expectSettled(deployed: Deployed, rows: Row[], held: boolean): Promise<void> {
    const { provider, deployer, ledger, exchangeAddress } = deployed;
    const call = (held ? exchangeIntoHoldsCall : exchangeCall)<Row>(exchangeAddress, MAX_GAS, false);
    const simulator = { provider, from: deployer.address };
    expect((await simulate(simulator, call, rows)).good).to.have.length(rows.length);
    const { data, gasLimit, rows: carried } = call.encode(rows);
    expect(carried).to.have.length(rows.length);
    const sent = await deployer.sendTransaction({ to: exchangeAddress, data, gasLimit });
    const receipt = await sent.wait();
    const settled = await ledger.queryFilter(ledger.filters.Settled(), receipt?.blockNumber);
    expect(new Set(settled.map(({ args }) => args.id))).to.deep.equal(new Set(rows.map(({ id }) => id)));
    expect(Number(receipt?.gasUsed)).to.be.lessThan(gasLimit * 0.97);
  }

  it("have gas for payees and payers who were never seen before, at one quote and at one each", async () => {
    const deployed = await deploy();
    const quote = await quoteOf(deployed);
    await expectSettled(deployed, await rowsAt(deployed, Array<QuoteRecord>(60).fill(quote), false), false);
    const quotes = await Promise.all(Array.from({ length: 20 }, () => quoteOf(deployed)));
    await expectSettled(deployed, await rowsAt(deployed, quotes, false), false);
  });

  it("have gas for holds with all splits, of one payee and of one each", async () => {
    const deployed = await deploy();
    const quote = await quoteOf(deployed);
    const merchant = randomAddress();
    await expectSettled(deployed, await rowsAt(deployed, Array<QuoteRecord>(40).fill(quote), true, merchant), true);
    const quotes = await Promise.all(Array.from({ length: 10 }, () => quoteOf(deployed)));
    await expectSettled(deployed, await rowsAt(deployed, quotes, true), true);
  });

  it("find the rows of a quote that is dead, and no others", async () => {
    const deployed = await deploy();
    const { provider, deployer, exchange, exchangeAddress } = deployed;
    const [dead, good] = [await quoteOf(deployed), await quoteOf(deployed)];
    await exchange.connect(maker.connect(provider)).cancelQuote(dead);
    const rows = await rowsAt(deployed, [dead, good, dead, good], false);
    const call = exchangeCall<Row>(exchangeAddress, MAX_GAS, false);
    const { good: kept, bad } = await simulate({ provider, from: deployer.address }, call, rows);
    expect(kept.map(({ fx }) => fx.quote.id)).to.deep.equal([good.id, good.id]);
    expect(bad.map(({ row, code }) => [row.fx.quote.id, code])).to.deep.equal([
      [dead.id, "quote_cancelled"],
      [dead.id, "quote_cancelled"],
    ]);
  });
});
