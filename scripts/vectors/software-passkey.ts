import { p256 } from "@noble/curves/nist.js";
import { concat, getBytes, hexlify, sha256, toBeHex, toUtf8Bytes } from "ethers";

import { encodeP256Signature } from "../../sdk/p256.ts";
import { p256PublicKey } from "../../sdk/p256-signer.ts";
import { toBase64Url } from "../../sdk/passkey-signature.ts";

/** What a passkey answers when it is asked. */
export interface Answer {
  readonly type: string;
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
  readonly rpIdLength: number;
  readonly flags: number;
  /** What the authenticator adds behind the counter, in hex. */
  readonly extensions: string;
  /** All of the authenticator's data, in the place of what the members above make. */
  readonly authenticatorData?: string;
  /** All of `clientDataJSON`, in the place of what the members above make. */
  readonly clientDataJSON?: string;
}

/** The answer that verifiers take: for `digest`, by a page of example.com, the user verified. */
export function assertionOf(digest: string): Answer {
  return {
    type: "webauthn.get",
    challenge: toBase64Url(getBytes(digest)),
    origin: "https://pay.example.com",
    rpId: "example.com",
    rpIdLength: 11,
    flags: 0x05,
    extensions: "0x",
  };
}

/** What a passkey in software signs of an answer. Packs by itself: the SDK would refuse what is wrong on purpose. */
export function signInSoftware(privateKey: string, answer: Answer): string {
  const text = answer.clientDataJSON ?? clientData(answer, ["type", "challenge", "origin", "crossOrigin"]);
  const clientDataJSON = toUtf8Bytes(text);
  const authenticatorData =
    answer.authenticatorData ??
    concat([sha256(toUtf8Bytes(answer.rpId)), toBeHex(answer.flags, 1), "0x00000007", answer.extensions]);
  const hash = getBytes(sha256(concat([authenticatorData, sha256(clientDataJSON)])));
  const signed = p256.sign(hash, getBytes(privateKey), { prehash: false, lowS: true });
  const indexes = ['"type":"', '"challenge":"', 'rigin":"'].map((part, index) => {
    const at = text.indexOf(part);
    return at === -1 ? 0 : at - (index === 2 ? 2 : 0);
  });
  const fields = [...indexes, answer.rpIdLength, getBytes(authenticatorData).length];
  return concat([
    encodeP256Signature(p256PublicKey(privateKey), p256.Signature.fromBytes(signed)),
    ...fields.map((field) => toBeHex(field, 2)),
    authenticatorData,
    hexlify(clientDataJSON),
  ]);
}

/** `clientDataJSON` with its members in this order. */
export function clientData({ type, challenge, origin }: Answer, order: readonly string[]): string {
  const members: Readonly<Record<string, unknown>> = { type, challenge, origin, crossOrigin: false };
  return JSON.stringify(Object.fromEntries(order.map((name) => [name, members[name]])));
}
