import type { HoldRecord } from "../store/holds.ts";
import type { PaymentRecord, StoredTerms } from "../store/payments.ts";
import type { QuoteRecord } from "../store/quotes.ts";

/** Why a well-formed act is not accepted. Stable. */
export const ACT_REFUSAL_CODES = [
  "no_hold",
  "wrong_status",
  "too_late",
  "amount_too_high",
  "stale_sum",
  "no_arbiter",
  "not_party",
  "expired",
  "bad_signature",
  "act_pending",
  "refund_elsewhere",
  "unknown_quote",
  "invalid_terms",
  "quote_expired",
  "quote_cancelled",
  "quote_exhausted",
  "cost_too_high",
] as const;

export type ActRefusalCode = (typeof ACT_REFUSAL_CODES)[number];

export interface ActRefusal {
  readonly code: ActRefusalCode;
  readonly field: string;
  readonly expected: string;
  /** The act that is under way, where that is the reason. */
  readonly actId?: string;
}

/** What an act is about. */
export interface Subject {
  readonly payment: PaymentRecord;
  readonly terms: StoredTerms;
  readonly hold: HoldRecord;
  /** What was refunded of it by the Exchange, and the quote that a further refund names. */
  readonly fxRefunded: bigint;
  readonly offer: QuoteRecord | undefined;
}
