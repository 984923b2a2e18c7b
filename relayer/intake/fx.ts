import { ZeroAddress } from "ethers";

import { fxTermsHash } from "../../sdk/exchange-typed-data.ts";
import type { FxHoldTerms, FxPayment, FxTerms } from "../../sdk/fx.ts";
import { holdId } from "../../sdk/hold-typed-data.ts";
import type { Funding } from "../../sdk/payment.ts";
import { costOf } from "../../sdk/quote.ts";
import type { NewPayment, StoredFx } from "../store/payments.ts";
import type { QuoteRecord } from "../store/quotes.ts";
import type { StoredQuote } from "../stored-quote.ts";
import type { CheckContext } from "./check-context.ts";
import type { Refusal } from "./refusal.ts";
import { checkTerms, toStoredTerms } from "./terms.ts";

/** What terms make of a payment. */
export type Exchanged = Pick<NewPayment, "memo" | "terms" | "holdId" | "fx" | "merchant">;

/** The contract's own conditions for a payment at a quote, in its order; a refusal names the field that breaks them. */
export function checkFx(
  payment: FxPayment<FxTerms | FxHoldTerms>,
  funding: Funding,
  context: CheckContext,
): Exchanged | Refusal {
  const { terms } = payment;
  const { exchange, now } = context;
  if (exchange === undefined || payment.payee !== exchange) {
    const expected = exchange === undefined ? "no quote: nothing is exchanged here" : `the Exchange, ${exchange}`;
    return { code: "invalid_payee", field: "payment.payee", expected };
  }
  if (funding !== "account") {
    return {
      code: "invalid_field",
      field: "funding",
      expected: "account: what is pulled from tokens is not exchanged",
    };
  }
  const quote = context.quotes.get(terms.quote);
  if (quote === undefined) {
    return { code: "unknown_quote", field: "payment.terms.quote", expected: "the id of a quote of this relayer" };
  }
  const refusal = checkQuote(payment, quote, now) ?? checkSettlement(payment, context);
  if (refusal !== undefined) return refusal;
  const cost = costOf(quote, terms.settleAmount);
  if (payment.amount < cost) {
    return { code: "ceiling_too_low", field: "payment.amount", expected: `at least ${cost}, what it costs` };
  }
  return exchangedBy(payment, quote, cost, context);
}

function checkQuote({ token, terms }: FxPayment<FxTerms | FxHoldTerms>, quote: QuoteRecord, now: bigint) {
  const mismatch = (field: string, expected: string): Refusal => ({ code: "invalid_terms", field, expected });
  if (token !== quote.payToken) return mismatch("payment.token", `${quote.payToken}, which the quote takes`);
  if (terms.settleToken !== quote.settleToken) {
    return mismatch("payment.terms.settleToken", `${quote.settleToken}, which the quote gives`);
  }
  const again = "a new quote, signed for under the same nonce";
  if (quote.deadline < now) {
    return { code: "quote_expired", field: "payment.terms.quote", expected: again } satisfies Refusal;
  }
  if (quote.cancelled) {
    return { code: "quote_cancelled", field: "payment.terms.quote", expected: again } satisfies Refusal;
  }
  return undefined;
}

function checkSettlement(payment: FxPayment<FxTerms | FxHoldTerms>, context: CheckContext): Refusal | undefined {
  const { terms, payer } = payment;
  const { ledger, escrow, exchange } = context;
  if (!("hold" in terms)) {
    if (![ZeroAddress, ledger, escrow, exchange].includes(terms.payee)) return undefined;
    const expected = "an account that can take its money out again";
    return { code: "invalid_payee", field: "payment.terms.payee", expected };
  }
  const { hold, refundRule, refundDeadline } = terms;
  const refusal = checkTerms({ payer, payee: escrow ?? ZeroAddress, amount: terms.settleAmount }, hold, context);
  if (refusal !== undefined) {
    return { ...refusal, field: refusal.field.replace("payment.terms.", "payment.terms.hold.") };
  }
  const invalid = (field: string, expected: string): Refusal => ({
    ...{ code: "invalid_terms", field: `payment.terms.${field}`, expected },
  });
  if (refundRule === "settlement_currency") {
    return refundDeadline === 0n ? undefined : invalid("refundDeadline", `0 under ${refundRule}`);
  }
  if (hold.refundDeadline !== 0n) return invalid("hold.refundDeadline", `0 under ${refundRule}`);
  if (refundDeadline >= hold.captureDeadline) return undefined;
  return invalid("refundDeadline", `${hold.captureDeadline} (captureDeadline) or later`);
}

function exchangedBy(
  payment: FxPayment<FxTerms | FxHoldTerms>,
  quote: QuoteRecord,
  cost: bigint,
  { escrow, domain }: CheckContext,
): Exchanged {
  const { terms, payer, nonce, deadline } = payment;
  const { settleToken: token, settleAmount: amount } = terms;
  const common = { quote: toStoredQuote(quote), settleAmount: amount.toString(), cost: cost.toString() };
  const memo = fxTermsHash(terms);
  if (!("hold" in terms)) {
    const fx: StoredFx = { ...common, payee: terms.payee, memo: terms.memo, refundRule: null, refundDeadline: 0 };
    return { memo, terms: null, holdId: null, fx, merchant: terms.payee };
  }
  const { hold, refundRule } = terms;
  const fx: StoredFx = {
    ...{ ...common, payee: hold.payee, memo: hold.memo, refundRule },
    refundDeadline: Number(terms.refundDeadline),
  };
  const held = { payer, payee: escrow ?? ZeroAddress, token, amount, nonce, deadline, terms: hold };
  return { memo, terms: toStoredTerms(hold), holdId: holdId(domain, held), fx, merchant: hold.payee };
}

export function toStoredQuote(quote: QuoteRecord): StoredQuote {
  const { id, maker, payToken, settleToken, salt, r, vs } = quote;
  return {
    ...{ id, maker, payToken, settleToken, salt, r, vs },
    payAmount: quote.payAmount.toString(),
    settleAmount: quote.settleAmount.toString(),
    generation: quote.generation.toString(),
    deadline: quote.deadline.toString(),
  };
}
