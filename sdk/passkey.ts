import { concat, toBeHex } from "ethers";

import { encodeP256Signature, type P256PublicKey, readDerSignature } from "./p256.ts";
import { CHALLENGE, isRelyingParty, ORIGIN, originHost, TYPE } from "./passkey-signature.ts";

/** What `navigator.credentials.get` answers, in `AuthenticatorAssertionResponse`. */
export interface Assertion {
  readonly authenticatorData: ArrayBuffer | Uint8Array;
  readonly clientDataJSON: ArrayBuffer | Uint8Array;
  /** DER. */
  readonly signature: ArrayBuffer | Uint8Array;
}

/**
 * A passkey's answer as the signature of a payment. Ask the passkey with the digest's 32 bytes as the `challenge`, and
 * with `userVerification: "required"`. `key` is what `readSpki` made of the registration.
 *
 * @returns hex; `undefined` if the answer is none to `navigator.credentials.get`, or of an origin without https.
 * @example
 * const { response } = await navigator.credentials.get({ publicKey: { challenge: getBytes(id), userVerification: "required" } });
 * const signature = packPasskeySignature(key, response);
 */
export function packPasskeySignature(key: P256PublicKey, assertion: Assertion): string | undefined {
  const authenticatorData = toBytes(assertion.authenticatorData);
  const clientDataJSON = toBytes(assertion.clientDataJSON);
  const numbers = readDerSignature(toBytes(assertion.signature));
  const [typeIndex, challengeIndex, originIndex] = [TYPE, CHALLENGE, ORIGIN].map((part) => find(clientDataJSON, part));
  if (numbers === undefined || typeIndex === undefined || challengeIndex === undefined || originIndex === undefined) {
    return undefined;
  }
  const host = originHost(clientDataJSON, originIndex);
  if (host === undefined) return undefined;
  // The answer names its relying party by a hash only; it is the host, or a domain that the host belongs to.
  const lengths = Array.from({ length: host.length }, (_, index) => host.length - index);
  const rpIdLength = lengths.find((length) => isRelyingParty(host, length, authenticatorData));
  if (rpIdLength === undefined) return undefined;
  const fields = [typeIndex, challengeIndex, originIndex, rpIdLength, authenticatorData.length];
  if (fields.some((field) => field > 0xffff)) return undefined;
  return concat([
    encodeP256Signature(key, numbers),
    ...fields.map((field) => toBeHex(field, 2)),
    authenticatorData,
    clientDataJSON,
  ]);
}

function find(bytes: Uint8Array, part: Uint8Array): number | undefined {
  const last = bytes.length - part.length;
  for (let index = 0; index <= last; index += 1) {
    if (part.every((byte, offset) => bytes[index + offset] === byte)) return index;
  }
  return undefined;
}

function toBytes(buffer: ArrayBuffer | Uint8Array): Uint8Array {
  return buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
}
