import { expect } from "chai";
import { concat, dataSlice, hexlify, randomBytes, Wallet, ZeroHash } from "ethers";
import fc from "fast-check";

import { p256Address, readDerSignature, readSpki, toSpki, withLowS } from "../../sdk/p256.ts";
import { p256PublicKey, signDigestWithP256 } from "../../sdk/p256-signer.ts";
import { packPasskeySignature } from "../../sdk/passkey.ts";
import { parsePasskeySignature } from "../../sdk/passkey-signature.ts";
import { verifySignature } from "../../sdk/verify-signature.ts";
import { readSignatureVectors } from "../vectors/signature-vectors.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("who may sign, by the SDK", () => {
  const vectors = readSignatureVectors();

  for (const { name, signer, digest, signature, valid } of vectors) {
    it(`${valid ? "takes" : "does not take"} ${name}`, () => {
      expect(verifySignature(signer, digest, signature) === "valid").to.equal(valid);
    });
  }

  it("has each kind in the table, valid and not", () => {
    for (const kind of ["ecdsa", "p256", "passkey"]) {
      const ofKind = vectors.filter((vector) => vector.kind === kind);
      expect(ofKind.filter(({ valid }) => valid)).to.not.be.empty;
      expect(ofKind.filter(({ valid }) => !valid)).to.not.be.empty;
    }
    expect(vectors.filter(({ by, valid }) => by === "chromium" && valid)).to.have.length.greaterThan(10);
    expect(vectors.filter(({ by, valid }) => by === "chromium" && !valid)).to.not.be.empty;
  });

  it("leaves to a contract account what is no key's signature of the signer", () => {
    const stranger = new Wallet(hexlify(randomBytes(32))).address;
    for (const { kind, digest, signature } of vectors) {
      if (kind === "none" || kind === "ecdsa") continue;
      expect(verifySignature(stranger, digest, signature)).to.equal("ask_contract");
    }
    const [ecdsa] = vectors;
    if (ecdsa === undefined) throw new Error("no vectors");
    expect(verifySignature(stranger, ecdsa.digest, ecdsa.signature)).to.equal("ask_contract");
    expect(verifySignature(stranger, ZeroHash, "0x")).to.equal("ask_contract");
  });

  it("answers for good once the key is the signer's", () => {
    const key = hexlify(randomBytes(32));
    const signer = p256Address(p256PublicKey(key));
    const signature = signDigestWithP256(key, ZeroHash);
    expect(verifySignature(signer, ZeroHash, signature)).to.equal("valid");
    expect(verifySignature(signer.toLowerCase(), ZeroHash, signature)).to.equal("valid");
    expect(verifySignature(signer, hexlify(randomBytes(32)), signature)).to.equal("invalid");
    expect(verifySignature(signer, ZeroHash, concat([signature, "0x00"]))).to.equal("invalid");
    expect(verifySignature(signer, ZeroHash, dataSlice(signature, 0, 127))).to.equal("ask_contract");
  });

  it("throws at nothing", () => {
    for (const text of ["", "0x0", "0xzz", "nonsense", "0x00", ZeroHash]) {
      expect(verifySignature(text, ZeroHash, "0x")).to.equal("invalid");
      const signer = new Wallet(hexlify(randomBytes(32))).address;
      if (text !== ZeroHash) expect(verifySignature(signer, text, "0x")).to.equal("invalid");
      expect(verifySignature(signer, ZeroHash, text)).to.be.oneOf(["invalid", "ask_contract"]);
    }
  });
});

describe("passkeys' answers", () => {
  const key = p256PublicKey(hexlify(randomBytes(32)));

  it("reads a key from a registration, and nothing else", () => {
    const spki = toSpki(bytes(`${key.x}${key.y}`.replaceAll("0x", "")));
    expect(readSpki(spki)).to.deep.equal(key);
    expect(readSpki(spki.slice().buffer)).to.deep.equal(key);
    expect(readSpki(spki.subarray(1))).to.equal(undefined);
    expect(readSpki(new Uint8Array(91))).to.equal(undefined);
    expect(readSpki(new Uint8Array())).to.equal(undefined);
  });

  it("reads DER strictly", () => {
    expect(readDerSignature(bytes("30 06 02 01 01 02 01 7f"))).to.deep.equal({ r: 1n, s: 127n });
    expect(readDerSignature(bytes("30 07 02 02 00 80 02 01 01"))).to.deep.equal({ r: 128n, s: 1n });
    const wrong = [
      "",
      "30",
      "30 06 02 01 01 02 01",
      "30 06 02 01 01 02 01 01 00",
      "30 07 02 01 01 02 01 01 00",
      "31 06 02 01 01 02 01 01",
      "30 06 03 01 01 02 01 01",
      "30 06 02 01 80 02 01 01",
      "30 07 02 02 00 01 02 01 01",
      "30 05 02 00 02 01 01",
      `30 26 02 21 01 ${"00".repeat(32)} 02 01 01`,
    ];
    for (const text of wrong) expect(readDerSignature(bytes(text)), text).to.equal(undefined);
  });

  it("takes either s and keeps the low one", () => {
    const numbers = fc.record({ r: fc.bigInt(1n, 2n ** 255n), s: fc.bigInt(1n, 2n ** 255n) });
    fc.assert(
      fc.property(numbers, ({ r, s }) => {
        const low = withLowS({ r, s });
        expect(withLowS(low)).to.deep.equal(low);
      }),
    );
  });

  it("packs what it can take apart again", () => {
    const vectors = readSignatureVectors().filter(({ kind, by }) => kind === "passkey" && by === "chromium");
    for (const { signature, name } of vectors) {
      const parsed = parsePasskeySignature(bytes(signature.slice(2)));
      if (parsed === undefined) throw new Error(name);
      const [x, y] = [dataSlice(signature, 0, 32), dataSlice(signature, 32, 64)];
      const der = toDer(dataSlice(signature, 64, 96), dataSlice(signature, 96, 128));
      expect(packPasskeySignature({ x, y }, { ...parsed, signature: der }), name).to.equal(signature);
    }
  });

  it("does not pack what no verifier would take", () => {
    const [real] = readSignatureVectors().filter(({ kind, by }) => kind === "passkey" && by === "chromium");
    const parsed = real && parsePasskeySignature(bytes(real.signature.slice(2)));
    if (parsed === undefined) throw new Error("no passkey in the table");
    const signature = bytes("3006020101020101");
    expect(packPasskeySignature(key, { ...parsed, signature })).to.be.a("string");
    expect(packPasskeySignature(key, { ...parsed, signature: bytes("00") })).to.equal(undefined);
    for (const clientData of ["", "{}", '{"type":"webauthn.create","challenge":"","origin":"https://localhost"}']) {
      const changed = { ...parsed, clientDataJSON: Buffer.from(clientData), signature };
      expect(packPasskeySignature(key, changed)).to.equal(undefined);
    }
    const elsewhere = { ...parsed, authenticatorData: new Uint8Array(37), signature };
    expect(packPasskeySignature(key, elsewhere)).to.equal(undefined);
  });
});

function toDer(r: string, s: string): Uint8Array {
  const integer = (number: string): string => {
    const digits = BigInt(number).toString(16);
    const even = digits.padStart(digits.length + (digits.length % 2), "0");
    const positive = parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even;
    return `02${(positive.length / 2).toString(16).padStart(2, "0")}${positive}`;
  };
  const body = `${integer(r)}${integer(s)}`;
  return bytes(`30${(body.length / 2).toString(16)}${body}`);
}
