import { p256 } from "@noble/curves/nist.js";
import { getBytes, hexlify, sha256 } from "ethers";

import { encodeP256Signature, type P256PublicKey } from "./p256.ts";

/** The public key of a private one, 32 bytes in hex. @throws Error if it is no private key. */
export function p256PublicKey(privateKey: string): P256PublicKey {
  const key = p256.getPublicKey(getBytes(privateKey), false);
  return { x: hexlify(key.subarray(1, 33)), y: hexlify(key.subarray(33)) };
}

/**
 * Signs an EIP-712 digest as a device does that keeps a P-256 key: ECDSA over the digest's SHA-256.
 * @returns x ‖ y ‖ r ‖ s, 128 bytes in hex. The same for the same digest (RFC 6979).
 * @throws Error if it is no private key.
 */
export function signDigestWithP256(privateKey: string, digest: string): string {
  const hash = getBytes(sha256(digest));
  const signature = p256.sign(hash, getBytes(privateKey), { prehash: false, lowS: true });
  const { r, s } = p256.Signature.fromBytes(signature);
  return encodeP256Signature(p256PublicKey(privateKey), { r, s });
}
