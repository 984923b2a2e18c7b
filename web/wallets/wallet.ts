import type { TypedDataSigner } from "../../sdk/typed-data.ts";

/** Somebody who signs: an account, and what keeps its key. */
export interface Wallet extends TypedDataSigner {
  readonly kind: "injected" | "passkey" | "browser" | "node";
  /** As its maker calls it, or its owner; empty where the kind says enough. */
  readonly name: string;
  /** Checksummed. */
  readonly address: string;
  /** What it holds of a token itself, outside of its account in the Ledger; absent of wallets that hold nothing there. */
  readonly tokensOf?: (token: string) => Promise<bigint>;
  /** By EIP-191, as `personal_sign` does. */
  signMessage(text: string): Promise<string>;
}

/** Why a wallet did not sign. */
export type WalletFailure =
  /** Its owner said no. */
  | "declined"
  /** It is on another chain, and would not change. */
  | "wrong_network"
  /** It has no account for this page. */
  | "no_account"
  /** It is not there, or cannot do this. */
  | "unavailable"
  | "failed";

export class WalletError extends Error {
  constructor(
    readonly code: WalletFailure,
    options?: ErrorOptions,
  ) {
    super(code, options);
    this.name = "WalletError";
  }
}
