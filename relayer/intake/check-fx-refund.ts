import { bought, costOf, shareOfPaid } from "../../sdk/quote.ts";
import type { Verb } from "../hold-effects.ts";
import type { PaymentRecord, StoredFx } from "../store/payments.ts";
import type { ActRefusal, Subject } from "./act-refusal.ts";

/** Whether a refund goes the way that the payer signed. */
export function checkRule(verb: Verb, { fx }: PaymentRecord): ActRefusal | undefined {
  if (verb !== "refund" && verb !== "fx_refund") return undefined;
  const byExchange = fx?.refundRule === "payer_bears" || fx?.refundRule === "payee_bears";
  if (byExchange === (verb === "fx_refund")) return undefined;
  const expected = byExchange
    ? `fx-refund, in the pay currency: the payer signed ${fx.refundRule}`
    : "refund, through the Escrow, in the currency of the hold";
  return { code: "refund_elsewhere", field: "id", expected };
}

/** The contract's conditions on the new quote and on what it costs. */
export function checkFxRefund(
  content: { readonly amount: string; readonly sum: string; readonly maxCost: string },
  { payment: { fx }, offer }: Subject,
  now: bigint,
): ActRefusal | undefined {
  if (fx === null) throw new Error("A refund by rule of a payment that was not exchanged");
  const { payToken, settleToken } = fx.quote;
  if (offer === undefined) {
    return { code: "unknown_quote", field: "quote", expected: "the id of a quote of this relayer" };
  }
  if (offer.payToken !== settleToken || offer.settleToken !== payToken) {
    const expected = `a quote that takes ${settleToken} and gives ${payToken}`;
    return { code: "invalid_terms", field: "quote", expected };
  }
  if (offer.deadline < now) return { code: "quote_expired", field: "quote", expected: "a new quote" };
  if (offer.cancelled) return { code: "quote_cancelled", field: "quote", expected: "a new quote" };
  const { cost, returned } = termsOfRefund(fx, BigInt(content.sum), BigInt(content.amount), offer);
  if (cost > BigInt(content.maxCost)) {
    return { code: "cost_too_high", field: "maxCost", expected: `at least ${cost}, what the refund costs` };
  }
  const left = offer.settleAmount - offer.filled;
  if (returned <= left) return undefined;
  return { code: "quote_exhausted", field: "quote", expected: `a quote that has ${returned} left, not ${left}` };
}

/** What the payee pays, in the settlement token, and what the payer gets: the contract's own sums. */
function termsOfRefund(
  fx: StoredFx,
  refunded: bigint,
  amount: bigint,
  offer: NonNullable<Subject["offer"]>,
): { readonly cost: bigint; readonly returned: bigint } {
  if (fx.refundRule === "payer_bears") return { cost: amount, returned: bought(offer, amount) };
  const returned = shareOfPaid(BigInt(fx.cost), BigInt(fx.settleAmount), refunded, amount);
  return { cost: costOf(offer, returned), returned };
}
