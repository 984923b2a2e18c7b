import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What a key's holder sends: `corridor_`, its id, and 32 random bytes in base64url. */
const FORM = /^corridor_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** A secret that was just made: `text` is to be shown once and kept nowhere. */
export interface NewSecret {
  readonly text: string;
  readonly keyHash: Buffer;
  /** What may be shown for ever. */
  readonly prefix: string;
}

export function newKeyId(): string {
  return randomBytes(8).toString("hex");
}

export function newSecret(id: string): NewSecret {
  const bytes = randomBytes(32);
  const secret = bytes.toString("base64url");
  const text = `corridor_${id}_${secret}`;
  return { text, keyHash: sha256(bytes), prefix: text.slice(0, -secret.length + 4) };
}

/** @returns undefined if it is not of a key's form. */
export function readKey(text: string): { readonly id: string; readonly keyHash: Buffer } | undefined {
  const [, id, secret] = FORM.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return { id, keyHash: sha256(Buffer.from(secret, "base64url")) };
}

/** The text behind `Bearer`, by RFC 6750; undefined if the header is of another kind. */
export function readBearer(header: string): string | undefined {
  return /^bearer +([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
}

export function sha256(content: string | Buffer): Buffer {
  return createHash("sha256").update(content).digest();
}

/** Compares hashes in a time that says nothing about where they differ. */
export function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
