import type { TypedDataDomain } from "ethers";

import type { NetworkView, PaymentRequestView, QuotedView, TermsView } from "../../sdk/client.ts";
import { fxPaymentId, fxTypedData } from "../../sdk/exchange-typed-data.ts";
import type { FxHoldTerms, FxPayment, FxTerms } from "../../sdk/fx.ts";
import type { HoldPayment, HoldTerms } from "../../sdk/hold.ts";
import { HOLD_PAYMENT_TYPES, holdId } from "../../sdk/hold-typed-data.ts";
import type { Payment } from "../../sdk/payment.ts";
import { PAYMENT_TYPES, paymentId, typedDataDomain, type Types } from "../../sdk/typed-data.ts";

/** For so long a signature is good at most, in seconds: whoever gives up can be sure soon that nothing is paid any more. */
export const SIGNATURE_SECONDS = 900n;

export type AnyPayment = Payment | HoldPayment | FxPayment<FxTerms | FxHoldTerms>;

/** A payment to be signed, and its id, which is known before anything is sent. */
export interface SignablePayment {
  readonly payment: AnyPayment;
  readonly id: string;
  readonly domain: TypedDataDomain;
  readonly types: Types;
  /** What is signed: the payment as the types have it. */
  readonly value: Record<string, unknown>;
}

export interface PaymentChoice {
  readonly network: Pick<NetworkView, "chainId" | "ledger" | "exchange">;
  readonly request: PaymentRequestView;
  readonly payer: string;
  /** Of the payer's account in what she pays with. */
  readonly nonce: bigint;
  /** Unix seconds. */
  readonly now: bigint;
  /** At which she pays in another currency; undefined: she pays in the merchant's. */
  readonly quote: QuotedView | undefined;
}

/** What pays a payment request, exactly as it asks. @throws RangeError if it asks for an exchange that the network does not have. */
export function composePayment({ network, request, payer, nonce, now, quote }: PaymentChoice): SignablePayment {
  const ledger = { chainId: BigInt(network.chainId), ledger: network.ledger };
  const domain = typedDataDomain(ledger);
  const ends = [
    BigInt(request.expiresAt),
    now + SIGNATURE_SECONDS,
    ...(quote === undefined ? [] : [BigInt(quote.expiresAt)]),
  ];
  const deadline = ends.reduce((least, end) => (end < least ? end : least));
  const terms = request.terms === null ? undefined : readTerms(request.terms);
  const amount = BigInt(request.amount);

  if (quote !== undefined) {
    if (network.exchange === null) throw new RangeError("This network exchanges nothing");
    const settled = { settleToken: request.token, settleAmount: amount, quote: quote.id };
    const payment: FxPayment<FxTerms | FxHoldTerms> = {
      ...{ payer, payee: network.exchange, token: quote.payToken, amount: BigInt(quote.payAmount), nonce, deadline },
      terms:
        terms === undefined
          ? { ...settled, payee: request.merchant, memo: request.memo }
          : // The hold's own rule for refunds is kept as the merchant asks for it.
            { ...settled, refundRule: "settlement_currency", refundDeadline: 0n, hold: terms },
    };
    return { payment, id: fxPaymentId(ledger, payment), domain, ...fxTypedData(payment) };
  }
  const common = { payer, payee: request.payee, token: request.token, amount, nonce, deadline };
  if (terms === undefined) {
    const payment: Payment = { ...common, memo: request.memo };
    return { payment, id: paymentId(ledger, payment), domain, types: PAYMENT_TYPES, value: { ...payment } };
  }
  const payment: HoldPayment = { ...common, terms };
  return { payment, id: holdId(ledger, payment), domain, types: HOLD_PAYMENT_TYPES, value: { ...payment } };
}

function readTerms(terms: TermsView): HoldTerms {
  return {
    ...terms,
    captureDeadline: BigInt(terms.captureDeadline),
    refundDeadline: BigInt(terms.refundDeadline),
    rulingPeriod: BigInt(terms.rulingPeriod),
  };
}
