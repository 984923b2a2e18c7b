import { createPublicKey, verify } from "node:crypto";

import secp256k1 from "secp256k1";

import { toSpki } from "../sdk/p256.ts";
import { createSignatureCheck, type Curves, keyAddress } from "../sdk/signature-check.ts";

/** libsecp256k1 and OpenSSL: several times as fast as the SDK's JavaScript (`npm run bench:intake`). */
const CURVES: Curves = {
  recover(digest, { rs, yParity }) {
    try {
      return keyAddress(secp256k1.ecdsaRecover(rs, yParity, digest, false).subarray(1));
    } catch {
      return undefined;
    }
  },
  verifyP256(message, rs, key) {
    try {
      const publicKey = createPublicKey({ key: Buffer.from(toSpki(key)), format: "der", type: "spki" });
      return verify("sha256", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, rs);
    } catch {
      return false;
    }
  },
};

/** The SDK's `verifySignature`, with the same answers, for many payments a second. Never throws. */
export const checkSignature = createSignatureCheck(CURVES);
