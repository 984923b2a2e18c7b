import { getAddress, isAddress } from "ethers";

import type { Wallet } from "../../wallets/wallet.ts";

/** Which wallet signed in, so that it is found again after the page was loaded anew. Nothing of it is secret. */
export type KeptWallet = Pick<Wallet, "kind" | "name" | "address">;

const KEPT_AS = "corridor.merchant.wallet";
const KINDS: readonly unknown[] = ["injected", "passkey", "browser", "node"] satisfies Wallet["kind"][];

export function keepWallet({ kind, name, address }: KeptWallet): void {
  sessionStorage.setItem(KEPT_AS, JSON.stringify({ kind, name, address }));
}

export function forgetWallet(): void {
  sessionStorage.removeItem(KEPT_AS);
}

export function keptWallet(): KeptWallet | undefined {
  return readKeptWallet(sessionStorage.getItem(KEPT_AS));
}

/** @returns undefined of anything that {@link keepWallet} has not written. */
export function readKeptWallet(text: string | null): KeptWallet | undefined {
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { kind, name, address } = value as Partial<Record<keyof KeptWallet, unknown>>;
    if (!KINDS.includes(kind) || typeof name !== "string" || !isAddress(address)) return undefined;
    return { kind: kind as Wallet["kind"], name, address: getAddress(address) };
  } catch {
    return undefined;
  }
}
