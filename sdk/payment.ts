/** A payment: the terms that a payer signs. Amounts in the token's smallest units, times in Unix seconds. */
export interface Payment {
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  /** From an account, the top byte says who signs; see `splitNonce`. */
  readonly nonce: bigint;
  readonly deadline: bigint;
  /** 32 bytes in hex: a salted commitment to the invoice, which stays off chain. */
  readonly memo: string;
}

/** The states of a payment at a relayer. */
export const PAYMENT_STATES = ["accepted", "assigned", "submitted", "settled", "final", "rejected", "expired"] as const;

export type PaymentState = (typeof PAYMENT_STATES)[number];

/** Whether nothing more is going to happen to the payment, short of a reorg of the chain. */
export function isDecided(state: PaymentState): boolean {
  switch (state) {
    case "settled":
    case "final":
    case "rejected":
    case "expired":
      return true;
    case "accepted":
    case "assigned":
    case "submitted":
      return false;
  }
}

/** Whether a payment's stream of states ends here; as {@link isDecided}, but for what a reorg may still take back. */
export function hasEnded(state: PaymentState): boolean {
  return isDecided(state) && state !== "settled";
}

/** Where a payment's money comes from: the payer's account in the Ledger, or her tokens by one of these authorizations. */
export const FUNDINGS = ["account", "erc3009", "permit2"] as const;

export type Funding = (typeof FUNDINGS)[number];
