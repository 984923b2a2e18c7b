import { getAddress, hashMessage, TypedDataEncoder } from "ethers";

import { type P256PublicKey, p256Address } from "../../sdk/p256.ts";
import type { Wallet } from "./wallet.ts";

/** A wallet out of a P-256 key that signs digests: typed data by EIP-712, messages by EIP-191. */
export function digestWallet(
  kind: Wallet["kind"],
  name: string,
  key: P256PublicKey,
  signDigest: (digest: string) => Promise<string>,
): Wallet {
  return {
    kind,
    name,
    address: getAddress(p256Address(key)),
    signTypedData: (domain, types, value) => signDigest(TypedDataEncoder.hash(domain, types, value)),
    signMessage: (text) => signDigest(hashMessage(text)),
  };
}
