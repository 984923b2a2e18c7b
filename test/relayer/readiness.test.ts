import { expect } from "chai";

import { type Findings, judgeReadiness } from "../../relayer/readiness.ts";

const GOOD: Findings = {
  ...{ isDraining: false, expectedChain: 5n, chainId: 5n, tip: 150n },
  database: { followed: 100n, missing: [], unknown: [] },
};

describe("readiness", () => {
  const codes = (changes: Partial<Findings>): string[] =>
    judgeReadiness({ ...GOOD, ...changes }).obstacles.map(({ code }) => code);

  it("has a reason of its own for each thing that is missing", () => {
    expect(codes({})).to.deep.equal([]);
    expect(codes({ isDraining: true })).to.deep.equal(["draining"]);
    expect(codes({ chainId: 1n })).to.deep.equal(["wrong_chain"]);
    expect(codes({ chainId: undefined })).to.deep.equal(["chain_unreachable"]);
    expect(codes({ tip: undefined })).to.deep.equal(["chain_unreachable"]);
    expect(codes({ database: undefined })).to.deep.equal(["database_unreachable"]);
    const database = { followed: 100n, missing: ["a"], unknown: ["b"] };
    expect(codes({ database })).to.deep.equal(["database_older", "database_newer"]);
    expect(codes({ isDraining: true, database: undefined, chainId: undefined, tip: undefined })).to.deep.equal([
      ...["draining", "database_unreachable", "chain_unreachable"],
    ]);
  });

  it("lets the record be 50 blocks behind, and no more", () => {
    expect(judgeReadiness(GOOD).lagBlocks).to.equal(50n);
    expect(codes({ tip: 149n })).to.deep.equal([]);
    expect(codes({ tip: 151n })).to.deep.equal(["follower_behind"]);
    expect(judgeReadiness({ ...GOOD, tip: undefined }).lagBlocks).to.equal(undefined);
  });
});
