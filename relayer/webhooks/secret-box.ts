import { randomBytes } from "node:crypto";

import { AppError } from "../app-error.ts";
import { open, seal } from "../sealed-box.ts";

const PREFIX = "whsec_";

/** A secret as Standard Webhooks has it: `whsec_` and 32 random bytes in base64. */
export function newSecret(): string {
  return PREFIX + randomBytes(32).toString("base64");
}

/** Encrypts an endpoint's secret. @param key 32 bytes. @returns nonce, ciphertext and tag; good for this endpoint only. */
export function sealSecret(key: Buffer, endpointId: string, secret: string): Buffer {
  return seal(key, endpointId, Buffer.from(secret.slice(PREFIX.length), "base64"));
}

/** @throws AppError `secret_unreadable` if it was sealed under another key, for another endpoint, or changed. */
export function openSecret(key: Buffer, endpointId: string, sealed: Buffer): string {
  try {
    return PREFIX + open(key, endpointId, sealed).toString("base64");
  } catch (cause) {
    throw new AppError("secret_unreadable", "the endpoint's secret cannot be read: rotate it", { cause });
  }
}

/**
 * Those of an endpoint's secrets that open: after the key was changed, a rotated secret signs although the former does not open.
 * @throws AppError `secret_unreadable` if none does.
 */
export function openSecrets(key: Buffer, endpointId: string, sealed: readonly Buffer[]): readonly string[] {
  let failure: unknown;
  const secrets = sealed.flatMap((one) => {
    try {
      return [openSecret(key, endpointId, one)];
    } catch (error) {
      failure = error;
      return [];
    }
  });
  if (secrets.length === 0) throw failure;
  return secrets;
}
