import { expect } from "chai";
import fc from "fast-check";
import { computeAddress, hexlify, Interface, SigningKey, Transaction, Wallet } from "ethers";

import type { BatchOf, PayableRow } from "../../relayer/batching/batches.ts";
import { decodeAccountsOf, encodeAccountsOf } from "../../relayer/chain/account-words.ts";
import { encodeSettle } from "../../relayer/lanes/encode-settlement.ts";
import { readSigned, signTransaction } from "../../relayer/lanes/sign-transaction.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

const LEDGER = new Interface(Ledger__factory.abi);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(hexlify);
const word = bytes(32);
// With its checksum, as everything in the store.
const address = word.map((seed) => new Wallet(seed.replace(/0{60}/, "1".repeat(60))).address);
const whole = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });

const row: fc.Arbitrary<PayableRow> = fc.record({
  ...{ id: word, payer: address, payee: address, token: address },
  ...{ amount: whole(128), nonce: whole(64), deadline: whole(48), memo: word, r: word, vs: word },
  ...{ signature: fc.constant(null), signer: fc.constant(null) },
});
const batch: fc.Arbitrary<BatchOf<PayableRow>> = fc.record({
  ...{ payee: address, token: address },
  rows: fc.array(row, { maxLength: 6 }),
});

describe("what is encoded by hand for speed", () => {
  it("is what ethers makes of `settle`", () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 4 }), (batches) => {
        expect(encodeSettle(batches)).to.equal(LEDGER.encodeFunctionData("settle", [batches]));
      }),
      { numRuns: 60 },
    );
  });

  it("is what ethers makes and reads of `accountsOf`", () => {
    const view = fc.record({ balance: whole(128), window: whole(64), nextNonce: whole(56), frozenUntil: whole(48) });
    fc.assert(
      fc.property(fc.array(fc.tuple(address, address, view), { maxLength: 6 }), (accounts) => {
        const keys = accounts.map(([owner, token]) => ({ owner, token }));
        const columns = [keys.map(({ owner }) => owner), keys.map(({ token }) => token)];
        expect(encodeAccountsOf(keys)).to.equal(LEDGER.encodeFunctionData("accountsOf", columns));
        const views = accounts.map(([, , of]) => of);
        const answer = LEDGER.encodeFunctionResult("accountsOf", [views]);
        expect(decodeAccountsOf(answer, views.length)).to.deep.equal(views);
      }),
      { numRuns: 60 },
    );
    expect(() => decodeAccountsOf(LEDGER.encodeFunctionResult("accountsOf", [[]]), 1)).to.throw("other than 1");
    expect(() => decodeAccountsOf("0x", 0)).to.throw("other than 0");
  });

  it("is what ethers makes of a signed transaction, and reads back", async () => {
    const key = new SigningKey(hexlify(new Uint8Array(32).fill(7)));
    const signer = { address: computeAddress(key), sign: (digest: string) => Promise.resolve(key.sign(digest)) };
    const data = fc.uint8Array({ maxLength: 300 }).map(hexlify);
    await fc.assert(
      fc.asyncProperty(whole(40), whole(32), address, data, whole(24), whole(60), async (...values) => {
        const [chainId, nonce, to, call, gasLimit, fee] = values;
        const unsigned = { chainId, nonce, to, data: call, gasLimit };
        const fees = { maxFee: fee + 1n, tip: fee / 2n };
        const signed = await signTransaction(signer, unsigned, fees);
        const theirs = Transaction.from({
          ...{ type: 2, chainId, nonce: Number(nonce), to, data: call, gasLimit },
          ...{ maxFeePerGas: fees.maxFee, maxPriorityFeePerGas: fees.tip },
        });
        theirs.signature = key.sign(theirs.unsignedHash);
        expect(signed).to.deep.equal({ hash: theirs.hash, raw: theirs.serialized });
        expect(Transaction.from(signed.raw).from).to.equal(signer.address);
        expect(readSigned(signed.raw)).to.deep.equal({ unsigned, fees });
      }),
      { numRuns: 60 },
    );
  });
});
