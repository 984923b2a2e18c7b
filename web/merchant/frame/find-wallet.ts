import type { NetworkView } from "../../../sdk/client.ts";
import { hasBrowserWallet, openBrowserWallet } from "../../wallets/browser-wallet.ts";
import { type AnnouncedWallet, watchInjectedWallets } from "../../wallets/announced-wallets.ts";
import { connectInjectedWallet } from "../../wallets/injected-wallets.ts";
import { nodeWallet } from "../../wallets/node-wallet.ts";
import { knownPasskeys, passkeyWallet } from "../../wallets/passkey-wallet.ts";
import type { Wallet } from "../../wallets/wallet.ts";
import type { KeptWallet } from "./kept-wallet.ts";

/** Wallets announce themselves at once when asked; a slow one has this long. */
const ANNOUNCE_MS = 500;

/** The wallet that was kept, if this browser still has it with the same account. */
export async function findWallet(kept: KeptWallet, network: NetworkView): Promise<Wallet | undefined> {
  const wallet = await openWallet(kept, network);
  return wallet?.address === kept.address ? wallet : undefined;
}

async function openWallet({ kind, name, address }: KeptWallet, network: NetworkView): Promise<Wallet | undefined> {
  switch (kind) {
    case "node":
      return network.demo === null || network.rpcUrl === null ? undefined : nodeWallet(network.rpcUrl, address, name);
    case "passkey":
      return knownPasskeys()
        .map(passkeyWallet)
        .find((wallet) => wallet.address === address);
    case "browser":
      return (await hasBrowserWallet(name)) ? openBrowserWallet(name) : undefined;
    case "injected": {
      const announced = await announcedWallet(name);
      return announced === undefined ? undefined : connectInjectedWallet(announced, network);
    }
  }
}

function announcedWallet(name: string): Promise<AnnouncedWallet | undefined> {
  return new Promise((resolve) => {
    let stop: () => void = () => undefined;
    const end = setTimeout(() => {
      stop();
      resolve(undefined);
    }, ANNOUNCE_MS);
    stop = watchInjectedWallets((wallet) => {
      if (wallet.info.name !== name) return;
      clearTimeout(end);
      stop();
      resolve(wallet);
    });
  });
}
