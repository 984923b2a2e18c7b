import { expect } from "chai";
import fc from "fast-check";
import { Interface, keccak256, toBeHex, Wallet, ZeroAddress } from "ethers";

import type { ChainLog } from "../../relayer/chain/chain-log.ts";
import { readMovements } from "../../relayer/chain/movement-reader.ts";
import { shareOut } from "../../relayer/chain/share-out.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";

const address = (seed: number): string => new Wallet(keccak256(toBeHex(seed))).address;
const [LEDGER, ESCROW, TOKEN, PAYER, PAYEE, OPERATOR, CARRIER] = [1, 2, 3, 4, 5, 6, 7].map(address) as [
  ...[string, string, string, string, string, string, string],
];
const [FIRST, SECOND, MEMO, TX] = ["0x01", "0x02", "0x03", "0x04"].map((seed) => keccak256(seed)) as [
  ...[string, string, string, string],
];
const CONTRACTS = { ledger: LEDGER, escrow: ESCROW };
const ABIS: Readonly<Record<string, Interface>> = {
  [LEDGER]: Ledger__factory.createInterface(),
  [ESCROW]: new Interface(Escrow__factory.abi),
};

type Written = readonly [contract: string, name: string, values: readonly unknown[]];

/** Logs of one transaction. */
function logs(...written: readonly Written[]): ChainLog[] {
  return written.map(([contract, name, values], logIndex) => ({
    ...(ABIS[contract] as Interface).encodeEventLog(name, [...values]),
    ...{ address: contract, transactionHash: TX, blockHash: FIRST, blockNumber: 7, logIndex },
  }));
}

const transfer = (caller: string, sender: string, receiver: string, amount: bigint): Written => [
  ...([LEDGER, "Transfer", [caller, sender, receiver, BigInt(TOKEN), amount]] as const),
];

describe("what logs moved", () => {
  it("is of each payment of a batch, less its share of the fee", () => {
    const moved = readMovements(
      logs(
        [LEDGER, "Settled", [FIRST, PAYER, PAYEE, 100n, 0n, MEMO]],
        [LEDGER, "Settled", [SECOND, PAYER, PAYEE, 200n, 1n, MEMO]],
        [LEDGER, "BatchSettled", [PAYEE, TOKEN, OPERATOR, 2n, 300n, 10n]],
      ),
      CONTRACTS,
    );
    const rows = moved.map(({ kind, debited, debit, credited, credit, fee }) => [
      kind,
      debited,
      debit,
      credited,
      credit,
      fee,
    ]);
    expect(rows).to.deep.equal([
      ["payment", PAYER, 100n, PAYEE, 97n, 3n],
      ["payment", PAYER, 200n, PAYEE, 193n, 7n],
      ["fee", null, 0n, OPERATOR, 10n, 0n],
    ]);
    expect(moved[0]).to.include({ reference: FIRST, memo: MEMO, token: TOKEN, logIndex: 0 });
  });

  it("is of each hold whose capture was credited with others, to recipients, payee and operator", () => {
    const moved = readMovements(
      logs(
        [ESCROW, "Captured", [FIRST, 300n, 300n]],
        [ESCROW, "Captured", [SECOND, 700n, 700n]],
        [ESCROW, "BatchCaptured", [PAYEE, TOKEN, OPERATOR, 2n, 1_000n, 9n]],
        transfer(ESCROW, ESCROW, CARRIER, 100n),
        transfer(ESCROW, ESCROW, PAYEE, 891n),
        transfer(ESCROW, ESCROW, OPERATOR, 9n),
        transfer(PAYER, PAYER, CARRIER, 5n),
      ),
      CONTRACTS,
    );
    const rows = moved.map(({ kind, credited, credit, fee, reference, part }) => [
      kind,
      credited,
      credit,
      fee,
      reference,
      part,
    ]);
    expect(rows).to.deep.equal([
      ["hold_captured", CARRIER, 30n, 0n, FIRST, 0],
      ["hold_captured", CARRIER, 70n, 0n, SECOND, 1],
      ["hold_captured", PAYEE, 267n, 2n, FIRST, 0],
      ["hold_captured", PAYEE, 624n, 7n, SECOND, 1],
      ["fee", OPERATOR, 9n, 0n, null, 0],
      ["transfer", CARRIER, 5n, 0n, null, 0],
    ]);
  });

  it("is the same sums where the events around it do not fit, or were another contract's", () => {
    const kinds = (...written: readonly Written[]) =>
      readMovements(logs(...written), CONTRACTS).map(({ kind, credited, credit, debit }) => [
        kind,
        credited,
        credit,
        debit,
      ]);
    expect(kinds([ESCROW, "Voided", [FIRST, 99n]], transfer(ESCROW, ESCROW, PAYER, 100n))).to.deep.equal([
      ["transfer", PAYER, 100n, 100n],
    ]);
    expect(kinds([ESCROW, "Voided", [FIRST, 100n]], transfer(PAYEE, ESCROW, PAYER, 100n))).to.deep.equal([
      ["transfer", PAYER, 100n, 100n],
    ]);
    expect(kinds(transfer(PAYER, ZeroAddress, PAYER, 4n), transfer(PAYER, PAYER, ZeroAddress, 3n))).to.deep.equal([
      ["deposit", PAYER, 4n, 0n],
      ["withdrawal", null, 0n, 3n],
    ]);
  });

  it("is shared out to the unit, whatever the weights", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 128n }),
        fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n }), { minLength: 1 }),
        (total, weights) => {
          const parts = shareOut(total, weights);
          expect(parts.reduce((sum, part) => sum + part, 0n)).to.equal(total);
          expect(parts.every((part) => part >= 0n)).to.equal(true);
        },
      ),
    );
  });
});
