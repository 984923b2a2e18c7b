import { hexlify, randomBytes, Wallet, ZeroAddress } from "ethers";

import { type ExchangeDomain, fxPaymentId, quoteId, signFxPayment, signQuote } from "../../sdk/exchange-typed-data.ts";
import type { FxHoldTerms, FxPayment, FxTerms } from "../../sdk/fx.ts";
import { costOf, type Quote } from "../../sdk/quote.ts";
import type { CompactSignature } from "../../sdk/signature.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";
import { AMOUNT, compact, DAY, type Result, type Stage } from "./stage.ts";

const CAPACITY = 10n ** 11n;
/** What a payer allows above the cost. */
const SPARE = 1_000n;

/** A maker who is known to the Ledger, quotes dollars for euros, and is held against two price feeds. */
export async function openExchange(stage: Stage) {
  const { ethers, ledger, payee, operator, escrow, domain } = stage;
  const contract = await ethers.deployContract("Exchange", [await ledger.authority(), await escrow.getAddress()]);
  const exchange = Exchange__factory.connect(await contract.getAddress(), operator);
  const euro = await ethers.deployContract("TestToken", ["Test Euro", "tEUR", 6]);
  const settleToken = await euro.getAddress();
  const feed = await ethers.deployContract("TestFeed", [8]);
  const feedOfDollar = await ethers.deployContract("TestFeed", [8]);
  await (await feed.getFunction("setAnswer")(108_000_000n)).wait();
  await (await feedOfDollar.getFunction("setAnswer")(100_000_000n)).wait();
  const guard = {
    payFeed: await feedOfDollar.getAddress(),
    settleFeed: await feed.getAddress(),
    maxAge: 7n * DAY,
    maxDeviationBps: 200,
  };
  await (await exchange.setGuard(stage.token, settleToken, guard)).wait();
  const maker = new Wallet(hexlify(randomBytes(32)), ethers.provider);
  await (await operator.sendTransaction({ to: maker.address, value: 10n ** 18n })).wait();
  await (await ledger.connect(maker).setOperator(await exchange.getAddress(), true)).wait();
  await (await ledger.connect(payee).agree(operator.address, settleToken, 30, 0)).wait();
  await (await euro.getFunction("mint")(operator.address, 10n ** 18n)).wait();
  await (await euro.getFunction("approve")(domain.ledger, 10n ** 18n)).wait();
  const escrowAddress = await escrow.getAddress();
  for (const owner of [maker.address, payee.address, operator.address, escrowAddress]) {
    await (await ledger.deposit(settleToken, owner, 10n ** 12n)).wait();
  }
  await (await ledger.deposit(stage.token, maker.address, 10n ** 12n)).wait();
  const exchangeDomain: ExchangeDomain = { chainId: domain.chainId, exchange: await exchange.getAddress() };
  return { exchange, exchangeDomain, maker, settleToken };
}

export type FxStage = Stage & Awaited<ReturnType<typeof openExchange>>;

interface SignedQuote {
  readonly id: string;
  readonly quote: Quote;
  readonly signature: CompactSignature;
}

async function newQuote({ exchangeDomain, maker, token, settleToken, deadline }: FxStage): Promise<SignedQuote> {
  const quote: Quote = {
    ...{ maker: maker.address, payToken: token, settleToken, settleAmount: CAPACITY },
    ...{ payAmount: (CAPACITY * 1_083n) / 1_000n, generation: 0n, deadline, salt: hexlify(randomBytes(32)) },
  };
  return {
    id: quoteId(exchangeDomain, quote),
    quote,
    signature: compact(await signQuote(maker, exchangeDomain, quote)),
  };
}

/** Payments of `count` payers at a fresh quote, to a merchant and into holds. */
export async function measureExchange(stage: FxStage, count: number): Promise<Result[]> {
  const results: [string, number][] = [
    ["fx", await exchange(stage, count)],
    ["fx-hold", await exchangeIntoHolds(stage, count)],
  ];
  return results.map(([path, gasUsed]) => ({ path, rows: count, gasPerPayment: Math.round(gasUsed / count) }));
}

async function exchange(stage: FxStage, count: number): Promise<number> {
  const quoted = await newQuote(stage);
  const ids: string[] = [];
  const rows = [];
  for (const payer of stage.payers.slice(0, count)) {
    const terms: FxTerms = {
      ...{ payee: stage.payee.address, settleToken: stage.settleToken, settleAmount: AMOUNT },
      ...{ quote: quoted.id, memo: hexlify(randomBytes(32)) },
    };
    const payment = paymentOf(stage, payer.address, costOf(quoted.quote, AMOUNT) + SPARE, terms);
    ids.push(fxPaymentId(stage.domain, payment));
    const { payee, settleAmount, memo } = terms;
    const { amount, nonce, deadline } = payment;
    const signature = compact(await signFxPayment(payer, stage.domain, payment));
    rows.push({ ...{ payer: payer.address, amount, nonce, deadline, payee, settleAmount, memo }, ...signature });
  }
  const sent = await stage.exchange.exchange([{ quote: quoted.quote, ...quoted.signature, rows }]);
  return gasOf(stage, "Exchanged", ids, await sent.wait());
}

async function exchangeIntoHolds(stage: FxStage, count: number): Promise<number> {
  const quoted = await newQuote(stage);
  const ids: string[] = [];
  const [rows, amounts] = [[] as Record<string, unknown>[], [] as bigint[]];
  for (const payer of stage.payers.slice(0, count)) {
    const hold = {
      ...{ captureDeadline: stage.deadline - 6n * DAY, refundDeadline: stage.deadline, arbiter: ZeroAddress },
      ...{ rulingPeriod: 0n, defaultPayerBps: 0, memo: hexlify(randomBytes(32)) },
    };
    const terms: FxHoldTerms = {
      ...{ settleToken: stage.settleToken, settleAmount: AMOUNT, quote: quoted.id },
      ...{ refundRule: "settlement_currency", refundDeadline: 0n },
      hold: { ...hold, payee: stage.payee.address, splits: [] },
    };
    const payment = paymentOf(stage, payer.address, costOf(quoted.quote, AMOUNT), terms);
    ids.push(fxPaymentId(stage.domain, payment));
    const { nonce, deadline } = payment;
    const signature = compact(await signFxPayment(payer, stage.domain, payment));
    rows.push({ hold: { ...hold, payer: payer.address, amount: AMOUNT, nonce, deadline }, ...signature });
    amounts.push(payment.amount);
  }
  const holds = { payee: stage.payee.address, token: stage.settleToken, splits: [], rows };
  const batch = {
    ...{ quote: quoted.quote, ...quoted.signature, refundRule: 0, refundDeadline: 0, amounts },
    holds: holds as never,
  };
  const sent = await stage.exchange.exchangeIntoHolds([batch]);
  return gasOf(stage, "Held", ids, await sent.wait());
}

function paymentOf<T extends FxTerms | FxHoldTerms>(
  stage: FxStage,
  payer: string,
  amount: bigint,
  terms: T,
): FxPayment<T> {
  return {
    ...{ payer, payee: stage.exchangeDomain.exchange, token: stage.token, amount },
    ...{ nonce: stage.nextNonce(payer), deadline: stage.deadline, terms },
  };
}

/** @throws if the transaction did not exchange each of the payments. */
function gasOf(
  { exchange }: FxStage,
  event: "Exchanged" | "Held",
  ids: readonly string[],
  receipt: Awaited<ReturnType<Awaited<ReturnType<typeof exchange.exchange>>["wait"]>>,
): number {
  const logs = (receipt?.logs ?? []).map((log) => exchange.interface.parseLog(log));
  const done = logs.filter((log) => log?.name === event).map((log) => String(log?.args[0]));
  if (receipt === null || done.join() !== ids.join()) throw new Error(`${event}: ${done.length} of ${ids.length} rows`);
  return Number(receipt.gasUsed);
}
