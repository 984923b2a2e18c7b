import type { PaymentView } from "../client.ts";
import type { StatementEntry } from "./statement.ts";

/** The messages about one payment. */
export const PAYMENT_MESSAGES = ["pacs.008", "pacs.002", "camt.054"] as const;
export type PaymentMessage = (typeof PAYMENT_MESSAGES)[number];

/** What messages about a payment say. */
export interface PaymentFacts {
  readonly payment: PaymentView;
  /** Of the merchant's account: what was credited and debited for it so far. */
  readonly entries: readonly StatementEntry[];
  readonly chainId: string;
  readonly ledger: string;
  /** As payer and merchant show themselves; null: not. */
  readonly payerName: string | null;
  readonly merchantName: string | null;
}
