import type { PulledFunding } from "../../sdk/gateway-typed-data.ts";

/** What can be wrong with a payment, whichever way it goes. */
export type Failure =
  | "amount"
  | "payee"
  | "token"
  | "spender"
  | "too_early"
  | "expired"
  | "signature"
  | "balance"
  | "allowance"
  | "used"
  | "simulation"
  | "transaction";

/** What x402 calls it: the words of its own packages (`@x402/evm`), which clients know. */
const REASONS: Readonly<Record<PulledFunding, Readonly<Record<Failure, string>>>> = {
  erc3009: {
    amount: "invalid_exact_evm_payload_authorization_value_mismatch",
    payee: "invalid_exact_evm_recipient_mismatch",
    token: "invalid_payment_requirements",
    spender: "unsupported_payload_type",
    too_early: "invalid_exact_evm_payload_authorization_valid_after",
    expired: "invalid_exact_evm_payload_authorization_valid_before",
    signature: "invalid_exact_evm_signature",
    balance: "invalid_exact_evm_insufficient_balance",
    allowance: "invalid_exact_evm_transaction_simulation_failed",
    used: "invalid_exact_evm_nonce_already_used",
    simulation: "invalid_exact_evm_transaction_simulation_failed",
    transaction: "invalid_exact_evm_transaction_failed",
  },
  permit2: {
    amount: "permit2_amount_mismatch",
    payee: "invalid_permit2_recipient_mismatch",
    token: "permit2_token_mismatch",
    spender: "invalid_permit2_spender",
    too_early: "permit2_not_yet_valid",
    expired: "permit2_deadline_expired",
    signature: "invalid_permit2_signature",
    balance: "permit2_insufficient_balance",
    allowance: "permit2_allowance_required",
    used: "permit2_invalid_nonce",
    simulation: "permit2_simulation_failed",
    transaction: "invalid_exact_evm_transaction_failed",
  },
};

export function reasonOf(kind: PulledFunding, failure: Failure): string {
  return REASONS[kind][failure];
}

/** What a code of a row, or of the store, says is wrong. */
export function failureOf(code: string): Failure {
  switch (code) {
    case "too_early":
      return "too_early";
    case "expired":
      return "expired";
    case "bad_signature":
      return "signature";
    case "insufficient_balance":
      return "balance";
    case "authorization_used":
      return "used";
    case "transaction_failed":
      return "transaction";
    default:
      return "simulation";
  }
}

/** A payment that is not taken: why, in x402's words, and in ours. */
export interface X402Refusal {
  readonly reason: string;
  readonly message: string;
  /** Unless it cannot be read. */
  readonly payer?: string;
}
