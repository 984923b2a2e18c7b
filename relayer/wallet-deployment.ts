/** How a contract wallet comes to be: a call of its factory. */
export interface WalletDeployment {
  readonly factory: string;
  readonly data: string;
}

/** A signature of a wallet that is not there yet. */
export interface WalletToTry extends WalletDeployment {
  readonly signer: string;
  readonly digest: string;
  /** What the wallet itself takes. */
  readonly signature: string;
}

/** What would come of it, in the order of the contract `WalletTrial`. */
export const WALLET_OUTCOMES = ["factory_failed", "no_code", "bad_signature", "valid"] as const;
export type WalletOutcome = (typeof WALLET_OUTCOMES)[number];

/** What the chain says of wallets. All of it rejects, retriable, if the node does not answer. */
export interface WalletQuestions {
  readonly hasCode: (account: string) => Promise<boolean>;
  /** Deploys the wallet and asks it, by simulation. */
  readonly tryWallet: (wallet: WalletToTry) => Promise<WalletOutcome>;
}

/** Gas of the transaction that deploys a wallet. Of it the factory needs no more than `WalletTrial.FACTORY_GAS`. */
export const WALLET_DEPLOYMENT_GAS = 3_000_000;
