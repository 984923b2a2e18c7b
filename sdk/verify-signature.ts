import { p256 } from "@noble/curves/nist.js";
import { getBytes, hexlify, sha256 } from "ethers";

import { recoverSigner, toCompact } from "./signature.ts";
import { createSignatureCheck, type Curves } from "./signature-check.ts";

const CURVES: Curves = {
  recover: (digest, signature) => recoverSigner(hexlify(digest), toCompact(signature))?.toLowerCase(),
  verifyP256(message, rs, key) {
    const publicKey = new Uint8Array(65);
    publicKey[0] = 4;
    publicKey.set(key, 1);
    try {
      return p256.verify(rs, getBytes(sha256(message)), publicKey, { prehash: false, lowS: true });
    } catch {
      return false;
    }
  },
};

/**
 * Whether `signer` (an address) signed `digest` (32 bytes in hex): by ECDSA, with a P-256 key or with a passkey. Needs no
 * chain, so it cannot say what a contract account accepts: then the answer is `ask_contract`. Never throws.
 *
 * @example
 * verifySignature(payment.payer, paymentId(domain, payment), signature) === "valid"
 */
export const verifySignature = createSignatureCheck(CURVES);
