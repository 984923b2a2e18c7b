import { getBytes } from "ethers";

import { AppError } from "../app-error.ts";
import { kmsError } from "./kms-error.ts";
import { addressOfSpki, signatureFromDer } from "./kms-key.ts";
import type { LaneSigner } from "./lane-signer.ts";

/** What is asked of a key management service that speaks like AWS KMS. */
export interface KmsClient {
  getPublicKey(keyId: string): Promise<KmsPublicKey>;
  /** Signs a digest of 32 bytes with ECDSA over secp256k1. @returns the signature in DER. */
  sign(keyId: string, digest: Uint8Array): Promise<Uint8Array>;
}

export interface KmsPublicKey {
  /** Names the key for good, where the one that was asked for may be an alias. */
  readonly keyId: string | undefined;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly keySpec: string | undefined;
  readonly keyUsage: string | undefined;
}

const KEY_SPEC = "ECC_SECG_P256K1";
const KEY_USAGE = "SIGN_VERIFY";

/**
 * A lane's key that never leaves KMS. What comes back is used only once it was found to be this address's signature.
 * @throws AppError, here and of `sign`: retriable `kms_throttled`, `kms_unavailable`; for good `kms_key_disabled`,
 * `kms_key_missing`, `kms_key_invalid_state`, `kms_key_unsuitable` (not secp256k1, or not for signing),
 * `kms_access_denied`, `kms_wrong_signature`, `kms_failed`.
 */
export async function createKmsSigner({
  client,
  keyId,
}: {
  readonly client: KmsClient;
  readonly keyId: string;
}): Promise<LaneSigner> {
  const key = await client.getPublicKey(keyId).catch((cause: unknown) => {
    throw kmsError(`show the public key of ${keyId}`, cause);
  });
  const address = addressOfSpki(key.publicKey);
  if (key.keySpec !== KEY_SPEC || key.keyUsage !== KEY_USAGE || address === undefined) {
    throw new AppError(
      "kms_key_unsuitable",
      `The key ${keyId} is ${key.keySpec} for ${key.keyUsage}; a lane needs ${KEY_SPEC} for ${KEY_USAGE}.`,
    );
  }
  // An alias may be pointed at another key any time; the lane stays with the one whose address it has.
  const signingKey = key.keyId ?? keyId;
  return {
    address,
    async sign(digest) {
      const der = await client.sign(signingKey, getBytes(digest)).catch((cause: unknown) => {
        throw kmsError(`sign by ${keyId}`, cause);
      });
      const signature = signatureFromDer(der, digest, address);
      if (signature !== undefined) return signature;
      throw new AppError("kms_wrong_signature", `What KMS answered for ${keyId} is no signature by ${address}.`);
    },
  };
}
