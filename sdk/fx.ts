import type { HoldTerms } from "./hold.ts";

/** What the payer of an exchanged payment signs in the memo's place. */
export interface FxTerms {
  readonly payee: string;
  readonly settleToken: string;
  /** What the payee gets, to the unit, less the fee that she agreed. */
  readonly settleAmount: bigint;
  /** The id of the quote. */
  readonly quote: string;
  readonly memo: string;
}

/** In which money a refund is paid, and who bears what the rate has moved; in the order of the contract's `RefundRule`. */
export const REFUND_RULES = ["settlement_currency", "payer_bears", "payee_bears"] as const;

export type RefundRule = (typeof REFUND_RULES)[number];

/** What the payer signs instead if the payment is to be held in the settlement currency. */
export interface FxHoldTerms {
  readonly settleToken: string;
  /** What is held. */
  readonly settleAmount: bigint;
  readonly quote: string;
  readonly refundRule: RefundRule;
  /** Until when the payee may refund by the rule; 0 under `settlement_currency`. */
  readonly refundDeadline: bigint;
  /** Its own refund deadline is 0 unless the rule is `settlement_currency`. */
  readonly hold: HoldTerms;
}

/** A payment to the Exchange. */
export interface FxPayment<T extends FxTerms | FxHoldTerms = FxTerms> {
  readonly payer: string;
  /** The Exchange. Who is paid in the end stands in the terms. */
  readonly payee: string;
  /** The pay token. */
  readonly token: string;
  /** Ceiling: what the quote does not take of it never leaves the payer's account. */
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
  readonly terms: T;
}
