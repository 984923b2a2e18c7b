import type { NetworkView, PaymentRequestView, QuotedView, TermsView } from "../../sdk/client.ts";
import type { FxHoldTerms, FxPayment, FxTerms } from "../../sdk/fx.ts";
import type { HoldPayment, HoldTerms } from "../../sdk/hold.ts";
import type { Payment } from "../../sdk/payment.ts";

export type AnyPayment = Payment | HoldPayment | FxPayment<FxTerms | FxHoldTerms>;

/** How long a payer's signature is good at most: long enough for a busy chain, short enough to be forgotten. */
export const SIGNATURE_SECONDS = 900n;

/** What the payer chose. */
export interface Choice {
  readonly payer: string;
  /** Of the payer's account in the token that she pays with. */
  readonly nonce: bigint;
  /** Unix seconds. */
  readonly now: bigint;
  /** Undefined: she pays in the merchant's currency. */
  readonly quoted: QuotedView | undefined;
}

/**
 * The payment that a request asks for, never above its amount, or its cost at the quote.
 * @throws RangeError if the quote is for something else, or nothing can be exchanged here.
 */
export function composePayment(
  { exchange }: Pick<NetworkView, "exchange">,
  request: PaymentRequestView,
  { payer, nonce, now, quoted }: Choice,
): AnyPayment {
  const deadline = signatureDeadline(request, quoted, now);
  const hold = request.terms === null ? undefined : readTerms(request.terms);
  if (quoted === undefined) {
    const { payee, token } = request;
    const common = { payer, payee, token, amount: BigInt(request.amount), nonce, deadline };
    return hold === undefined ? { ...common, memo: request.memo } : { ...common, terms: hold };
  }
  const isFor = sameAddress(quoted.settleToken, request.token) && quoted.settleAmount === request.amount;
  if (exchange === null || !isFor) throw new RangeError("The quote is not for this payment request");
  const common = { payer, payee: exchange, token: quoted.payToken, amount: BigInt(quoted.payAmount), nonce, deadline };
  const settlement = { settleToken: request.token, settleAmount: BigInt(request.amount), quote: quoted.id };
  if (hold === undefined) return { ...common, terms: { payee: request.merchant, ...settlement, memo: request.memo } };
  // The terms are the merchant's to the letter, her refund deadline too: that goes with refunds in her currency.
  return { ...common, terms: { ...settlement, refundRule: "settlement_currency", refundDeadline: 0n, hold } };
}

/** Until when the signature is good: no longer than the request, nor than the quote. Unix seconds. */
export function signatureDeadline(
  request: Pick<PaymentRequestView, "expiresAt">,
  quoted: Pick<QuotedView, "expiresAt"> | undefined,
  now: bigint,
): bigint {
  const ends = [now + SIGNATURE_SECONDS, BigInt(request.expiresAt)];
  if (quoted !== undefined) ends.push(BigInt(quoted.expiresAt));
  return ends.reduce((least, end) => (end < least ? end : least));
}

export function readTerms(terms: TermsView): HoldTerms {
  return {
    payee: terms.payee,
    splits: terms.splits.map(({ recipient, shareBps }) => ({ recipient, shareBps })),
    captureDeadline: BigInt(terms.captureDeadline),
    refundDeadline: BigInt(terms.refundDeadline),
    arbiter: terms.arbiter,
    rulingPeriod: BigInt(terms.rulingPeriod),
    defaultPayerBps: terms.defaultPayerBps,
    memo: terms.memo,
  };
}

export function sameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
