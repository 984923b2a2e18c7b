/** Why a well-formed payment is not accepted. Stable. */
export const REFUSAL_CODES = [
  "invalid_field",
  "unknown_token",
  "invalid_payee",
  "expired",
  "bad_signature",
  "nonce_used",
  "nonce_stale",
  "nonce_conflict",
  "device_inactive",
  "over_device_limit",
  "payee_not_allowed",
  "authorization_used",
  "factory_not_allowed",
  "transfer_failed",
  "account_frozen",
  "insufficient_balance",
  "invalid_terms",
  "amount_too_high",
  "unknown_quote",
  "quote_expired",
  "quote_cancelled",
  "quote_exhausted",
  "ceiling_too_low",
  "request_mismatch",
  "request_expired",
  "request_paid",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  readonly code: RefusalCode;
  readonly field: string;
  readonly expected: string;
  /** The payment that holds the nonce, where that is the reason. */
  readonly paymentId?: string;
  readonly instructionId?: string;
}
