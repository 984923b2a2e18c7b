import { hexlify, randomBytes, type Wallet } from "ethers";

import { type ExchangeDomain, quoteId, signQuote } from "../sdk/exchange-typed-data.ts";
import type { Quote } from "../sdk/quote.ts";
import type { MakerChain } from "./inventory.ts";
import { priceOf, worthOf } from "./pricing.ts";
import { type RateDay, rateOf } from "./rates/series.ts";

/** A quote and the maker's signature, 65 bytes in hex. */
export interface SignedQuote {
  readonly quote: Quote;
  readonly signature: string;
}

export interface BookDependencies {
  readonly wallet: Wallet;
  readonly domain: ExchangeDomain;
  readonly chain: MakerChain;
  /** Currency by token. */
  readonly currencies: ReadonlyMap<string, string>;
  readonly spreadBps: number;
  readonly ttlSeconds: number;
  readonly capacityEuros: bigint;
  /** The rates that hold now. */
  readonly today: () => RateDay;
}

interface Page extends SignedQuote {
  readonly id: string;
  readonly date: string;
}

export interface Book {
  /** A quote of `payToken` for at least `settleAmount` of `settleToken`; `undefined` if the maker does not quote that now. */
  quote(payToken: string, settleToken: string, settleAmount: bigint): Promise<SignedQuote | undefined>;
}

/**
 * One quote a pair at a time, handed to many, which is what lets their payments travel together. A new one when half of its time
 * is over, too little of it is left, it was cancelled, or the rate has moved.
 */
export function createBook(deps: BookDependencies): Book {
  const pages = new Map<string, Promise<Page>>();

  async function quote(payToken: string, settleToken: string, settleAmount: bigint): Promise<SignedQuote | undefined> {
    if (payToken === settleToken || settleAmount > capacityOf(settleToken)) return undefined;
    if (settleAmount > (await deps.chain.inventory(settleToken))) return undefined;
    const pair = `${payToken}:${settleToken}`;
    const open = pages.get(pair);
    const page = await open;
    if (page !== undefined && (await isGood(page, settleAmount))) return page;
    // Whoever else found the page used up turns the same new one.
    if (pages.get(pair) === open) pages.set(pair, turn(payToken, settleToken));
    const turned = pages.get(pair);
    turned?.catch(() => pages.get(pair) === turned && pages.delete(pair));
    return turned;
  }

  async function isGood({ id, date, quote: open }: Page, settleAmount: bigint): Promise<boolean> {
    const { filled, isCancelled } = await deps.chain.fill(id);
    const left = open.deadline - (await deps.chain.now());
    return (
      date === deps.today().date &&
      2n * left >= BigInt(deps.ttlSeconds) &&
      open.settleAmount - filled >= settleAmount &&
      !isCancelled &&
      open.generation === (await deps.chain.generation())
    );
  }

  async function turn(payToken: string, settleToken: string): Promise<Page> {
    const day = deps.today();
    const rate = rateOf(day, currencyOf(payToken), currencyOf(settleToken));
    if (rate === undefined) throw new RangeError(`There is no rate for this pair on ${day.date}`);
    const settleAmount = capacityOf(settleToken);
    const pair = { rate, payDecimals: decimalsOf(payToken), settleDecimals: decimalsOf(settleToken) };
    const quoted: Quote = {
      ...{ maker: deps.wallet.address, payToken, settleToken, settleAmount },
      payAmount: priceOf(pair, settleAmount, deps.spreadBps),
      generation: await deps.chain.generation(),
      deadline: (await deps.chain.now()) + BigInt(deps.ttlSeconds),
      salt: hexlify(randomBytes(32)),
    };
    const signature = await signQuote(deps.wallet, deps.domain, quoted);
    return { quote: quoted, signature, id: quoteId(deps.domain, quoted), date: day.date };
  }

  function capacityOf(token: string): bigint {
    const perEuro = rateOf(deps.today(), currencyOf(token), "EUR");
    return perEuro === undefined ? 0n : worthOf(deps.capacityEuros, perEuro, decimalsOf(token));
  }

  function currencyOf(token: string): string {
    return deps.currencies.get(token) ?? "";
  }

  function decimalsOf(token: string): number {
    return deps.chain.decimals.get(token) ?? 0;
  }

  return { quote };
}
