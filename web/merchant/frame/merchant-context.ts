import { createContext, useContext } from "react";

import type { Wallet } from "../../wallets/wallet.ts";

/** Who is signed in, and what signs for her. */
export interface Merchant {
  /** Checksummed. */
  readonly address: string;
  /** Her wallet; asks to connect it if this page has lost it. @throws WalletError `declined` if she does not. */
  wallet(): Promise<Wallet>;
}

export const MerchantContext = createContext<Merchant | undefined>(undefined);

/** Inside the merchant's frame only. */
export function useMerchant(): Merchant {
  const merchant = useContext(MerchantContext);
  if (merchant === undefined) throw new Error("Nobody is signed in here");
  return merchant;
}
