import { generateKeyPairSync } from "node:crypto";

import { expect } from "chai";
import { computeAddress, hexlify, randomBytes, recoverAddress, Wallet } from "ethers";

import { AppError } from "../../relayer/app-error.ts";
import { createAwsKms } from "../../relayer/signers/aws-kms.ts";
import { createKmsSigner } from "../../relayer/signers/kms-signer.ts";
import type { LaneSigner } from "../../relayer/signers/lane-signer.ts";
import { createLocalSigner } from "../../relayer/signers/local-signer.ts";
import { openSigners } from "../../relayer/signers/open-signers.ts";
import { startTestKms, type TestKms } from "../journeys/test-kms.ts";

const KEY = hexlify(randomBytes(32));
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "AKIATESTTESTTEST", AWS_SECRET_ACCESS_KEY: "not-a-secret-of-anybody" };

describe("the signer of a lane", () => {
  let kms: TestKms;
  const before_: Record<string, string | undefined> = {};

  before(() => {
    for (const [name, value] of Object.entries(CREDENTIALS)) {
      before_[name] = process.env[name];
      process.env[name] = value;
    }
  });

  after(() => {
    for (const [name, value] of Object.entries(before_)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });

  beforeEach(async () => {
    kms = await startTestKms(KEY);
  });

  afterEach(() => kms.stop());

  const open = (): Promise<LaneSigner> =>
    createKmsSigner({ client: createAwsKms({ region: "eu-central-1", endpoint: kms.url }), keyId: "alias/lane" });

  async function failureOf(asked: Promise<unknown>): Promise<{ code: string; retriable: boolean }> {
    try {
      await asked;
    } catch (error) {
      if (error instanceof AppError) return { code: error.code, retriable: error.retriable };
      throw error;
    }
    throw new Error("it succeeded");
  }

  function expectSigned(signature: { r: string; s: string }, digest: string): void {
    expect(recoverAddress(digest, signature as never)).to.equal(computeAddress(KEY));
    expect(BigInt(signature.s) <= HALF_ORDER).to.equal(true);
  }

  it("with a key in memory signs as ethers does", async () => {
    const signer = createLocalSigner(KEY);
    expect(signer.address).to.equal(new Wallet(KEY).address);
    const digest = hexlify(randomBytes(32));
    expectSigned(await signer.sign(digest), digest);
  });

  it("with a key in KMS has its address, and signs with low s whichever s comes back", async () => {
    const signer = await open();
    expect(signer.address).to.equal(computeAddress(KEY));
    for (const half of ["low", "high"] as const) {
      kms.answerWith(half);
      // Both parities, and numbers whose DER is shorter or longer.
      for (let round = 0; round < 24; round += 1) {
        const digest = hexlify(randomBytes(32));
        expectSigned(await signer.sign(digest), digest);
      }
    }
  });

  it("refuses a key of another curve, or one that is not for signing", async () => {
    const unsuitable = { code: "kms_key_unsuitable", retriable: false };
    kms.describeAs({ keySpec: "ECC_NIST_P256" });
    expect(await failureOf(open())).to.deep.equal(unsuitable);
    kms.describeAs({ keySpec: "ECC_SECG_P256K1", keyUsage: "KEY_AGREEMENT" });
    expect(await failureOf(open())).to.deep.equal(unsuitable);
    // One that says it is what it is not.
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const p256 = publicKey.export({ type: "spki", format: "der" }).toString("hex");
    for (const key of [p256, "", "3056", "00".repeat(88)]) {
      kms.describeAs({ keyUsage: "SIGN_VERIFY", publicKey: key });
      expect(await failureOf(open()), key).to.deep.equal(unsuitable);
    }
  });

  it("is not deceived by a signature of another key, nor by what is none", async () => {
    const signer = await open();
    kms.signWith(hexlify(randomBytes(32)));
    const wrong = { code: "kms_wrong_signature", retriable: false };
    expect(await failureOf(signer.sign(hexlify(randomBytes(32))))).to.deep.equal(wrong);
    for (const answer of [new Uint8Array(), randomBytes(70), Buffer.from("3006020101020101", "hex")]) {
      const publicKey = await createAwsKms({ region: "eu-central-1", endpoint: kms.url }).getPublicKey("alias/lane");
      const client = { getPublicKey: () => Promise.resolve(publicKey), sign: () => Promise.resolve(answer) };
      const lied = await createKmsSigner({ client, keyId: "alias/lane" });
      expect(await failureOf(lied.sign(hexlify(randomBytes(32))))).to.deep.equal(wrong);
    }
  });

  it("gets through a throttled request by itself, and says so if it stays throttled", async () => {
    const signer = await open();
    const digest = hexlify(randomBytes(32));
    kms.failNext("ThrottlingException");
    expectSigned(await signer.sign(digest), digest);
    kms.failNext("ThrottlingException", "ThrottlingException", "ThrottlingException");
    expect(await failureOf(signer.sign(digest))).to.deep.equal({ code: "kms_throttled", retriable: true });
    expectSigned(await signer.sign(digest), digest);
  });

  for (const [name, code, retriable] of [
    ["KMSInternalException", "kms_unavailable", true],
    ["DependencyTimeoutException", "kms_unavailable", true],
    ["KeyUnavailableException", "kms_unavailable", true],
    ["DisabledException", "kms_key_disabled", false],
    ["NotFoundException", "kms_key_missing", false],
    ["KMSInvalidStateException", "kms_key_invalid_state", false],
    ["InvalidKeyUsageException", "kms_key_unsuitable", false],
    ["AccessDeniedException", "kms_access_denied", false],
    ["SomethingNewException", "kms_failed", false],
  ] as const) {
    it(`tells ${name} as ${code}, ${retriable ? "to be tried again" : "for good"}`, async () => {
      const signer = await open();
      // As often as the client tries by itself.
      kms.failNext(name, name, name);
      expect(await failureOf(signer.sign(hexlify(randomBytes(32))))).to.deep.equal({ code, retriable });
      await kms.stop();
      kms = await startTestKms(KEY);
      kms.failNext(name, name, name);
      expect(await failureOf(open())).to.deep.equal({ code, retriable });
    });
  }

  it("says that a service that is away may be back", async () => {
    const signer = await open();
    await kms.stop();
    expect(await failureOf(signer.sign(hexlify(randomBytes(32))))).to.deep.equal({
      ...{ code: "kms_unavailable", retriable: true },
    });
    kms = await startTestKms(KEY);
  });

  it("waits four seconds for a service that does not answer, and no longer", async () => {
    const signer = await open();
    kms.setSilent(true);
    const startedAt = performance.now();
    expect(await failureOf(signer.sign(hexlify(randomBytes(32))))).to.deep.equal({
      ...{ code: "kms_unavailable", retriable: true },
    });
    expect(performance.now() - startedAt).to.be.within(3_500, 6_000);
  });

  it("asks for the key that an alias pointed at when the lane began", async () => {
    const signer = await open();
    await signer.sign(hexlify(randomBytes(32)));
    expect(kms.keyIds).to.deep.equal(["alias/lane", kms.keyId]);
  });

  it("is opened for each key in turn, and no address twice", async () => {
    const kmsKey = { kind: "kms", keyId: "alias/lane", region: "eu-central-1" } as const;
    const local = { kind: "local", privateKey: hexlify(randomBytes(32)) } as const;
    const place = { region: undefined, endpoint: kms.url };
    const signers = await openSigners([kmsKey, local], place);
    expect(signers.map(({ address }) => address)).to.deep.equal([
      computeAddress(KEY),
      computeAddress(local.privateKey),
    ]);
    const same = { kind: "local", privateKey: KEY } as const;
    expect(await failureOf(openSigners([kmsKey, same], place))).to.include({ code: "lane_key_repeated" });
  });
});
