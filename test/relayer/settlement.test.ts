import { expect } from "chai";
import { BrowserProvider, keccak256, toUtf8Bytes, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import type { PayableRow } from "../../relayer/batching/batches.ts";
import { settlementCall } from "../../relayer/lanes/settlement.ts";
import { simulate } from "../../relayer/lanes/simulation.ts";

const POISON = keccak256(toUtf8Bytes("poison"));

function row(index: number, memo: string): PayableRow {
  return {
    id: String(index),
    payer: ZeroAddress,
    payee: ZeroAddress,
    token: ZeroAddress,
    amount: 1n,
    nonce: BigInt(index),
    deadline: 1n,
    memo,
    r: ZeroHash,
    vs: ZeroHash,
    signature: null,
    signer: null,
  };
}

describe("simulation", () => {
  for (const poisonous of [[], [0], [4], [2, 3], [0, 1, 2, 3, 4, 5, 6]]) {
    it(`finds the poisonous rows ${poisonous.join(", ")} of seven and lets the others through`, async () => {
      const { ethers, provider } = await network.create();
      const poisonable = await ethers.deployContract("PoisonableLedger");
      const rows = Array.from({ length: 7 }, (_, index) => row(index, poisonous.includes(index) ? POISON : ZeroHash));
      const simulator = {
        // The errors of ethers' own providers, which the relayer goes by, not those of Hardhat's.
        provider: new BrowserProvider(provider),
        from: ZeroAddress,
      };
      const call = settlementCall<PayableRow>(await poisonable.getAddress(), 15_000_000);
      const { good, bad } = await simulate(simulator, call, rows);
      expect(bad.map(({ row: { id }, code }) => [Number(id), code])).to.deep.equal(
        poisonous.map((index) => [index, "simulation_reverted"]),
      );
      expect(good).to.have.length(7 - poisonous.length);
    });
  }
});
