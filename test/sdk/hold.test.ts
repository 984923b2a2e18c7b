import { expect } from "chai";
import { Contract, hexlify, id, randomBytes, Wallet, ZeroAddress } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";

import { decodeEscrowError } from "../../sdk/contract-errors.ts";
import {
  BPS,
  HOLD_STATUSES,
  type HoldPayment,
  holdStatus,
  type HoldTerms,
  MAX_HOLD_AMOUNT,
  MAX_RULING_PERIOD,
  MAX_SPLITS,
} from "../../sdk/hold.ts";
import {
  CAPTURE_TYPES,
  consentDigest,
  DISPUTE_TYPES,
  EVIDENCE_TYPES,
  holdId,
  REFUND_TYPES,
  RULING_TYPES,
  SETTLEMENT_TYPES,
  signConsent,
  signHoldPayment,
  termsHash,
  VOID_TYPES,
} from "../../sdk/hold-typed-data.ts";
import { recoverSigner, toCompactSignature } from "../../sdk/signature.ts";
import {
  APPROVAL_TYPES,
  MAX_DEADLINE,
  MAX_NONCE,
  typedDataDomain,
  type TypedDataSigner,
  type Types,
} from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";

const AMOUNT = 100_000_000n;
const CLAIM = id("claim");
const PAYER_BPS = 2_500n;

const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => new Contract(hexlify(bytes), []).target as string);
const time = fc.bigInt(0n, MAX_DEADLINE);
const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
const split = fc.record({ recipient: address, shareBps: fc.integer({ min: 0, max: BPS }) });
const terms = fc.record({
  payee: address,
  splits: fc.array(split, { maxLength: MAX_SPLITS }),
  captureDeadline: time,
  refundDeadline: time,
  arbiter: fc.oneof(fc.constant(ZeroAddress), address),
  rulingPeriod: fc.bigInt(0n, MAX_RULING_PERIOD),
  defaultPayerBps: fc.integer({ min: 0, max: BPS }),
  memo: word,
});
const payments = fc.record({
  payer: address,
  token: address,
  amount: fc.bigInt(0n, MAX_HOLD_AMOUNT),
  nonce: fc.bigInt(0n, MAX_NONCE),
  deadline: time,
  terms,
});

/** A hold as the contract names it. */
function refOf({ payer, token, amount, nonce, deadline, terms: signed }: HoldPayment) {
  const { payee, splits, ...rest } = signed;
  return { payee, token, splits: [...splits], hold: { payer, amount, nonce, deadline, ...rest } };
}

function compact(signature: string) {
  const read = toCompactSignature(signature);
  if (read === undefined) throw new Error("not read");
  return read;
}

/** A Ledger, an Escrow, a token, and those who meet over a hold. The first account relays and pays for the gas. */
async function deployEscrow() {
  const { ethers } = await network.create();
  const [relayer] = await ethers.getSigners();
  if (relayer === undefined) throw new Error("no account");
  const manager = await ethers.deployContract("AccessManager", [relayer.address]);
  const verifier = await ethers.deployContract("SignatureVerifier");
  const ledgerContract = await ethers.deployContract("Ledger", [
    await manager.getAddress(),
    await verifier.getAddress(),
  ]);
  const escrowContract = await ethers.deployContract("Escrow", [await ledgerContract.getAddress()]);
  const tokenContract = await ethers.deployContract("TestToken", ["Test Dollar", "tUSD", 6]);
  const ledger = Ledger__factory.connect(await ledgerContract.getAddress(), relayer);
  const escrow = Escrow__factory.connect(await escrowContract.getAddress(), relayer);
  const dollar = TestToken__factory.connect(await tokenContract.getAddress(), relayer);
  const { chainId } = await ethers.provider.getNetwork();
  const latest = await ethers.provider.getBlock("latest");
  if (latest === null) throw new Error("no block");
  return {
    ethers,
    relayer,
    ledger,
    escrow,
    dollar,
    token: await tokenContract.getAddress(),
    now: BigInt(latest.timestamp),
    ledgerDomain: { chainId, ledger: await ledgerContract.getAddress() },
    escrowDomain: { chainId, escrow: await escrowContract.getAddress() },
  };
}

/** An open hold of 100 dollars with an arbiter and one split, and who may act on it. */
async function openHold() {
  const chain = await deployEscrow();
  const { escrow, ledger, dollar, token, now, ledgerDomain, escrowDomain } = chain;
  const [payer, payee, arbiter] = [Wallet.createRandom(), Wallet.createRandom(), Wallet.createRandom()];
  const market = Wallet.createRandom().address;
  const signed: HoldTerms = {
    payee: payee.address,
    splits: [{ recipient: market, shareBps: 1_000 }],
    captureDeadline: now + 86_400n,
    refundDeadline: now + 2n * 86_400n,
    arbiter: arbiter.address,
    rulingPeriod: 3_600n,
    defaultPayerBps: 5_000,
    memo: hexlify(randomBytes(32)),
  };
  const payment: HoldPayment = {
    payer: payer.address,
    payee: escrowDomain.escrow,
    token,
    amount: AMOUNT,
    nonce: 0n,
    deadline: now + 3_600n,
    terms: signed,
  };
  await (await dollar.mint(chain.relayer.address, AMOUNT)).wait();
  await (await dollar.approve(ledgerDomain.ledger, AMOUNT)).wait();
  await (await ledger.deposit(token, payer.address, AMOUNT)).wait();
  const { hold, ...common } = refOf(payment);
  const signature = compact(await signHoldPayment(payer, ledgerDomain, payment));
  await (await escrow.open([{ ...common, rows: [{ hold, ...signature }] }])).wait();

  const hid = holdId(ledgerDomain, payment);
  const deadline = now + 7_200n;
  return {
    ...chain,
    payer,
    payee,
    arbiter,
    market,
    payment,
    hid,
    ref: { ...common, hold },
    /** What the contract says of the hold. */
    state: async () => {
      const { status, captured, refunded } = await escrow.holdOf(hid);
      return [holdStatus(status), captured, refunded];
    },
    /** The act's consent as the contract takes it; `members` are those between the id and the deadline. */
    consent: async (signer: TypedDataSigner, types: Types, members: Record<string, unknown>) => {
      const value = { id: hid, ...members, deadline };
      return { deadline, ...compact(await signConsent(signer, escrowDomain, types, value)) };
    },
    /** What a call reverts with. */
    failure: async (call: string) => {
      await (await escrow.tryEach([call])).wait();
      const [failed] = await escrow.queryFilter(escrow.filters.CallFailed());
      if (failed === undefined) throw new Error("did not revert");
      return failed.args.reason;
    },
  };
}

describe("holds", () => {
  it("gives random holds the id that the contract gives them", async () => {
    const { escrow, ledgerDomain, escrowDomain } = await deployEscrow();
    await fc.assert(
      fc.asyncProperty(payments, async (random) => {
        const payment = { ...random, payee: escrowDomain.escrow };
        expect(holdId(ledgerDomain, payment)).to.equal(await escrow.holdId(refOf(payment)));
      }),
      { numRuns: 100 },
    );
  });

  it("gives a hold of each number of splits the id that the contract gives it", async () => {
    const { escrow, ledgerDomain, escrowDomain } = await deployEscrow();
    for (let count = 0; count <= MAX_SPLITS; ++count) {
      const [random] = fc.sample(payments, { numRuns: 1, seed: count });
      if (random === undefined) throw new Error("no sample");
      const splits = fc.sample(split, { numRuns: count, seed: count });
      const payment = { ...random, payee: escrowDomain.escrow, terms: { ...random.terms, splits } };
      expect(holdId(ledgerDomain, payment), `${count} splits`).to.equal(await escrow.holdId(refOf(payment)));
    }
  });

  it("opens by the payer's signature; the terms' hash stands in the memo's place", async () => {
    const { ledger, escrow, payment, hid, token, state } = await openHold();
    expect(await state()).to.deep.equal(["open", 0n, 0n]);
    expect(await ledger.balanceOf(await escrow.getAddress(), BigInt(token))).to.equal(AMOUNT);
    const [settled] = await ledger.queryFilter(ledger.filters.Settled(hid));
    expect(settled?.args.memo).to.equal(termsHash(payment.terms));
  });

  it("knows its statuses and no others", () => {
    HOLD_STATUSES.forEach((name, value) => {
      expect(holdStatus(value)).to.equal(name);
      expect(holdStatus(BigInt(value))).to.equal(name);
    });
    for (const unknown of [HOLD_STATUSES.length, 255, -1, 0.5, BigInt(HOLD_STATUSES.length)]) {
      expect(() => holdStatus(unknown), String(unknown)).to.throw(RangeError);
    }
  });
});

describe("consents", () => {
  it("are taken for captures and a refund, each over its own sum", async () => {
    const { escrow, ledger, payer, payee, market, token, ref, ledgerDomain, state, consent } = await openHold();
    const { hold, ...common } = ref;
    const capture = async (amount: bigint, captured: bigint) => {
      const by = await consent(payee, CAPTURE_TYPES, { amount, captured });
      await (await escrow.capture([{ ...common, rows: [{ hold, amount }], consents: [by] }])).wait();
    };
    await capture(60_000_000n, 0n);
    expect(await state()).to.deep.equal(["open", 60_000_000n, 0n]);
    await capture(10_000_000n, 0n);
    expect(await state(), "over a sum that has moved").to.deep.equal(["open", 60_000_000n, 0n]);
    await capture(40_000_000n, 60_000_000n);
    expect(await state()).to.deep.equal(["captured", AMOUNT, 0n]);
    expect(await ledger.balanceOf(market, BigInt(token))).to.equal(10_000_000n);

    // The payee lets the Escrow move her account. The market does not, so she bears its share.
    const allowance = {
      owner: payee.address,
      spender: await escrow.getAddress(),
      token,
      amount: AMOUNT,
      nonce: 0n,
      deadline: MAX_DEADLINE,
    };
    const allowed = await payee.signTypedData(typedDataDomain(ledgerDomain), APPROVAL_TYPES, allowance);
    const { owner, spender, amount: limit, nonce, deadline } = allowance;
    await (await ledger.approveWithSignature(owner, spender, token, limit, nonce, deadline, allowed)).wait();
    const amount = 30_000_000n;
    const by = await consent(payee, REFUND_TYPES, { amount, refunded: 0n });
    await (await escrow.refund([{ ...common, rows: [{ hold, amount }], consents: [by] }])).wait();
    expect(await state()).to.deep.equal(["captured", AMOUNT, amount]);
    expect(await ledger.balanceOf(payer.address, BigInt(token))).to.equal(amount);
  });

  it("are taken for a void", async () => {
    const { escrow, payee, ref, state, consent } = await openHold();
    const { hold, ...common } = ref;
    const by = await consent(payee, VOID_TYPES, { captured: 0n });
    await (await escrow.void([{ ...common, rows: [{ hold, consent: by }] }])).wait();
    expect(await state()).to.deep.equal(["voided", 0n, 0n]);
  });

  it("are taken for a dispute, evidence and a ruling", async () => {
    const { escrow, ledger, payer, payee, arbiter, token, ref, hid, state, consent } = await openHold();
    const claim = { evidence: CLAIM, captured: 0n };
    await (await escrow.dispute(ref, payer.address, CLAIM, await consent(payer, DISPUTE_TYPES, claim))).wait();
    expect(await state()).to.deep.equal(["disputed", 0n, 0n]);

    const answer = { evidence: id("answer"), captured: 0n };
    const byPayee = await consent(payee, EVIDENCE_TYPES, answer);
    await (await escrow.submitEvidence(ref, payee.address, answer.evidence, byPayee)).wait();
    const [submitted] = await escrow.queryFilter(escrow.filters.EvidenceSubmitted(hid));
    expect(submitted?.args.by).to.equal(payee.address);
    expect(submitted?.args.evidence).to.equal(answer.evidence);

    const ruling = await consent(arbiter, RULING_TYPES, { payerBps: PAYER_BPS, captured: 0n });
    await (await escrow.rule(ref, PAYER_BPS, ruling)).wait();
    expect(await state()).to.deep.equal(["ruled", 75_000_000n, 0n]);
    expect(await ledger.balanceOf(payer.address, BigInt(token))).to.equal(25_000_000n);
  });

  it("are taken for a settlement by agreement, from both parties", async () => {
    const { escrow, ledger, payer, payee, token, ref, state, consent } = await openHold();
    const division = { toPayer: 40_000_000n, captured: 0n };
    const byPayer = await consent(payer, SETTLEMENT_TYPES, division);
    const byPayee = await consent(payee, SETTLEMENT_TYPES, division);
    await (await escrow.settleByAgreement(ref, division.toPayer, byPayer, byPayee)).wait();
    expect(await state()).to.deep.equal(["agreed", 60_000_000n, 0n]);
    expect(await ledger.balanceOf(payer.address, BigInt(token))).to.equal(40_000_000n);
  });

  it("have the digest that the contract names when it refuses one", async () => {
    const { escrow, payer, payee, ref, hid, escrowDomain, consent, failure } = await openHold();
    const value = { id: hid, evidence: CLAIM, captured: 0n };
    const byPayee = await consent(payee, DISPUTE_TYPES, value);
    const digest = consentDigest(escrowDomain, DISPUTE_TYPES, { ...value, deadline: byPayee.deadline });
    expect(recoverSigner(digest, byPayee)).to.equal(payee.address);
    const call = escrow.interface.encodeFunctionData("dispute", [ref, payer.address, CLAIM, byPayee]);
    expect(decodeEscrowError(await failure(call))).to.deep.equal({
      name: "EscrowBadConsent",
      args: { actor: payer.address, digest },
    });
  });
});

describe("errors of the Escrow", () => {
  it("are decoded with their values", async () => {
    const { escrow, ref, hid, failure } = await openHold();
    const reason = await failure(escrow.interface.encodeFunctionData("resolve", [ref]));
    expect(decodeEscrowError(reason)).to.deep.equal({ name: "EscrowWrongStatus", args: { id: hid, status: 1n } });
  });

  it("are decoded where they are the Ledger's", async () => {
    const { escrow, ledger, payer, payee, token, ref, now, consent, failure } = await openHold();
    const until = now + 86_400n;
    const held = await escrow.getAddress();
    await (await ledger.freeze(held, token, until, CLAIM)).wait();
    const division = { toPayer: AMOUNT, captured: 0n };
    const byPayer = await consent(payer, SETTLEMENT_TYPES, division);
    const byPayee = await consent(payee, SETTLEMENT_TYPES, division);
    const call = escrow.interface.encodeFunctionData("settleByAgreement", [ref, AMOUNT, byPayer, byPayee]);
    expect(decodeEscrowError(await failure(call))).to.deep.equal({
      name: "LedgerAccountFrozen",
      args: { owner: held, token, until },
    });
  });

  it("are undefined where they are neither's", () => {
    expect(decodeEscrowError("0x12345678")).to.equal(undefined);
    expect(decodeEscrowError("0x")).to.equal(undefined);
  });
});
