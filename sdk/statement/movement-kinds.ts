/** Why an account changed, by the events of the contracts. */
export const MOVEMENT_KINDS = [
  "payment",
  "fee",
  "transfer",
  "deposit",
  "withdrawal",
  "hold_opened",
  "hold_captured",
  "hold_voided",
  "hold_reclaimed",
  "hold_divided",
  "hold_refunded",
  "exchange",
  "exchange_refunded",
  "brought_forward",
] as const;

export type MovementKind = (typeof MOVEMENT_KINDS)[number];
