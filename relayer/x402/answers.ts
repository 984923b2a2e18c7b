import type { X402Record } from "../store/x402.ts";
import { failureOf, reasonOf } from "./reasons.ts";

/** x402's `VerifyResponse`. */
export interface VerifyAnswer {
  readonly isValid: boolean;
  readonly invalidReason?: string;
  readonly invalidMessage?: string;
  readonly payer?: string;
}

/** x402's `SettleResponse`. */
export interface SettleAnswer {
  readonly success: boolean;
  readonly errorReason?: string;
  readonly errorMessage?: string;
  /** Empty if nothing was sent, or what was sent did not pay. */
  readonly transaction: string;
  readonly network: string;
  readonly payer?: string;
  /** In smallest units, as a decimal string. */
  readonly amount?: string;
}

/** x402's `SupportedResponse`. */
export interface SupportedAnswer {
  readonly kinds: readonly { readonly x402Version: number; readonly scheme: string; readonly network: string }[];
  readonly extensions: readonly string[];
  readonly signers: Readonly<Record<string, readonly string[]>>;
}

export const SETTLEMENT_PENDING = "settlement_pending";

/** Pure: what is said of a payment that was to be settled. */
export function settleAnswer(record: X402Record, network: string): SettleAnswer {
  const { payer, amount, kind, state, code, transactionHash } = record;
  switch (state) {
    case "settled":
    case "final":
      return { success: true, transaction: transactionHash ?? "", network, payer, amount: amount.toString() };
    case "rejected":
    case "expired": {
      const errorReason = reasonOf(kind, failureOf(code ?? state));
      return { ...{ success: false, errorReason, errorMessage: code ?? state }, transaction: "", network, payer };
    }
    case "verified":
    case "accepted":
    case "assigned":
    case "submitted":
    case "used": {
      const errorMessage = "It is not decided yet. Ask again with the same payload; do not pay again.";
      const pending = { success: false, errorReason: SETTLEMENT_PENDING, errorMessage };
      return { ...pending, transaction: transactionHash ?? "", network, payer };
    }
  }
}
