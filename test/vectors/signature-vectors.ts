import { readFileSync } from "node:fs";

/** A signature and whether it counts, of a signer without code. Written by `npm run vectors`. */
export interface SignatureVector {
  readonly name: string;
  readonly kind: "ecdsa" | "p256" | "passkey" | "none";
  readonly signer: string;
  readonly digest: string;
  readonly signature: string;
  readonly valid: boolean;
  /** Who made it; `derived`: another one, changed. */
  readonly by: "chromium" | "derived" | "ethers" | "noble";
}

export const SIGNATURES_FILE = new URL("signatures.json", import.meta.url);

export function readSignatureVectors(): readonly SignatureVector[] {
  return JSON.parse(readFileSync(SIGNATURES_FILE, "utf8")) as SignatureVector[];
}
