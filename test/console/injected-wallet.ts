import type { TypedDataDomain, TypedDataField, Wallet } from "ethers";
import type { BrowserContext } from "playwright-core";

interface Call {
  readonly method: string;
  readonly params?: readonly unknown[];
}

/** What runs in each page: text, as a compiler's additions to a function would not be there. */
const ANNOUNCEMENT = `
const provider = {
  request: async (call) => {
    const { result, error } = await askTestWallet(call);
    if (error !== undefined) throw Object.assign(new Error("refused: " + error), { code: error });
    return result;
  },
};
const info = { uuid: "8f2d1b1e-0000-4000-8000-000000000001", name: "Test Wallet", icon: "", rdns: "test.wallet" };
const announce = () => {
  const detail = Object.freeze({ info: Object.freeze(info), provider });
  window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
};
window.addEventListener("eip6963:requestProvider", announce);
announce();
`;

/** How a wallet's owner, or her wallet, behaves. */
export interface Behaviour {
  /** The chain that the wallet is on. */
  chainId: bigint;
  /** Whether its owner agrees to what it asks her. */
  agrees: boolean;
}

/**
 * Puts a wallet into every page of a context that announces itself by EIP-6963 and signs with a real key. What it is asked to read
 * of the chain it asks `rpc`. @returns its behaviour, which may be changed at any time.
 */
export async function injectWallet(
  context: BrowserContext,
  wallet: Wallet,
  chainId: bigint,
  rpc: (method: string, params: readonly unknown[]) => Promise<unknown>,
): Promise<Behaviour> {
  const behaviour: Behaviour = { chainId, agrees: true };
  await context.exposeFunction("askTestWallet", async ({ method, params = [] }: Call) => {
    try {
      return { result: await answer(method, params) };
    } catch (error) {
      return { error: error instanceof Refusal ? error.code : -32603 };
    }
  });
  await context.addInitScript({ content: ANNOUNCEMENT });

  async function answer(method: string, params: readonly unknown[]): Promise<unknown> {
    switch (method) {
      case "eth_chainId":
        return `0x${behaviour.chainId.toString(16)}`;
      case "eth_requestAccounts":
      case "eth_accounts":
        return [wallet.address.toLowerCase()];
      case "wallet_switchEthereumChain":
        requireAgreement();
        behaviour.chainId = BigInt((params[0] as { chainId: string }).chainId);
        return null;
      case "personal_sign":
        requireAgreement();
        return wallet.signMessage(Buffer.from(String(params[0]).slice(2), "hex"));
      case "eth_signTypedData_v4": {
        requireAgreement();
        const { domain, types, message } = JSON.parse(String(params[1])) as {
          domain: TypedDataDomain;
          types: Record<string, TypedDataField[]>;
          message: Record<string, unknown>;
        };
        const structs = Object.fromEntries(Object.entries(types).filter(([name]) => name !== "EIP712Domain"));
        return wallet.signTypedData(domain, structs, message);
      }
      default:
        return rpc(method, params);
    }
  }

  function requireAgreement(): void {
    if (!behaviour.agrees) throw new Refusal(4001);
  }

  return behaviour;
}

class Refusal extends Error {
  constructor(readonly code: number) {
    super(String(code));
  }
}
