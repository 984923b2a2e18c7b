import { id } from "ethers";
import fc from "fast-check";

import { p256Address } from "../../sdk/p256.ts";
import { p256PublicKey } from "../../sdk/p256-signer.ts";
import { assertionOf, clientData, signInSoftware } from "../../scripts/vectors/software-passkey.ts";
import type { SignatureVector } from "./signature-vectors.ts";

const PRIVATE_KEY = id("Corridor: passkey of random answers");
const HOSTS = ["localhost", "example.com", "pay.example.com", "example.com.", "a.localhost", "", "com"];
const MEMBERS = ["type", "challenge", "origin", "crossOrigin"];

function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(usual), weight: 4 }, fc.constantFrom(...others));
}

/** Answers that a passkey signed: the signature is always right, what stands in the answer not always. */
export const signedAnswers: fc.Arbitrary<Omit<SignatureVector, "valid">> = fc
  .record({
    digest: fc.constantFrom(id("one"), id("another")),
    scheme: mostly("https://", "http://", "ftps://"),
    host: fc.constantFrom(...HOSTS),
    end: mostly("", ":8443", "/", "\\"),
    cut: mostly(0, 4, 1, -1),
    flags: fc.oneof({ arbitrary: fc.constantFrom(0x05, 0x1d), weight: 3 }, fc.nat(255)),
    type: mostly("webauthn.get", "webauthn.create", "webauthn.gets", ""),
    order: fc.shuffledSubarray(MEMBERS, { minLength: 3 }),
    extensions: fc.constantFrom("0x", "0xa0"),
  })
  .map(({ digest, scheme, host, end, cut, flags, type, order, extensions }) => {
    const answer = { ...assertionOf(digest), type, flags, extensions, origin: `${scheme}${host}${end}` };
    const rpId = host.slice(Math.max(0, cut));
    const rpIdLength = Math.max(0, host.length - cut);
    return {
      name: JSON.stringify({ ...answer, rpId, rpIdLength, order }),
      kind: "passkey",
      signer: p256Address(p256PublicKey(PRIVATE_KEY)),
      digest,
      signature: signInSoftware(PRIVATE_KEY, {
        ...answer,
        rpId,
        rpIdLength,
        clientDataJSON: clientData(answer, order),
      }),
      by: "noble",
    };
  });
