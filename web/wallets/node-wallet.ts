import { getAddress, hexlify, toUtf8Bytes, TypedDataEncoder } from "ethers";

import { askNode } from "../chain/ask-node.ts";
import type { Wallet } from "./wallet.ts";

/** An account whose key a local chain's node has, known to all: for demonstrations only. */
export function nodeWallet(rpcUrl: string, account: string, name: string): Wallet {
  const address = getAddress(account);
  return {
    kind: "node",
    name,
    address,
    signTypedData: (domain, types, value) => {
      const payload: unknown = TypedDataEncoder.getPayload(domain, types, value);
      return askNode<string>(rpcUrl, "eth_signTypedData_v4", [address, payload]);
    },
    signMessage: (text) => askNode<string>(rpcUrl, "personal_sign", [hexlify(toUtf8Bytes(text)), address]),
  };
}
