import { computeAddress, SigningKey } from "ethers";

import type { LaneSigner } from "./lane-signer.ts";

/** A key in this process's memory. @param privateKey 32 bytes in hex. */
export function createLocalSigner(privateKey: string): LaneSigner {
  const key = new SigningKey(privateKey);
  return {
    address: computeAddress(key),
    sign: (digest) => Promise.resolve(key.sign(digest)),
  };
}
