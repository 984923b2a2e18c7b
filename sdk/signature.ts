import { getBytes, isHexString, recoverAddress, Signature } from "ethers";

/** An ECDSA signature in ERC-2098's form, as `Ledger.settle` takes it. */
export interface CompactSignature {
  readonly r: string;
  readonly vs: string;
}

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * Reads 64 bytes (ERC-2098: r, vs) or 65 bytes (r, s, v with v 27 or 28), low s only: what the contract's
 * library `Signatures` takes. Anything else is `undefined`.
 */
export function toCompactSignature(signature: string): CompactSignature | undefined {
  if (!isHexString(signature, 64) && !isHexString(signature, 65)) return undefined;
  const bytes = getBytes(signature);
  const recovery = bytes[64];
  if (bytes.length === 65 && recovery !== 27 && recovery !== 28) return undefined;
  // ethers throws on a high s in some forms, so look first.
  const s = BigInt(`0x${signature.slice(66, 130)}`);
  if ((bytes.length === 64 ? s & (2n ** 255n - 1n) : s) > HALF_ORDER) return undefined;
  const parsed = Signature.from(signature);
  return { r: parsed.r, vs: parsed.yParityAndS };
}

/** Who signed `digest`; `undefined` if the numbers are no signature at all. */
export function recoverSigner(digest: string, signature: CompactSignature): string | undefined {
  try {
    return recoverAddress(digest, Signature.from({ r: signature.r, yParityAndS: signature.vs }));
  } catch {
    return undefined;
  }
}
