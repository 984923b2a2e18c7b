import { concat, dataSlice, getAddress, getBytes, hexlify, isHexString, keccak256, toBeHex } from "ethers";

/** A public key on the curve P-256 (secp256r1): 32 bytes in hex each. */
export interface P256PublicKey {
  readonly x: string;
  readonly y: string;
}

/** The two numbers of an ECDSA signature. */
export interface P256Signature {
  readonly r: bigint;
  readonly s: bigint;
}

/** How many points the curve's group has (FIPS 186-4, D.1.2.3). */
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Whose account the key signs for: the last 20 bytes of keccak256(x ‖ y), as with secp256k1. */
export function p256Address(key: P256PublicKey): string {
  return getAddress(dataSlice(keccak256(concat([key.x, key.y])), 12));
}

/** The one of the two equivalent signatures that verifiers take: s at most half of the order. */
export function withLowS({ r, s }: P256Signature): P256Signature {
  return { r, s: s > P256_ORDER / 2n ? P256_ORDER - s : s };
}

/** Whether both numbers are in range and s is the low one. */
export function isLowS({ r, s }: P256Signature): boolean {
  return r > 0n && r < P256_ORDER && s > 0n && s <= P256_ORDER / 2n;
}

/** Signature over a digest: x ‖ y ‖ r ‖ s, 128 bytes in hex. */
export function encodeP256Signature(key: P256PublicKey, signature: P256Signature): string {
  const { r, s } = withLowS(signature);
  return concat([key.x, key.y, toBeHex(r, 32), toBeHex(s, 32)]);
}

/** Reads a signature as authenticators write it: DER, `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279, 2.2.3). */
export function readDerSignature(der: Uint8Array): P256Signature | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = readDerInteger(der, 2);
  if (r === undefined) return undefined;
  const s = readDerInteger(der, r.end);
  if (s?.end !== der.length) return undefined;
  return { r: r.value, s: s.value };
}

function readDerInteger(der: Uint8Array, at: number): { readonly value: bigint; readonly end: number } | undefined {
  const length = der[at + 1];
  // A number below 2^256 takes 33 bytes at most, the first of which keeps it positive.
  if (der[at] !== 0x02 || length === undefined || length === 0 || length > 33) return undefined;
  const bytes = der.subarray(at + 2, at + 2 + length);
  const [first = 0x80, second = 0x80] = bytes;
  if (bytes.length !== length || first >= 0x80) return undefined;
  if (first === 0 && length > 1 && second < 0x80) return undefined;
  const value = BigInt(hexlify(bytes));
  return value < 2n ** 256n ? { value, end: at + 2 + length } : undefined;
}

/** All of a P-256 key's SubjectPublicKeyInfo (RFC 5480) but the two coordinates. */
const SPKI_PREFIX = "0x3059301306072a8648ce3d020106082a8648ce3d03010703420004";

/** Reads what a passkey's registration gives: `AuthenticatorAttestationResponse.getPublicKey()`. */
export function readSpki(spki: ArrayBuffer | Uint8Array): P256PublicKey | undefined {
  const hex = hexlify(spki instanceof Uint8Array ? spki : new Uint8Array(spki));
  if (!isHexString(hex, 91) || !hex.startsWith(SPKI_PREFIX)) return undefined;
  return { x: dataSlice(hex, 27, 59), y: dataSlice(hex, 59) };
}

/** The SubjectPublicKeyInfo of x ‖ y, for `node:crypto` and WebCrypto. */
export function toSpki(key: Uint8Array): Uint8Array {
  const spki = new Uint8Array(91);
  spki.set(getBytes(SPKI_PREFIX));
  spki.set(key, 27);
  return spki;
}
