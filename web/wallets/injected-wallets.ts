import { concat, getAddress, hexlify, isHexString, toBeHex, toUtf8Bytes, TypedDataEncoder, zeroPadValue } from "ethers";

import type { NetworkView } from "../../sdk/client.ts";
import type { AnnouncedWallet, Eip1193Provider } from "./announced-wallets.ts";
import { type Wallet, WalletError } from "./wallet.ts";

/** Asks for an account on the network's chain. @throws WalletError */
export async function connectInjectedWallet(
  { info, provider }: AnnouncedWallet,
  network: Pick<NetworkView, "chainId" | "rpcUrl">,
): Promise<Wallet> {
  const accounts = await ask<readonly string[]>(provider, "eth_requestAccounts", []);
  const [first] = accounts;
  if (first === undefined) throw new WalletError("no_account");
  await requireChain(provider, network);
  const address = getAddress(first);
  return {
    kind: "injected",
    name: info.name,
    address,
    async signTypedData(domain, types, value) {
      await requireChain(provider, network);
      const payload = JSON.stringify(TypedDataEncoder.getPayload(domain, types, value));
      return ask<string>(provider, "eth_signTypedData_v4", [address, payload]);
    },
    async tokensOf(token) {
      // balanceOf(address)
      const data = concat(["0x70a08231", zeroPadValue(address, 32)]);
      const answer = await ask<string>(provider, "eth_call", [{ to: token, data }, "latest"]);
      return isHexString(answer, 32) ? BigInt(answer) : 0n;
    },
    signMessage: (text) => ask<string>(provider, "personal_sign", [hexlify(toUtf8Bytes(text)), address]),
  };
}

/** Wallets refuse to sign for a chain that they are not on. */
async function requireChain(
  provider: Eip1193Provider,
  { chainId, rpcUrl }: Pick<NetworkView, "chainId" | "rpcUrl">,
): Promise<void> {
  const isThere = async (): Promise<boolean> =>
    BigInt(await ask<string>(provider, "eth_chainId", [])) === BigInt(chainId);
  if (await isThere()) return;
  const hex = toBeHex(BigInt(chainId)).replace(/^0x0+(?=.)/, "0x");
  try {
    await ask(provider, "wallet_switchEthereumChain", [{ chainId: hex }]);
  } catch (error) {
    if (error instanceof WalletError && error.code === "declined")
      throw new WalletError("wrong_network", { cause: error });
    if (rpcUrl === null) throw new WalletError("wrong_network", { cause: error });
    const chain = {
      chainId: hex,
      chainName: `Chain ${chainId}`,
      rpcUrls: [rpcUrl],
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    };
    await ask(provider, "wallet_addEthereumChain", [chain]).catch((cause: unknown) => {
      throw new WalletError("wrong_network", { cause });
    });
  }
  if (!(await isThere())) throw new WalletError("wrong_network");
}

/** EIP-1193: 4001 is the owner's no, 4100 an account that was not given, 4200 and -32601 a method that there is not. */
const FAILURES: Readonly<Record<number, WalletError["code"]>> = {
  4001: "declined",
  4100: "no_account",
  4200: "unavailable",
  [-32601]: "unavailable",
};

async function ask<T>(provider: Eip1193Provider, method: string, params: readonly unknown[]): Promise<T> {
  try {
    return (await provider.request({ method, params })) as T;
  } catch (cause) {
    const code = typeof cause === "object" && cause !== null && "code" in cause ? Number(cause.code) : NaN;
    throw new WalletError(FAILURES[code] ?? "failed", { cause });
  }
}
