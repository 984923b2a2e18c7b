import { p256 } from "@noble/curves/nist.js";
import { concat, dataSlice, getBytes, SigningKey, toBeHex, toBigInt, Wallet, ZeroAddress, zeroPadBytes } from "ethers";

import { encodeP256Signature, p256Address } from "../../sdk/p256.ts";
import { p256PublicKey, signDigestWithP256 } from "../../sdk/p256-signer.ts";
import type { SignatureVector } from "../../test/vectors/signature-vectors.ts";
import { derive, deriveLengths, deriveNumbers, digestOf, overwrite } from "./changes.ts";
import type { PasskeyBrowser } from "./chromium.ts";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** ECDSA over secp256k1. The keys are hashes of names: nobody may hold money with them. */
export function ecdsaVectors(): SignatureVector[] {
  // Of these two one has an even y (v = 27), the other an odd one.
  return [27, 28].flatMap((v) => {
    const { key, digest } = withRecovery(v);
    const { address } = new Wallet(key);
    const { serialized, compactSerialized } = key.sign(digest);
    const long: SignatureVector = {
      name: `ecdsa, 65 bytes, v = ${v}`,
      kind: "ecdsa",
      signer: address,
      digest,
      signature: serialized,
      valid: true,
      by: "ethers",
    };
    const short: SignatureVector = {
      ...long,
      name: `ecdsa, 64 bytes, v = ${v}`,
      signature: compactSerialized,
    };
    const s = toBigInt(dataSlice(serialized, 32, 64));
    const highS = concat([dataSlice(serialized, 0, 32), toBeHex(ORDER - s, 32), toBeHex(55 - v, 1)]);
    return [
      long,
      derive(long, "the high s and the other v", { signature: highS }),
      ...[v - 27, 55 - v, 29, 35].map((other) =>
        derive(long, `v = ${other}`, { signature: overwrite(serialized, 64, toBeHex(other, 1)) }),
      ),
      derive(long, "r = 0", { signature: overwrite(serialized, 0, toBeHex(0, 32)) }),
      derive(long, "r = the order", { signature: overwrite(serialized, 0, toBeHex(ORDER, 32)) }),
      derive(long, "s = 0", { signature: overwrite(serialized, 32, toBeHex(0, 32)) }),
      derive(long, "another digest", { digest: digestOf("another one") }),
      derive(long, "another signer", { signer: new Wallet(new SigningKey(digestOf("another key"))).address }),
      derive(long, "no signer", { signer: ZeroAddress, signature: overwrite(serialized, 0, toBeHex(0, 32)) }),
      ...deriveLengths(long, [0, 32, 63]),
      short,
      derive(short, "the other y", { signature: overwrite(compactSerialized, 32, flipTop(compactSerialized)) }),
      derive(short, "the high s", {
        signature: overwrite(
          compactSerialized,
          32,
          toBeHex(((ORDER - s) % 2n ** 255n) + 2n ** 255n * BigInt(28 - v), 32),
        ),
      }),
      ...deriveLengths(short, [63]),
    ];
  });
}

function flipTop(compact: string): string {
  return toBeHex(toBigInt(dataSlice(compact, 32, 33)) ^ 0x80n, 1);
}

function withRecovery(v: number): { readonly key: SigningKey; readonly digest: string } {
  const key = new SigningKey(digestOf(`key ${v}`));
  for (let attempt = 0; ; attempt += 1) {
    const digest = digestOf(`ecdsa ${attempt}`);
    if (key.sign(digest).v === v) return { key, digest };
  }
}

/** ECDSA over P-256 of the digest itself. */
export async function p256Vectors(browser: PasskeyBrowser): Promise<SignatureVector[]> {
  const privateKey = digestOf("P-256 key");
  const key = p256PublicKey(privateKey);
  const [digest, signer] = [digestOf("p256"), p256Address(key)];
  const common = { kind: "p256", digest, valid: true } as const;
  const noble: SignatureVector = {
    ...common,
    name: "p256 by noble",
    signer,
    signature: signDigestWithP256(privateKey, digest),
    by: "noble",
  };
  const unhashed = p256.Signature.fromBytes(
    p256.sign(getBytes(digest), getBytes(privateKey), { prehash: false, lowS: true }),
  );
  const vectors = [noble, ...deriveNumbers(noble), ...deriveLengths(noble, [64, 65, 96, 127])];
  vectors.push(
    derive(noble, "signed without SHA-256", { signature: encodeP256Signature(key, unhashed), by: "noble" }),
    derive(noble, "another key's signature", {
      signature: overwrite(signDigestWithP256(digestOf("another key"), digest), 0, concat([key.x, key.y])),
    }),
  );
  for (const number of [1, 2, 3]) {
    const signed = await browser.signByWebCrypto(digest);
    vectors.push({
      ...common,
      name: `p256 by WebCrypto, ${number}`,
      signer: p256Address(signed.key),
      signature: signed.signature,
      by: "chromium",
    });
  }
  return vectors;
}

/** Bytes that are no signature of anything. */
export function noiseVectors(): SignatureVector[] {
  return [0, 1, 32, 63, 64, 65, 66, 127, 128, 129, 137, 138, 139, 200, 400].map((length) => ({
    name: `noise of ${length} bytes`,
    kind: "none",
    signer: new Wallet(new SigningKey(digestOf("noise key"))).address,
    digest: digestOf("noise"),
    signature: length === 0 ? "0x" : noise(length),
    valid: false,
    by: "derived",
  }));
}

function noise(length: number): string {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) => digestOf(`noise ${length} ${index}`));
  return zeroPadBytes(dataSlice(concat(blocks), 0, length), length);
}
