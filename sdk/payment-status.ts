import type { HoldStatus } from "./hold.ts";
import type { PaymentState } from "./payment.ts";

/** What a merchant wants to know of a payment or a payment request, in one word. */
export const PAYMENT_STATUSES = [
  /** Nobody has signed a payment for the request. */
  "requires_authorization",
  /** Accepted, and on its way to the chain. */
  "processing",
  /** Held; some of it waits to be captured. */
  "requires_capture",
  "disputed",
  /** The merchant's side has been paid. */
  "succeeded",
  /** All that the merchant's side got was given back. */
  "refunded",
  /** The payer has all of her money. */
  "canceled",
] as const;

export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export interface HoldSums {
  readonly status: HoldStatus;
  readonly captured: bigint;
  readonly refunded: bigint;
}

/** @param hold The state of its hold; `undefined` of a payment without terms, or before it settled. */
export function paymentStatus(state: PaymentState, hasTerms: boolean, hold: HoldSums | undefined): PaymentStatus {
  switch (state) {
    case "rejected":
    case "expired":
      return "canceled";
    case "accepted":
    case "assigned":
    case "submitted":
      return "processing";
    case "settled":
    case "final":
      if (!hasTerms) return "succeeded";
      return hold === undefined ? "processing" : holdOutcome(hold);
  }
}

function holdOutcome({ status, captured, refunded }: HoldSums): PaymentStatus {
  switch (status) {
    case "none":
      return "processing";
    case "open":
      return "requires_capture";
    case "disputed":
      return "disputed";
    case "captured":
    case "voided":
    case "reclaimed":
    case "ruled":
    case "resolved":
    case "agreed":
      if (captured === 0n) return "canceled";
      return refunded === captured ? "refunded" : "succeeded";
  }
}
