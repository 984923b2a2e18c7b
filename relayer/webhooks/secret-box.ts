import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

import { AppError } from "../app-error.ts";

const ALGORITHM = "aes-256-gcm";
const NONCE = 12;
const TAG = 16;
const PREFIX = "whsec_";

/** A secret as Standard Webhooks has it: `whsec_` and 32 random bytes in base64. */
export function newSecret(): string {
  return PREFIX + randomBytes(32).toString("base64");
}

/** Encrypts an endpoint's secret. @param key 32 bytes. @returns nonce, ciphertext and tag; good for this endpoint only. */
export function sealSecret(key: Buffer, endpointId: string, secret: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG }).setAAD(Buffer.from(endpointId));
  const sealed = Buffer.concat([cipher.update(Buffer.from(secret.slice(PREFIX.length), "base64")), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
}

/** @throws AppError `secret_unreadable` if it was sealed under another key, for another endpoint, or changed. */
export function openSecret(key: Buffer, endpointId: string, sealed: Buffer): string {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE), { authTagLength: TAG })
      .setAAD(Buffer.from(endpointId))
      .setAuthTag(sealed.subarray(-TAG));
    const secret = Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
    return PREFIX + secret.toString("base64");
  } catch (cause) {
    throw new AppError("secret_unreadable", "the endpoint's secret cannot be read: rotate it", { cause });
  }
}
