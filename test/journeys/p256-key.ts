import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import {
  concat,
  dataSlice,
  encodeBase64,
  getAddress,
  getBytes,
  hexlify,
  keccak256,
  toBeHex,
  toUtf8Bytes,
} from "ethers";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A P-256 key as a phone or a security key keeps it, by Node's own mathematics. */
export class P256Key {
  readonly address: string;
  readonly #privateKey: KeyObject;
  readonly #xy: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.#privateKey = privateKey;
    this.#xy = hexlify(Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]));
    this.address = getAddress(dataSlice(keccak256(this.#xy), 12));
  }

  /** As WebCrypto would: over the digest's bytes. */
  sign(digest: string): string {
    return concat([this.#xy, this.#rs(getBytes(digest))]);
  }

  /** As a browser's passkey would answer a page of `origin` that asks with the digest as challenge. */
  signAsPasskey(digest: string, origin = "https://pay.shop.example", rpId = "shop.example"): string {
    const challenge = encodeBase64(digest).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const clientData = `{"type":"webauthn.get","challenge":"${challenge}","origin":"${origin}","crossOrigin":false}`;
    // User present and verified, a key that can be backed up and is; a counter of 9.
    const authenticatorData = concat([sha256(toUtf8Bytes(rpId)), "0x1d", "0x00000009"]);
    const message = concat([authenticatorData, sha256(toUtf8Bytes(clientData))]);
    const at = (part: string): string => toBeHex(clientData.indexOf(part), 2);
    return concat([
      this.#xy,
      this.#rs(getBytes(message)),
      ...[at('"type":"'), at('"challenge":"'), at('"origin":"')],
      ...[toBeHex(rpId.length, 2), toBeHex(37, 2)],
      authenticatorData,
      toUtf8Bytes(clientData),
    ]);
  }

  #rs(message: Uint8Array): string {
    const rs = sign("sha256", message, { key: this.#privateKey, dsaEncoding: "ieee-p1363" });
    const s = BigInt(hexlify(rs.subarray(32)));
    return concat([rs.subarray(0, 32), toBeHex(s > ORDER / 2n ? ORDER - s : s, 32)]);
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
