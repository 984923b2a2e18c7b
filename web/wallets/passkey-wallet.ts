import { getBytes, hexlify } from "ethers";

import { type P256PublicKey, readSpki } from "../../sdk/p256.ts";
import { packPasskeySignature } from "../../sdk/passkey.ts";
import { digestWallet } from "./digest-wallet.ts";
import { type Wallet, WalletError } from "./wallet.ts";

/** What this browser remembers of a passkey: nothing of it is secret. */
export interface KnownPasskey {
  readonly credentialId: string;
  readonly x: string;
  readonly y: string;
}

const KEPT_AS = "corridor.passkeys";

export function canUsePasskeys(): boolean {
  return window.isSecureContext && "PublicKeyCredential" in window;
}

/** The passkeys that were made in this browser, the newest first. */
export function knownPasskeys(): readonly KnownPasskey[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isKnownPasskey) : [];
  } catch {
    return [];
  }
}

/** Makes a passkey for this site: one touch. @throws WalletError `declined` if its owner, or the browser, says no. */
export async function makePasskey(siteName: string, userName: string): Promise<Wallet> {
  const credential = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { name: siteName },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name: userName, displayName: userName },
        pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
      },
    }),
  );
  const spki =
    credential.response instanceof AuthenticatorAttestationResponse ? credential.response.getPublicKey() : null;
  const key = spki === null ? undefined : readSpki(new Uint8Array(spki));
  if (key === undefined) throw new WalletError("unavailable");
  const known = { credentialId: hexlify(new Uint8Array(credential.rawId)), ...key };
  localStorage.setItem(KEPT_AS, JSON.stringify([known, ...knownPasskeys()]));
  return passkeyWallet(known);
}

/** A passkey as a wallet: each signature is one touch, over the digest itself. */
export function passkeyWallet({ credentialId, x, y }: KnownPasskey): Wallet {
  const key: P256PublicKey = { x, y };
  return digestWallet("passkey", "", key, async (digest) => {
    const credential = await asked(() =>
      navigator.credentials.get({
        publicKey: {
          challenge: new Uint8Array(getBytes(digest)),
          allowCredentials: [{ type: "public-key", id: new Uint8Array(getBytes(credentialId)) }],
          userVerification: "required",
        },
      }),
    );
    const { response } = credential;
    const signature =
      response instanceof AuthenticatorAssertionResponse ? packPasskeySignature(key, response) : undefined;
    if (signature === undefined) throw new WalletError("unavailable");
    return signature;
  });
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential;
  try {
    credential = await ask();
  } catch (cause) {
    // The browser says the same of a no, of a passkey that is not there and of a time that ran out (WebAuthn, 14.5.1).
    const isNo = cause instanceof DOMException && (cause.name === "NotAllowedError" || cause.name === "AbortError");
    throw new WalletError(isNo ? "declined" : "unavailable", { cause });
  }
  if (credential instanceof PublicKeyCredential) return credential;
  throw new WalletError("unavailable");
}

function isKnownPasskey(value: unknown): value is KnownPasskey {
  if (typeof value !== "object" || value === null) return false;
  const { credentialId, x, y } = value as Partial<Record<keyof KnownPasskey, unknown>>;
  const numbers = [x, y].every((number) => typeof number === "string" && /^0x[0-9a-f]{64}$/.test(number));
  return numbers && typeof credentialId === "string" && /^0x([0-9a-f]{2})+$/.test(credentialId);
}
