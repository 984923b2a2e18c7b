/** What became of a row, in the order of the contract's `RowCode`. */
export const ROW_CODES = [
  "none",
  "settled",
  "invalid_payee",
  "zero_amount",
  "expired",
  "nonce_used",
  "nonce_stale",
  "nonce_too_high",
  "frozen",
  "insufficient_balance",
  "bad_signature",
  "fee_too_high",
  "transfer_failed",
  "invalid_terms",
  "amount_too_high",
  "wrong_status",
  "too_early",
  "too_late",
  "device_inactive",
  "over_device_limit",
  "payee_not_allowed",
  "authorization_used",
  "bad_quote",
  "quote_expired",
  "quote_cancelled",
  "quote_exhausted",
  "ceiling_too_low",
  "maker_short",
  "outside_guard",
  "stale_feed",
] as const;

export type RowCode = (typeof ROW_CODES)[number];

/** @throws RangeError on a number that this version does not know. */
export function rowCode(value: bigint | number): RowCode {
  const code = ROW_CODES[Number(value)];
  if (code === undefined) throw new RangeError(`Unknown row code ${value}`);
  return code;
}
