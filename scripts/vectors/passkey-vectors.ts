import { dataLength } from "ethers";

import { P256_ORDER, p256Address, readDerSignature } from "../../sdk/p256.ts";
import { packPasskeySignature } from "../../sdk/passkey.ts";
import type { SignatureVector } from "../../test/vectors/signature-vectors.ts";
import { derive, deriveLengths, deriveNumbers, digestOf, overwrite } from "./changes.ts";
import type { PasskeyBrowser, Site } from "./chromium.ts";

const SITES: readonly (Site & { readonly eligible: boolean; readonly backedUp: boolean })[] = [
  { origin: "http://localhost:8443", rpId: "localhost", eligible: false, backedUp: false },
  { origin: "http://localhost", rpId: "localhost", eligible: true, backedUp: true },
  { origin: "https://pay.example.com", rpId: "example.com", eligible: true, backedUp: true },
  { origin: "https://pay.example.com:8443", rpId: "pay.example.com", eligible: true, backedUp: false },
  { origin: "https://example.com", rpId: "example.com", eligible: false, backedUp: false },
];

/** Assertions of each passkey: enough to meet signatures with a high s and DER of each length. */
const ROUNDS = 4;

/** Passkeys' answers as Chromium gives them, and what is left of them when they are changed afterwards. */
export async function passkeyVectors(browser: PasskeyBrowser): Promise<SignatureVector[]> {
  const real: SignatureVector[] = [];
  let high = 0;
  for (const site of SITES) {
    const key = await browser.register(site, site);
    for (let round = 0; round <= ROUNDS; round += 1) {
      const isUserVerified = round < ROUNDS;
      const name = `passkey of ${site.rpId} at ${site.origin}, ${isUserVerified ? round + 1 : "user not verified"}`;
      const digest = digestOf(name);
      const assertion = await browser.assert(site, digest, isUserVerified);
      const signature = packPasskeySignature(key, assertion);
      if (signature === undefined) throw new Error(`${name}: cannot be packed`);
      if ((readDerSignature(new Uint8Array(assertion.signature))?.s ?? 0n) > P256_ORDER / 2n) high += 1;
      real.push({
        name,
        kind: "passkey",
        signer: p256Address(key),
        digest,
        signature,
        valid: isUserVerified,
        by: "chromium",
      });
    }
  }
  if (high === 0) throw new Error("Chromium gave no signature with a high s; run this again");
  const first = real.find(({ name }) => name.startsWith("passkey of example.com"));
  if (first === undefined) throw new Error("No passkey of example.com");
  const fields = [32, 64, 96, 127, 128, 129, 130, 132, 134, 136, 137, 138, 139, 170, 171, 174, 175];
  const lengths = [...fields, dataLength(first.signature) - 1];
  return [...real, ...deriveNumbers(first), ...deriveLengths(first, lengths), ...deriveFields(first)];
}

function deriveFields(from: SignatureVector): SignatureVector[] {
  const fields = ["typeIndex", "challengeIndex", "originIndex", "rpIdLength", "authenticatorDataLength"];
  return fields.flatMap((field, index) =>
    ["0x0000", "0x0002", "0xffff"].map((value) =>
      derive(from, `${field} ${value}`, { signature: overwrite(from.signature, 128 + 2 * index, value) }),
    ),
  );
}
