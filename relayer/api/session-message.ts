import { randomBytes } from "node:crypto";

import { SiweMessage } from "siwe";

import type { Site } from "./request-site.ts";

/** A signature comes within this time, or not at all. */
export const CHALLENGE_SECONDS = 300;

/** Longer than any that is made here. */
export const MAX_MESSAGE = 2_000;

const STATEMENT = "Sign in to Corridor as a merchant. This moves no money.";

/** What is to be signed, by EIP-4361, in whole: a client changes nothing of it. */
export function writeChallenge(address: string, site: Site, chainId: bigint, now: number) {
  const nonce = randomBytes(16).toString("hex");
  const expiresAt = new Date(now + CHALLENGE_SECONDS * 1_000).toISOString();
  const message = new SiweMessage({
    domain: site.host,
    address,
    statement: STATEMENT,
    uri: site.origin,
    version: "1",
    chainId: Number(chainId),
    nonce,
    issuedAt: new Date(now).toISOString(),
    expirationTime: expiresAt,
  }).prepareMessage();
  return { nonce, message, expiresAt };
}

export type ReadMessage =
  | { readonly ok: true; readonly address: string; readonly nonce: string }
  /** What of the message is not for this place and time. */
  | { readonly ok: false; readonly expected: string };

/** Whether a message is one for this site, chain and time; whose nonce it has is another question. Never throws. */
export function readMessage(text: string, site: Site, chainId: bigint, now: number): ReadMessage {
  const message = parse(text);
  if (message === undefined) return { ok: false, expected: "a message by EIP-4361" };
  const { domain, uri, version, chainId: chain, issuedAt, expirationTime, address, nonce } = message;
  if (domain !== site.host || uri !== site.origin) return { ok: false, expected: `a message for ${site.origin}` };
  if (version !== "1" || BigInt(chain) !== chainId) return { ok: false, expected: `a message for chain ${chainId}` };
  const isLive = Date.parse(issuedAt ?? "") <= now + SKEW_MS && now - SKEW_MS < Date.parse(expirationTime ?? "");
  if (!isLive) return { ok: false, expected: `a challenge of the last ${CHALLENGE_SECONDS} seconds` };
  return { ok: true, address, nonce };
}

/** Between the clocks of two instances; the database's decides when a challenge is past. */
const SKEW_MS = 30_000;

function parse(text: string): SiweMessage | undefined {
  try {
    return new SiweMessage(text);
  } catch {
    return undefined;
  }
}
