import { createPublicKey, type JsonWebKey } from "node:crypto";

import { computeAddress, hexlify, recoverAddress, Signature } from "ethers";
import secp256k1 from "secp256k1";

/**
 * The address of a public key in DER, as SubjectPublicKeyInfo (RFC 5480).
 * @returns `undefined` if it is no key of secp256k1.
 */
export function addressOfSpki(der: Uint8Array): string | undefined {
  let jwk: JsonWebKey;
  try {
    jwk = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" }).export({ format: "jwk" });
  } catch {
    return undefined;
  }
  if (jwk.crv !== "secp256k1" || jwk.x === undefined || jwk.y === undefined) return undefined;
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(jwk.x, "base64url"), Buffer.from(jwk.y, "base64url")]);
  return computeAddress(hexlify(point));
}

/**
 * The signature over `digest` from its DER form (RFC 3279), which has neither a bound on s nor the bit by which the signer
 * is recovered. @returns it with low s (EIP-2) and that bit; `undefined` if `address` did not sign.
 */
export function signatureFromDer(der: Uint8Array, digest: string, address: string): Signature | undefined {
  for (const yParity of [0, 1] as const) {
    try {
      const compact = secp256k1.signatureNormalize(secp256k1.signatureImport(der));
      const [r, s] = [hexlify(compact.slice(0, 32)), hexlify(compact.slice(32))];
      const signature = Signature.from({ r, s, yParity });
      if (recoverAddress(digest, signature) === address) return signature;
    } catch {
      // Not DER, or no point on the curve for this bit.
    }
  }
  return undefined;
}
