import { getBytes } from "ethers";

import { encodeP256Signature, type P256PublicKey, readSpki } from "../../sdk/p256.ts";
import type { Assertion } from "../../sdk/passkey.ts";
import { openBrowser } from "../browser/chromium.ts";

export interface Site {
  readonly origin: string;
  readonly rpId: string;
}

/** What the passkey's maker says of backups (WebAuthn, 6.1.3). */
export interface Backup {
  readonly eligible: boolean;
  readonly backedUp: boolean;
}

export interface PasskeyBrowser {
  /** Opens a page of the site and registers a passkey there. */
  register(site: Site, backup: Backup): Promise<P256PublicKey>;
  /** Asks the last passkey that was registered, on its own page. */
  assert(site: Site, digest: string, isUserVerified: boolean): Promise<Assertion>;
  /** Signs a digest by WebCrypto with a new P-256 key. */
  signByWebCrypto(digest: string): Promise<{ readonly key: P256PublicKey; readonly signature: string }>;
  close(): Promise<void>;
}

/** Chromium with its virtual authenticator. Nothing leaves the machine: every page is answered here. */
export async function openPasskeyBrowser(): Promise<PasskeyBrowser> {
  const browser = await openBrowser();
  const page = await browser.newPage();
  await page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: "<title>Checkout</title>" }));
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("WebAuthn.enable");
  let authenticatorId: string | undefined;

  async function insertAuthenticator(backup: Backup): Promise<void> {
    if (authenticatorId !== undefined) await devTools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    const added = await devTools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        defaultBackupEligibility: backup.eligible,
        defaultBackupState: backup.backedUp,
      },
    });
    authenticatorId = added.authenticatorId;
  }

  return {
    async register({ origin, rpId }, backup) {
      await insertAuthenticator(backup);
      await page.goto(origin);
      const spki = await page.evaluate(async (id) => {
        const credential = (await navigator.credentials.create({
          publicKey: {
            rp: { id, name: "Corridor" },
            user: { id: new Uint8Array([1]), name: "payer", displayName: "Payer" },
            challenge: new Uint8Array(32),
            pubKeyCredParams: [{ type: "public-key", alg: -7 }],
            authenticatorSelection: { residentKey: "required", userVerification: "required" },
          },
        })) as PublicKeyCredential;
        const key = (credential.response as AuthenticatorAttestationResponse).getPublicKey();
        return [...new Uint8Array(key ?? new ArrayBuffer(0))];
      }, rpId);
      return known(readSpki(new Uint8Array(spki)));
    },

    async assert({ origin, rpId }, digest, isUserVerified) {
      if (authenticatorId === undefined) throw new Error("No passkey was registered");
      await devTools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
      await page.goto(origin);
      const answer = await page.evaluate(
        async ({ id, challenge, verification }) => {
          const credential = (await navigator.credentials.get({
            publicKey: { rpId: id, challenge: new Uint8Array(challenge), userVerification: verification },
          })) as PublicKeyCredential;
          const response = credential.response as AuthenticatorAssertionResponse;
          return [response.authenticatorData, response.clientDataJSON, response.signature].map((part) => [
            ...new Uint8Array(part),
          ]);
        },
        {
          id: rpId,
          challenge: [...getBytes(digest)],
          verification: isUserVerified ? ("required" as const) : ("discouraged" as const),
        },
      );
      const [authenticatorData = [], clientDataJSON = [], signature = []] = answer;
      return {
        authenticatorData: new Uint8Array(authenticatorData),
        clientDataJSON: new Uint8Array(clientDataJSON),
        signature: new Uint8Array(signature),
      };
    },

    async signByWebCrypto(digest) {
      await page.goto("https://pay.example.com");
      const answer = await page.evaluate(
        async (message) => {
          const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
          const pair = await crypto.subtle.generateKey(algorithm, false, ["sign"]);
          const spki = await crypto.subtle.exportKey("spki", pair.publicKey);
          const signature = await crypto.subtle.sign(algorithm, pair.privateKey, new Uint8Array(message));
          return { spki: [...new Uint8Array(spki)], signature: [...new Uint8Array(signature)] };
        },
        [...getBytes(digest)],
      );
      const key = known(readSpki(new Uint8Array(answer.spki)));
      const hex = Buffer.from(answer.signature).toString("hex");
      const numbers = { r: BigInt(`0x${hex.slice(0, 64)}`), s: BigInt(`0x${hex.slice(64)}`) };
      return { key, signature: encodeP256Signature(key, numbers) };
    },

    close: () => browser.close(),
  };
}

function known(key: P256PublicKey | undefined): P256PublicKey {
  if (key === undefined) throw new Error("Chromium gave a key that is not on P-256");
  return key;
}
