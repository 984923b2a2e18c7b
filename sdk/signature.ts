import { getBytes, hexlify, isHexString, recoverAddress, Signature } from "ethers";

/** An ECDSA signature in ERC-2098's form, as `Ledger.settle` takes it. */
export interface CompactSignature {
  readonly r: string;
  readonly vs: string;
}

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** An ECDSA signature over secp256k1, in bytes. */
export interface RecoverableSignature {
  /** r ‖ s, 64 bytes. */
  readonly rs: Uint8Array;
  readonly yParity: 0 | 1;
}

/**
 * Reads 64 bytes (ERC-2098: r, vs) or 65 bytes (r, s, v with v 27 or 28), low s only: what the contract's
 * library `Signatures` takes. Anything else is `undefined`.
 */
export function readRecoverable(bytes: Uint8Array): RecoverableSignature | undefined {
  const [top = 0, v = 0] = [bytes[32], bytes[64]];
  if (bytes.length !== 64 && (bytes.length !== 65 || (v !== 27 && v !== 28))) return undefined;
  const rs = bytes.slice(0, 64);
  if (bytes.length === 64) rs[32] = top & 0x7f;
  if (BigInt(hexlify(rs.subarray(32))) > HALF_ORDER) return undefined;
  const isOdd = bytes.length === 64 ? top > 0x7f : v === 28;
  return { rs, yParity: isOdd ? 1 : 0 };
}

/** The same, from hex, in the form that the contract takes. */
export function toCompactSignature(signature: string): CompactSignature | undefined {
  if (!isHexString(signature, 64) && !isHexString(signature, 65)) return undefined;
  const parsed = readRecoverable(getBytes(signature));
  return parsed === undefined ? undefined : toCompact(parsed);
}

export function toCompact({ rs, yParity }: RecoverableSignature): CompactSignature {
  const vs = rs.slice(32);
  vs[0] = (vs[0] ?? 0) | (yParity << 7);
  return { r: hexlify(rs.subarray(0, 32)), vs: hexlify(vs) };
}

/** Who signed `digest`; `undefined` if the numbers are no signature at all. */
export function recoverSigner(digest: string, signature: CompactSignature): string | undefined {
  try {
    return recoverAddress(digest, Signature.from({ r: signature.r, yParityAndS: signature.vs }));
  } catch {
    return undefined;
  }
}
