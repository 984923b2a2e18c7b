import { getBytes, sha256, toUtf8Bytes, concat } from "ethers";

import { p256Address } from "../../sdk/p256.ts";
import { p256PublicKey } from "../../sdk/p256-signer.ts";
import { toBase64Url } from "../../sdk/passkey-signature.ts";
import type { SignatureVector } from "../../test/vectors/signature-vectors.ts";
import { digestOf } from "./changes.ts";
import { type Answer, assertionOf, clientData, signInSoftware } from "./software-passkey.ts";

const PRIVATE_KEY = digestOf("forged passkey");
const DIGEST = digestOf("forged");
const CHALLENGE = toBase64Url(getBytes(DIGEST));
const GOOD = assertionOf(DIGEST);
const LONG_LABELS = `${"a".repeat(60)}.`.repeat(4);

/** Each wrong in one point only, under a signature that is right: whoever forgets to look at that point takes it. */
const FORGERIES: readonly (readonly [name: string, change: Partial<Answer>, valid?: boolean])[] = [
  ["as it should be", {}, true],
  ["relying party is the whole host", { rpId: "pay.example.com", rpIdLength: 15 }, true],
  ["port", { origin: "https://pay.example.com:8443" }, true],
  ["extensions", { flags: 0x85, extensions: "0xa0" }, true],
  ["eligible for backup and backed up", { flags: 0x1d }, true],
  ["localhost over http", { origin: "http://localhost:3000", rpId: "localhost", rpIdLength: 9 }, true],
  ["host of 253 bytes", { origin: `https://${LONG_LABELS.slice(2)}example.com` }, true],
  [
    "members in another order",
    { clientDataJSON: clientData(GOOD, ["origin", "crossOrigin", "challenge", "type"]) },
    true,
  ],
  ["host of 254 bytes", { origin: `https://${LONG_LABELS.slice(1)}example.com` }],
  ["relying party of another domain", { rpId: "example.org" }],
  ["relying party that does not begin at a dot", { rpId: "xample.com", rpIdLength: 10 }],
  ["relying party that begins with the dot", { rpId: ".example.com", rpIdLength: 12 }],
  ["relying party without a name", { rpId: "", rpIdLength: 0 }],
  ["relying party without a name, behind the dot", { origin: "https://example.com.", rpId: "", rpIdLength: 0 }],
  ["relying party longer than the host, counted from its end", { rpIdLength: 26 }],
  ["relying party longer than the host", { rpId: "//pay.example.com", rpIdLength: 17 }],
  ["relying party is a prefix of the host", { origin: "https://example.com.evil.net" }],
  ["relying party in another case", { rpId: "Example.com" }],
  ["origin over http", { origin: "http://pay.example.com" }],
  ["origin over http that begins with localhost", { origin: "http://localhost.example.com" }],
  ["origin over http that ends in localhost", { origin: "http://my.localhost", rpId: "localhost", rpIdLength: 9 }],
  ["localhost over another scheme", { origin: "ftps://localhost", rpId: "localhost", rpIdLength: 9 }],
  ["origin of an app", { origin: "android:apk-key-hash:example.com" }],
  ["origin that does not end", { clientDataJSON: clientData(GOOD, ["type", "challenge", "origin"]).slice(0, -2) }],
  [
    "only a top origin",
    { clientDataJSON: clientData(GOOD, ["type", "challenge", "origin"]).replace("origin", "topOrigin") },
  ],
  ["user not present", { flags: 0x04 }],
  ["user not verified", { flags: 0x01 }],
  ["no flags", { flags: 0x00 }],
  ["backed up but not eligible", { flags: 0x15 }],
  ["registration", { type: "webauthn.create" }],
  ["type that goes on", { type: "webauthn.get2" }],
  ["challenge of another digest", { challenge: toBase64Url(getBytes(digestOf("another one"))) }],
  ["challenge that goes on", { challenge: `${CHALLENGE}A` }],
  ["challenge with padding", { challenge: `${CHALLENGE}=` }],
  ["challenge with one character less", { challenge: CHALLENGE.slice(0, -1) }],
  ["challenge in hex", { challenge: DIGEST.slice(2) }],
  ["no challenge", { clientDataJSON: clientData(GOOD, ["type", "origin"]) }],
  ["no client data", { clientDataJSON: "" }],
  ["no counter", { authenticatorData: concat([sha256(toUtf8Bytes(GOOD.rpId)), "0x05"]) }],
  ["counter with a byte less", { authenticatorData: concat([sha256(toUtf8Bytes(GOOD.rpId)), "0x05000000"]) }],
  ["no authenticator data", { authenticatorData: "0x" }],
];

export function forgedVectors(): SignatureVector[] {
  const key = p256PublicKey(PRIVATE_KEY);
  return FORGERIES.map(([name, change, valid = false]) => ({
    name: `passkey in software: ${name}`,
    kind: "passkey",
    signer: p256Address(key),
    digest: DIGEST,
    signature: signInSoftware(PRIVATE_KEY, { ...GOOD, ...change }),
    valid,
    by: "noble",
  }));
}
