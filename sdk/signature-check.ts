import { keccak_256 } from "@noble/hashes/sha3.js";
import { getBytes, hexlify, isHexString } from "ethers";

import { isLowS } from "./p256.ts";
import { parsePasskeySignature, passkeyMessage } from "./passkey-signature.ts";
import { readRecoverable, type RecoverableSignature } from "./signature.ts";

/** `ask_contract`: only a contract account could still accept it, by ERC-1271. */
export type SignatureAnswer = "valid" | "invalid" | "ask_contract";

/** Whether `signer` (an address) signed `digest` (32 bytes in hex). Never throws. */
export type SignatureCheck = (signer: string, digest: string, signature: string) => SignatureAnswer;

/** The mathematics of the two curves. None of it throws. */
export interface Curves {
  /** Who signed, in small letters; `undefined` if the numbers are no signature. */
  recover(digest: Uint8Array, signature: RecoverableSignature): string | undefined;
  /** Whether r ‖ s is a signature of the key x ‖ y over SHA-256 of the message. */
  verifyP256(message: Uint8Array, rs: Uint8Array, key: Uint8Array): boolean;
}

/** Who may sign, in the order of the contract's `SignatureVerifier` (docs/signatures.md), whoever does the mathematics. */
export function createSignatureCheck(curves: Curves): SignatureCheck {
  return (signer, digest, signature) => {
    if (!isHexString(signer, 20) || !isHexString(digest, 32) || !isHexString(signature)) return "invalid";
    if (signature.length % 2 !== 0) return "invalid";
    const account = signer.toLowerCase();
    const bytes = getBytes(signature);
    const recoverable = readRecoverable(bytes);
    if (recoverable !== undefined) {
      return curves.recover(getBytes(digest), recoverable) === account ? "valid" : "ask_contract";
    }
    if (bytes.length < 128) return "ask_contract";
    const key = bytes.subarray(0, 64);
    if (keyAddress(key) !== account) return "ask_contract";
    const rs = bytes.subarray(64, 128);
    if (!isLowS({ r: BigInt(hexlify(rs.subarray(0, 32))), s: BigInt(hexlify(rs.subarray(32))) })) return "invalid";
    const message = signedMessage(bytes, getBytes(digest));
    return message !== undefined && curves.verifyP256(message, rs, key) ? "valid" : "invalid";
  };
}

/** The address of x ‖ y on either curve, in small letters. */
export function keyAddress(key: Uint8Array): string {
  return hexlify(keccak_256(key).subarray(12));
}

/** What a P-256 key must have signed: the digest itself, or what a passkey makes of it. */
function signedMessage(signature: Uint8Array, digest: Uint8Array): Uint8Array | undefined {
  if (signature.length === 128) return digest;
  const parsed = parsePasskeySignature(signature);
  return parsed === undefined ? undefined : passkeyMessage(parsed, digest);
}
