import { randomBytes } from "node:crypto";

import { expect } from "chai";
import { hexlify, Interface, TypedDataEncoder, ZeroHash } from "ethers";
import fc from "fast-check";

import { createExceptionLog } from "../../audit/exceptions.ts";
import { costOf, feeOn, shareFee, shareGrowth } from "../../audit/fees.ts";
import { createIdSet } from "../../audit/id-set.ts";
import { carryForward, emptyJournal, trialBalance } from "../../audit/journal.ts";
import { createMoves } from "../../audit/moves.ts";
import { useNonce } from "../../audit/nonce-window.ts";
import { decodeData, encodeData } from "../../audit/plain-data.ts";
import { createSentReader } from "../../audit/signed-payments.ts";
import { paymentId, struct, typedDataDomain } from "../../sdk/typed-data.ts";
import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";

const ADDRESS = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const PLACE = { transactionHash: ZeroHash, blockNumber: 1 };

describe("the books of an audit", () => {
  it("use each nonce once and within 64 of the highest, as a plain set says (invariant 3)", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 200n), { maxLength: 300 }), (nonces) => {
        const state = { window: 0n, nextNonce: 0n };
        const used = new Set<bigint>();
        for (const nonce of nonces) {
          const isGood = !used.has(nonce) && nonce + 64n >= state.nextNonce;
          expect(useNonce(state, nonce)).to.equal(isGood);
          if (isGood) used.add(nonce);
        }
      }),
    );
    const far = { window: 1n, nextNonce: 1n };
    expect(useNonce(far, 2n ** 56n - 2n)).to.equal(true);
    expect(far).to.deep.equal({ window: 1n, nextNonce: 2n ** 56n - 1n });
    expect(useNonce(far, 2n ** 56n - 1n)).to.equal(false);
  });

  it("know an id again, after a restart too", () => {
    const ids = createIdSet();
    const known = Array.from({ length: 3_000 }, () => hexlify(randomBytes(32)));
    for (const id of [...known, ZeroHash]) expect(ids.add(id)).to.equal(false);
    const again = createIdSet(ids.save());
    for (const id of [...known, ZeroHash]) expect([ids.add(id), again.add(id)]).to.deep.equal([true, true]);
    expect(again.add(hexlify(randomBytes(32)))).to.equal(false);
  });

  it("come back from a file as they were", () => {
    const data = { map: new Map([["a", { n: 2n ** 200n, set: new Set(["x"]) }]]), none: null, list: [1, -5n, ""] };
    expect(decodeData(encodeData(data))).to.deep.equal(data);
  });

  it("give fees, shares and costs as the contracts do", () => {
    const agreement = { feeBps: 30n, flatFee: 5n };
    expect([feeOn(agreement, 10_001n), feeOn(agreement, 3n), feeOn(undefined, 9n)]).to.deep.equal([35n, 3n, 0n]);
    expect(costOf(3n, 2n, 5n)).to.equal(8n);
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 6n), fc.array(fc.bigInt(1n, 10n ** 9n), { minLength: 1 }), (fee, amounts) => {
        expect(shareFee(fee, amounts).reduce((sum, share) => sum + share, 0n)).to.equal(fee);
      }),
    );
    const splits = [5_000n, 5_000n].map((shareBps) => ({ recipient: ADDRESS, shareBps }));
    // Two halves of 1, then of 2: each rounded down alone would grow by more than the total.
    expect(shareGrowth(splits, 0n, 1n)).to.deep.equal({ parts: [0n, 1n], left: 0n });
    expect(shareGrowth(splits, 1n, 2n)).to.deep.equal({ parts: [1n, 0n], left: 0n });
  });

  it("balance only if as much was debited as was credited", () => {
    const journal = emptyJournal();
    journal.reserves.debits = 10n;
    journal.owners.credits = 10n;
    expect(trialBalance(journal)).to.include({ isBalanced: true, owed: 10n, debits: 10n, credits: 10n });
    carryForward(journal);
    expect(journal.owners).to.deep.equal({ opening: 10n, debits: 0n, credits: 0n });
    journal.owners.debits = 4n;
    journal.escrow.credits = 3n;
    expect(trialBalance(journal).isBalanced).to.equal(false);
    journal.escrow.credits = 4n;
    expect(trialBalance(journal)).to.include({ isBalanced: true, owed: 10n });
  });

  it("hold what a scheme moved against what it says, recipients of a refund together", () => {
    const found = createExceptionLog(new Map());
    const moves = createMoves("hold_money_differs", found);
    moves.expect("t", "payer", 5n);
    moves.expectFrom("t", ["a", "b"], 5n);
    for (const [owner, amount] of [
      ["payer", 5n],
      ["a", -2n],
      ["b", -3n],
    ] as const)
      moves.moved("t", owner, amount);
    moves.close(PLACE);
    expect(found.kept()).to.deep.equal([]);
    moves.expect("t", "payee", 5n);
    moves.moved("t", "thief", 5n);
    moves.close(PLACE);
    expect(found.kept().map(({ subject }) => subject)).to.have.members(["payee t", "thief t"]);
    expect(found.counts().get("hold_money_differs")).to.equal(2);
  });
});

describe("payments in calldata", () => {
  const ledger = "0x8a791620dd6260079bf849dc5567adc3f2fdc318";
  const none = { escrow: null, gateway: null, exchange: null, permit2: null, signatureVerifier: null, x402: null };
  const reader = createSentReader({ chainId: 31_337n, ledger, ...none }, ADDRESS);
  const abi = new Interface(ILedger__factory.abi);
  const row = (index: number) => ({
    ...{
      payer: ADDRESS,
      amount: 5n + BigInt(index),
      nonce: BigInt(index),
      deadline: 9n,
      memo: hexlify(randomBytes(32)),
    },
    ...{ r: hexlify(randomBytes(32)), vs: hexlify(randomBytes(32)) },
  });

  it("are read as the interface says, each with its id", () => {
    const rows = [row(0), row(1), { ...row(2), r: ZeroHash, vs: ZeroHash }];
    const batches = [0, 1].map(() => ({ payee: ADDRESS, token: ledger, rows }));
    const sent = reader.read(ledger, abi.encodeFunctionData("settle", [batches]))?.payments ?? [];
    expect(sent).to.have.length(6);
    for (const [index, payment] of sent.entries()) {
      const { r, vs, ...fields } = rows[index % 3] ?? row(0);
      const signed = { ...fields, payee: ADDRESS, token: ledger };
      const signature = r === ZeroHash ? null : r + vs.slice(2);
      const id = paymentId({ chainId: 31_337n, ledger }, signed);
      expect(payment).to.deep.equal({ id, ...signed, signature, signed: null });
    }
  });

  it("are none where there are none, however it is cut or counted", () => {
    const data = abi.encodeFunctionData("settle", [[{ payee: ADDRESS, token: ledger, rows: [row(0)] }]]);
    for (let length = 0; length < data.length; length += 64) {
      expect(reader.read(ledger, data.slice(0, 10 + length))?.payments.length ?? 0, String(length)).to.be.at.most(
        0 + Number(length >= data.length - 10),
      );
    }
    const bomb = data.slice(0, 74) + "f".repeat(64) + data.slice(138);
    expect(reader.read(ledger, bomb)).to.equal(null);
    expect(reader.read(null, data)).to.equal(null);
    expect(reader.read(ADDRESS, data)).to.equal(null);
  });

  it("are found in what any scheme had the Ledger collect", () => {
    const termsType = "Terms terms)Terms(bytes32 memo)";
    const one = row(0);
    const inner = hexlify(randomBytes(32));
    const members = "address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,Terms terms";
    const types = { ...struct("Payment", members), ...struct("Terms", "bytes32 memo") };
    const memo = TypedDataEncoder.hashStruct("Terms", struct("Terms", "bytes32 memo"), { memo: inner });
    const input = abi.encodeFunctionData("collect", [ledger, [{ ...one, memo }], termsType]);
    const frame = { from: ADDRESS, to: ledger, input, calls: [] };
    const own = reader.readFrames({ from: ledger, to: ADDRESS, input: "0x", calls: [frame] }).payments;
    const { payer, amount, nonce, deadline } = one;
    const value = { payer, payee: ADDRESS, token: ledger, amount, nonce, deadline, terms: { memo: inner } };
    const domain = typedDataDomain({ chainId: 31_337n, ledger });
    expect(own[0]?.id).to.equal(TypedDataEncoder.hash(domain, types, value));
  });
});
