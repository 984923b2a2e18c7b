import { createECDH, createHash, createPrivateKey, type KeyObject, sign } from "node:crypto";

import { expect } from "chai";
import { concat, dataSlice, id, keccak256, toBeHex } from "ethers";
import { network } from "hardhat";

const DIGEST = id("a digest");
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

interface P256Key {
  readonly address: string;
  readonly publicKey: Buffer;
  readonly key: KeyObject;
}

function newP256Key(): P256Key {
  const pair = createECDH("prime256v1");
  pair.generateKeys();
  const publicKey = pair.getPublicKey().subarray(1);
  const x = publicKey.subarray(0, 32).toString("base64url");
  const y = publicKey.subarray(32).toString("base64url");
  const d = pair.getPrivateKey().toString("base64url").padStart(43, "A");
  const jwk = { kty: "EC", crv: "P-256", x, y, d };
  const key = createPrivateKey({ format: "jwk", key: jwk });
  return { address: dataSlice(keccak256(publicKey), 12), publicKey, key };
}

/** What a phone makes of a digest, low s: x, y, r, s. */
function signP256({ publicKey, key }: P256Key, message: Uint8Array): string {
  const signature = sign("sha256", message, { key, dsaEncoding: "ieee-p1363" });
  const s = BigInt(`0x${signature.subarray(32).toString("hex")}`);
  const low = s > P256_ORDER / 2n ? P256_ORDER - s : s;
  return concat([publicKey, signature.subarray(0, 32), toBeHex(low, 32)]);
}

/** A passkey's answer on a page of the shop. */
function signPasskey(passkey: P256Key, digest: string): string {
  const host = "shop.example";
  const authenticatorData = Buffer.concat([
    createHash("sha256").update(host).digest(),
    Buffer.from("0500000001", "hex"),
  ]);
  const challenge = Buffer.from(digest.slice(2), "hex").toString("base64url");
  const clientData = Buffer.from(JSON.stringify({ type: "webauthn.get", challenge, origin: `https://${host}` }));
  const message = Buffer.concat([authenticatorData, createHash("sha256").update(clientData).digest()]);
  const indices = ['"type":"', '"challenge":"', '"origin":"'].map((member) => clientData.indexOf(member));
  const header = [...indices, host.length, authenticatorData.length].map((value) => toBeHex(value, 2));
  return concat([signP256(passkey, message), ...header, authenticatorData, clientData]);
}

describe("SignatureVerifier on a chain", () => {
  it("forgets what it noted when the transaction ends", async () => {
    const { ethers } = await network.create();
    const verifier = await ethers.deployContract("SignatureVerifier");
    const passkey = newP256Key();
    const entry = { signer: passkey.address, digest: DIGEST, signature: signPasskey(passkey, DIGEST) };
    expect(await verifier.note.staticCall([entry])).to.deep.equal([true]);
    await (await verifier.note([entry])).wait();
    expect(await verifier.isNoted(passkey.address, DIGEST)).to.equal(false);
  });

  it("settles a noted row in that transaction and no other", async () => {
    const { ethers } = await network.create();
    const [operator] = await ethers.getSigners();
    if (operator === undefined) throw new Error("The chain has no accounts");
    const verifier = await ethers.deployContract("SignatureVerifier");
    const manager = await ethers.deployContract("AccessManager", [operator.address]);
    const ledger = await ethers.deployContract("Ledger", [await manager.getAddress(), await verifier.getAddress()]);
    const dollar = await ethers.deployContract("TestToken", ["Test Dollar", "tUSD", 6]);
    const token = await dollar.getAddress();
    const passkey = newP256Key();
    await (await dollar.mint(operator.address, 100n)).wait();
    await (await dollar.approve(await ledger.getAddress(), 100n)).wait();
    await (await ledger.deposit(token, passkey.address, 100n)).wait();
    const payee = ethers.Wallet.createRandom().address;
    const memo = id("invoice");
    const deadline = 2n ** 48n - 1n;
    const digest = await ledger.paymentId(passkey.address, payee, token, 40n, 0n, deadline, memo);
    const zero = ethers.ZeroHash;
    const row = { payer: passkey.address, amount: 40n, nonce: 0n, deadline, memo, r: zero, vs: zero };
    const settle = ledger.interface.encodeFunctionData("settle", [[{ payee, token, rows: [row] }]]);
    const entry = { signer: passkey.address, digest, signature: signPasskey(passkey, digest) };
    const balance = async (): Promise<bigint> => (await ledger.accountOf(payee, token)).balance;

    await (await verifier.note([entry])).wait();
    await (await operator.sendTransaction({ to: await ledger.getAddress(), data: settle })).wait();
    expect(await balance()).to.equal(0n);
    await (await ledger.callWithSignatures([entry], settle)).wait();
    expect(await balance()).to.equal(40n);
  });

  for (const hardfork of ["prague", "osaka"]) {
    it(`checks P-256 on ${hardfork}, ${hardfork === "osaka" ? "by" : "without"} the precompile`, async () => {
      const { ethers } = await network.create({ override: { hardfork } });
      const verifier = await ethers.deployContract("SignatureVerifier");
      const isValid = (signer: string, digest: string, signature: string): Promise<boolean> =>
        verifier.isValid(signer, digest, signature);
      const [key, other] = [newP256Key(), newP256Key()];
      const message = Buffer.from(DIGEST.slice(2), "hex");
      expect(await isValid(key.address, DIGEST, signP256(key, message))).to.equal(true);
      expect(await isValid(key.address, DIGEST, signPasskey(key, DIGEST))).to.equal(true);
      expect(await isValid(key.address, id("another"), signP256(key, message))).to.equal(false);
      expect(await isValid(key.address, id("another"), signPasskey(key, DIGEST))).to.equal(false);
      expect(await isValid(other.address, DIGEST, signP256(key, message))).to.equal(false);
      const forged = concat([key.publicKey, dataSlice(signP256(other, message), 64)]);
      expect(await isValid(key.address, DIGEST, forged)).to.equal(false);
      const nowhere = concat([toBeHex(1, 32), toBeHex(1, 32)]);
      const signature = concat([nowhere, toBeHex(1, 32), toBeHex(1, 32)]);
      expect(await isValid(dataSlice(keccak256(nowhere), 12), DIGEST, signature)).to.equal(false);
      // That the precompile is there, or not, is what this is about.
      const hash = createHash("sha256").update(message).digest();
      const good = signP256(key, message);
      const data = concat([hash, dataSlice(good, 64), dataSlice(good, 0, 64)]);
      const answer = await ethers.provider.call({ to: toBeHex(0x100, 20), data });
      expect(answer).to.equal(hardfork === "osaka" ? toBeHex(1, 32) : "0x");
    });
  }
});
