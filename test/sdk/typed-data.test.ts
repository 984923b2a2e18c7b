import { expect } from "chai";
import { Contract, hexlify, keccak256, randomBytes, toUtf8Bytes, Wallet } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";

import { decodeLedgerError } from "../../sdk/contract-errors.ts";
import { recoverSigner, toCompactSignature } from "../../sdk/signature.ts";
import {
  AGREEMENT_TYPES,
  CANCELLATION_TYPES,
  MAX_AMOUNT,
  MAX_DEADLINE,
  MAX_NONCE,
  paymentId,
  signPayment,
  typedDataDomain,
} from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => new Contract(hexlify(bytes), []).target as string);
const payments = fc.record({
  payer: address,
  payee: address,
  token: address,
  amount: fc.bigInt(0n, MAX_AMOUNT),
  nonce: fc.bigInt(0n, MAX_NONCE),
  deadline: fc.bigInt(0n, MAX_DEADLINE),
  memo: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes)),
});

describe("typed data", () => {
  async function deployLedger() {
    const { ethers } = await network.create();
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new Error("no account");
    const manager = await ethers.deployContract("AccessManager", [deployer.address]);
    const verifier = await ethers.deployContract("SignatureVerifier");
    const deployed = await ethers.deployContract("Ledger", [await manager.getAddress(), await verifier.getAddress()]);
    const ledger = Ledger__factory.connect(await deployed.getAddress(), deployer);
    const { chainId } = await ethers.provider.getNetwork();
    return { ethers, ledger, deployer, domain: { chainId, ledger: await deployed.getAddress() } };
  }

  it("gives random payments the id that the contract gives them", async () => {
    const { ledger, domain } = await deployLedger();
    await fc.assert(
      fc.asyncProperty(payments, async (p) => {
        const onChain = await ledger.paymentId(p.payer, p.payee, p.token, p.amount, p.nonce, p.deadline, p.memo);
        expect(paymentId(domain, p)).to.equal(onChain);
      }),
      { numRuns: 100 },
    );
  });

  it("signs cancellations and agreements that the contract takes", async () => {
    const { ledger, domain, deployer } = await deployLedger();
    const wallet = new Wallet(hexlify(randomBytes(32)));
    const token = new Wallet(hexlify(randomBytes(32))).address;
    const cancellation = { owner: wallet.address, token, nonce: 7n, deadline: MAX_DEADLINE };
    const signature = await wallet.signTypedData(typedDataDomain(domain), CANCELLATION_TYPES, cancellation);
    await (await ledger.cancelWithSignature(wallet.address, token, 7n, MAX_DEADLINE, signature)).wait();
    expect(await ledger.isNonceUsed(wallet.address, token, 7n)).to.equal(true);

    const terms = {
      payee: wallet.address,
      operator: deployer.address,
      token,
      feeBps: 5,
      flatFee: 6n,
      nonce: 8n,
      deadline: MAX_DEADLINE,
    };
    const agreed = await wallet.signTypedData(typedDataDomain(domain), AGREEMENT_TYPES, terms);
    await (
      await ledger.agreeWithSignature(wallet.address, deployer.address, token, 5, 6n, 8n, MAX_DEADLINE, agreed)
    ).wait();
    expect((await ledger.agreementOf(wallet.address, deployer.address, token)).flatFee).to.equal(6n);
  });

  it("decodes the Ledger's errors, with their values", async () => {
    const { ledger } = await deployLedger();
    const data = ledger.interface.encodeErrorResult("LedgerFeeTooHigh", [10_001, 10_000]);
    expect(decodeLedgerError(data)).to.deep.equal({
      name: "LedgerFeeTooHigh",
      args: { feeBps: 10_001n, maximumBps: 10_000n },
    });
    expect(decodeLedgerError("0x12345678")).to.equal(undefined);
  });
});

describe("signatures", () => {
  const wallet = new Wallet(keccak256(toUtf8Bytes("payer")));
  const payment = {
    payer: wallet.address,
    payee: wallet.address,
    token: wallet.address,
    amount: 1n,
    nonce: 0n,
    deadline: 1n,
    memo: keccak256("0x"),
  };
  const domain = { chainId: 1n, ledger: wallet.address };
  const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

  it("reads 65 and 64 bytes alike", async () => {
    const long = await signPayment(wallet, domain, payment);
    const compact = toCompactSignature(long);
    if (compact === undefined) throw new Error("not read");
    expect(recoverSigner(paymentId(domain, payment), compact)).to.equal(wallet.address);
    expect(toCompactSignature(compact.r + compact.vs.slice(2))).to.deep.equal(compact);
  });

  it("refuses what the contract refuses", async () => {
    const long = await signPayment(wallet, domain, payment);
    const [r, s, v] = [long.slice(2, 66), long.slice(66, 130), long.slice(130)];
    const highS = (ORDER - BigInt(`0x${s}`)).toString(16).padStart(64, "0");
    const otherV = v === "1b" ? "1c" : "1b";
    expect(toCompactSignature(`0x${r}${highS}${otherV}`), "high s").to.equal(undefined);
    expect(toCompactSignature(`0x${r}${s}00`), "v of 0").to.equal(undefined);
    expect(toCompactSignature(`0x${r}${s}1d`), "v of 29").to.equal(undefined);
    expect(toCompactSignature(`0x${r}${s.slice(2)}`), "63 bytes").to.equal(undefined);
    expect(toCompactSignature(`${long}00`), "66 bytes").to.equal(undefined);
    expect(toCompactSignature("0x"), "nothing").to.equal(undefined);
    expect(recoverSigner(paymentId(domain, payment), { r: `0x${"0".repeat(64)}`, vs: `0x${"0".repeat(64)}` })).to.equal(
      undefined,
    );
  });
});
