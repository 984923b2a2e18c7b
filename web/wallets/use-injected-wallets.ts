import { useEffect, useState } from "react";

import { type AnnouncedWallet, watchInjectedWallets } from "./announced-wallets.ts";

/** The browser's wallets, as they announce themselves. */
export function useInjectedWallets(): readonly AnnouncedWallet[] {
  const [wallets, setWallets] = useState<readonly AnnouncedWallet[]>([]);
  useEffect(
    () =>
      watchInjectedWallets((wallet) => {
        setWallets((known) => (known.some(({ info }) => info.uuid === wallet.info.uuid) ? known : [...known, wallet]));
      }),
    [],
  );
  return wallets;
}
