import { encodeBase64, getBytes, sha256, toUtf8Bytes } from "ethers";

/** A passkey's signature, taken apart. The layout stands in docs/signatures.md. */
export interface PasskeySignature {
  /** Where `"type":"webauthn.get"`, `"challenge":"` and `"origin":"` begin in `clientDataJSON`. */
  readonly typeIndex: number;
  readonly challengeIndex: number;
  readonly originIndex: number;
  /** How many of the origin's host's last bytes are the relying party's ID. */
  readonly rpIdLength: number;
  readonly authenticatorData: Uint8Array;
  readonly clientDataJSON: Uint8Array;
}

/** Where x, y, r and s end, and where the fixed part does. */
const NUMBERS = 128;
const HEADER = 138;
/** Relying party, flags, counter (WebAuthn, 6.1). */
const AUTHENTICATOR_DATA = 37;
/** The longest name of a host (RFC 1035, 2.3.4). */
const MAX_HOST = 253;

export const TYPE = toUtf8Bytes('"type":"webauthn.get"');
export const CHALLENGE = toUtf8Bytes('"challenge":"');
export const ORIGIN = toUtf8Bytes('"origin":"');
const HTTPS = toUtf8Bytes("https://");
const HTTP = toUtf8Bytes("http://");
const LOCALHOST = toUtf8Bytes("localhost");
const [QUOTE, COLON, DOT] = [0x22, 0x3a, 0x2e];

const FLAGS = 32;
const [USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP] = [0x01, 0x04, 0x08, 0x10];

/** Takes a signature of more than 128 bytes apart. `undefined` if it is too short for what it says of itself. */
export function parsePasskeySignature(bytes: Uint8Array): PasskeySignature | undefined {
  if (bytes.length < HEADER) return undefined;
  const fields = new DataView(bytes.buffer, bytes.byteOffset, HEADER);
  const clientDataAt = HEADER + fields.getUint16(NUMBERS + 8);
  if (bytes.length < clientDataAt) return undefined;
  return {
    typeIndex: fields.getUint16(NUMBERS),
    challengeIndex: fields.getUint16(NUMBERS + 2),
    originIndex: fields.getUint16(NUMBERS + 4),
    rpIdLength: fields.getUint16(NUMBERS + 6),
    authenticatorData: bytes.subarray(HEADER, clientDataAt),
    clientDataJSON: bytes.subarray(clientDataAt),
  };
}

/**
 * What the passkey signed (WebAuthn, 7.2, step 20), if it was asked for `digest`, by a page of the relying party's own
 * origin, and the user was there and verified. `undefined` otherwise.
 */
export function passkeyMessage(signature: PasskeySignature, digest: Uint8Array): Uint8Array | undefined {
  const { authenticatorData, clientDataJSON, typeIndex, challengeIndex } = signature;
  if (authenticatorData.length < AUTHENTICATOR_DATA) return undefined;
  if (!hasAt(clientDataJSON, TYPE, typeIndex)) return undefined;
  const challenge = toUtf8Bytes(`"challenge":"${toBase64Url(digest)}"`);
  if (!hasAt(clientDataJSON, challenge, challengeIndex)) return undefined;
  if (!areFlagsGood(authenticatorData[FLAGS] ?? 0)) return undefined;
  const host = originHost(clientDataJSON, signature.originIndex);
  if (host === undefined || !isRelyingParty(host, signature.rpIdLength, authenticatorData)) return undefined;
  const message = new Uint8Array(authenticatorData.length + 32);
  message.set(authenticatorData);
  message.set(getBytes(sha256(clientDataJSON)), authenticatorData.length);
  return message;
}

/** The host of the origin that begins at `index`: of https, or localhost. */
export function originHost(clientDataJSON: Uint8Array, index: number): Uint8Array | undefined {
  if (!hasAt(clientDataJSON, ORIGIN, index)) return undefined;
  const schemeAt = index + ORIGIN.length;
  const isHttps = hasAt(clientDataJSON, HTTPS, schemeAt);
  if (!isHttps && !hasAt(clientDataJSON, HTTP, schemeAt)) return undefined;
  const start = schemeAt + (isHttps ? HTTPS : HTTP).length;
  const rest = clientDataJSON.subarray(start, start + MAX_HOST + 1);
  const end = rest.findIndex((byte) => byte === COLON || byte === QUOTE);
  if (end === -1) return undefined;
  const host = rest.subarray(0, end);
  return isHttps || (host.length === LOCALHOST.length && hasAt(host, LOCALHOST, 0)) ? host : undefined;
}

/** Whether the last `length` bytes of the host are a domain that it belongs to, and the one that the authenticator names. */
export function isRelyingParty(host: Uint8Array, length: number, authenticatorData: Uint8Array): boolean {
  if (length === 0 || length > host.length) return false;
  const start = host.length - length;
  if (start > 0 && host[start - 1] !== DOT) return false;
  return hasAt(authenticatorData, getBytes(sha256(host.subarray(start))), 0);
}

function areFlagsGood(flags: number): boolean {
  const verified = USER_PRESENT | USER_VERIFIED;
  if ((flags & verified) !== verified) return false;
  return (flags & BACKED_UP) === 0 || (flags & BACKUP_ELIGIBLE) !== 0;
}

function hasAt(bytes: Uint8Array, part: Uint8Array, index: number): boolean {
  return index + part.length <= bytes.length && part.every((byte, offset) => bytes[index + offset] === byte);
}

/** Base64url without padding (RFC 4648, 5), as browsers write the challenge. */
export function toBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
