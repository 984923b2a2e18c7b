import { costOf, shareOfPaid } from "../../sdk/quote.ts";
import type { Verb } from "../hold-effects.ts";
import type { PaymentRecord, StoredFx } from "../store/payments.ts";
import type { ActRefusal, Subject } from "./check-act.ts";

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
  const cost = costOfRefund(fx, BigInt(content.sum), BigInt(content.amount), offer);
  if (cost <= BigInt(content.maxCost)) return undefined;
  return { code: "cost_too_high", field: "maxCost", expected: `at least ${cost}, what the refund costs` };
}

/** What the payee pays, in the settlement token: the contract's own sum. */
function costOfRefund(fx: StoredFx, refunded: bigint, amount: bigint, offer: NonNullable<Subject["offer"]>): bigint {
  if (fx.refundRule === "payer_bears") return amount;
  return costOf(offer, shareOfPaid(BigInt(fx.cost), BigInt(fx.settleAmount), refunded, amount));
}
