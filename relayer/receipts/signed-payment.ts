import { concat, ZeroHash } from "ethers";

import type { HoldTerms } from "../../sdk/hold.ts";
import type { ReceiptPayment } from "../../sdk/record/receipt.ts";
import type { PaymentRecord, StoredTerms } from "../store/payments.ts";

/** What a stored payment's payer signed. */
export function signedPayment(record: PaymentRecord): ReceiptPayment {
  const { payer, payee, token, amount, nonce, deadline, memo, terms, fx } = record;
  const common = { payer, payee, token, amount, nonce, deadline };
  if (fx === null) return terms === null ? { ...common, memo } : { ...common, terms: termsOf(terms) };
  const exchanged = {
    ...{ settleToken: fx.quote.settleToken, settleAmount: BigInt(fx.settleAmount), quote: fx.quote.id },
  };
  if (terms === null || fx.refundRule === null) {
    return { ...common, terms: { payee: fx.payee, ...exchanged, memo: fx.memo } };
  }
  const refunds = { refundRule: fx.refundRule, refundDeadline: BigInt(fx.refundDeadline) };
  return { ...common, terms: { ...exchanged, ...refunds, hold: termsOf(terms) } };
}

/** As it travels in calldata. */
export function usedSignature({ r, vs, signature }: Pick<PaymentRecord, "r" | "vs" | "signature">): string {
  return r === ZeroHash && signature !== null ? signature : concat([r, vs]);
}

function termsOf({ captureDeadline, refundDeadline, rulingPeriod, ...terms }: StoredTerms): HoldTerms {
  return {
    ...terms,
    captureDeadline: BigInt(captureDeadline),
    refundDeadline: BigInt(refundDeadline),
    rulingPeriod: BigInt(rulingPeriod),
  };
}
