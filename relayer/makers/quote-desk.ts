import type { Logger } from "pino";

import { type ExchangeDomain, quoteId } from "../../sdk/exchange-typed-data.ts";
import { costOf, type Quote } from "../../sdk/quote.ts";
import { recoverSigner, toCompactSignature } from "../../sdk/signature.ts";
import type { QuoteRecord } from "../store/quotes.ts";
import { askMaker, type QuoteQuestion } from "./ask-maker.ts";

/** A quote that was checked, but for what the chain says. */
export type CheckedQuote = Omit<QuoteRecord, "filled" | "cancelled">;

/** The cheapest quote for a payment in one pay token. */
export interface BestQuote {
  readonly quote: CheckedQuote;
  readonly cost: bigint;
}

export interface QuoteDeskDependencies {
  /** URLs of the makers. */
  readonly makers: readonly string[];
  readonly domain: ExchangeDomain;
  readonly tokens: readonly string[];
  /** Whether the contract would fill the quote now. Rejects, retriable, if the chain could not be asked. */
  readonly isFillable: (quote: CheckedQuote, settleAmount: bigint) => Promise<boolean>;
  /** Unix seconds. */
  readonly now: () => Promise<bigint>;
  readonly log: Logger;
  /** Called with a maker's host when its answer, or a quote of it, is of no use. */
  readonly onLeftOut?: (maker: string, reason: string) => void;
  readonly timeoutMs?: number;
}

export interface QuoteDesk {
  /** Asks every maker and returns the cheapest quote for each pay token, by token. A maker who does not answer well is left out. */
  quote(question: QuoteQuestion): Promise<BestQuote[]>;
}

/** A quote with less time left is of no use to somebody who has yet to sign. */
const LEAST_SECONDS = 5n;
/** Quotes looked at of one maker's answer. */
const MAX_QUOTES = 32;

export function createQuoteDesk(deps: QuoteDeskDependencies): QuoteDesk {
  const { domain, log } = deps;

  async function askOne(url: string, question: QuoteQuestion): Promise<CheckedQuote[]> {
    const answer = await askMaker(url, domain, question, deps.timeoutMs ?? 2_000);
    const maker = new URL(url).host;
    if (!answer.ok) {
      log.warn({ maker, reason: answer.reason }, "a maker did not quote");
      deps.onLeftOut?.(maker, answer.reason);
      return [];
    }
    const now = await deps.now();
    const good: CheckedQuote[] = [];
    for (const { quote, signature } of answer.quotes.slice(0, MAX_QUOTES)) {
      const checked = check(quote, signature, question, now);
      if (typeof checked !== "string") {
        good.push(checked);
        continue;
      }
      log.warn({ maker, reason: checked }, "a maker's quote was left out");
      deps.onLeftOut?.(maker, checked);
    }
    return good;
  }

  /** @returns the quote, or why it is of no use. */
  function check(quote: Quote, signature: string, question: QuoteQuestion, now: bigint): CheckedQuote | string {
    const { payToken, settleToken, settleAmount } = question;
    if (quote.settleToken !== settleToken || quote.payToken === settleToken) return "another pair";
    if (payToken === undefined ? !deps.tokens.includes(quote.payToken) : quote.payToken !== payToken)
      return "another pair";
    if (quote.deadline < now + LEAST_SECONDS) return "too little time";
    if (quote.settleAmount < settleAmount) return "too little capacity";
    const compact = toCompactSignature(signature);
    const id = quoteId(domain, quote);
    if (compact === undefined || recoverSigner(id, compact) !== quote.maker) return "not its maker's signature";
    return { ...quote, id, ...compact };
  }

  return {
    async quote(question) {
      const answers = await Promise.all(deps.makers.map((url) => askOne(url, question)));
      const offers = answers
        .flat()
        .map((quote) => ({ quote, cost: costOf(quote, question.settleAmount) }))
        .sort(cheaperFirst);
      const best = new Map<string, BestQuote>();
      for (const offer of offers) {
        const { payToken } = offer.quote;
        if (!best.has(payToken) && (await deps.isFillable(offer.quote, question.settleAmount)))
          best.set(payToken, offer);
      }
      return [...best.values()].sort((a, b) => (a.quote.payToken < b.quote.payToken ? -1 : 1));
    },
  };
}

/** Of two that cost the same, the one that holds longer. */
function cheaperFirst(a: BestQuote, b: BestQuote): number {
  if (a.cost !== b.cost) return a.cost < b.cost ? -1 : 1;
  return a.quote.deadline > b.quote.deadline ? -1 : a.quote.deadline < b.quote.deadline ? 1 : 0;
}
