import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { z } from "zod";

import { isUsablePython } from "../../scripts/analysis/python.ts";
import { writeHalmosBuild } from "../../scripts/symbolic/build.ts";
import { type Check, CHECKS, checksIn, checksOf } from "../../scripts/symbolic/checks.ts";
import type { Outcome } from "../../scripts/symbolic/halmos.ts";
import { PLANTED } from "../../scripts/symbolic/planted.ts";
import { type End, endsOf, table, verdictsOf } from "../../scripts/symbolic/verdict.ts";

const source = (body: string, contract = "Sums") => `contract ${contract}Check is Symbolic {\n${body}\n}`;
const SUMS = source(`    /// @notice A sum is not
    /// less than its parts.
    /// @custom:where they are small.
    /// @dev Not told.
    function check_Sum(uint8 a, uint16 b) external pure {}`);

function only(): Check {
  const [check] = checksIn("test/symbolic/Sums.sol", SUMS);
  if (check === undefined) throw new Error("no check");
  return check;
}

const RESULT = { name: "check_Sum(uint8,uint16)", exitcode: 0, time: [1.5, 1, 0.5], num_bounded_loops: 0 };
const outcome = (...results: Outcome["test_results"][string]): Outcome => ({
  test_results: { "test/symbolic/Sums.sol:SumsCheck": results },
});
const endOf = (...results: Outcome["test_results"][string]) => endsOf([only()], outcome(...results))[0]?.end;

describe("the symbolic checks", () => {
  const checks = checksOf(".");

  it("are all listed, each with what it proves", () => {
    const written = readdirSync(CHECKS).flatMap((name) => [
      ...readFileSync(join(CHECKS, name), "utf8").matchAll(/\bcheck_\w+/g),
    ]);
    expect(checks.length).to.equal(written.length).and.greaterThan(0);
    expect(new Set(checks.map(({ name }) => name)).size).to.equal(checks.length);
  });

  it("are built into the shape that Halmos reads, with nothing left out", () => {
    const folder = mkdtempSync(join(tmpdir(), "corridor-symbolic-"));
    try {
      writeHalmosBuild(".", [...new Set(checks.map(({ file }) => file))], join(folder, "build"));
      const artifact = z.object({ methodIdentifiers: z.record(z.string(), z.string()) });
      for (const { file, contract, signature } of checks) {
        const path = join(folder, "build", file.slice(CHECKS.length + 1), `${contract}.json`);
        const { methodIdentifiers } = artifact.parse(JSON.parse(readFileSync(path, "utf8")));
        expect(methodIdentifiers).to.have.property(signature);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }).timeout(60_000);

  it("each have a mistake that they must find, and each mistake is in the code once", () => {
    const names = checks.map(({ name }) => name);
    expect(PLANTED.flatMap(({ refutes }) => refutes)).to.have.members(names);
    for (const { file, from } of PLANTED) {
      expect(readFileSync(file, "utf8").split(from), `${file}: ${from}`).to.have.length(2);
    }
  });

  it("are read with their arguments and assumptions", () => {
    expect(only()).to.deep.equal({
      file: "test/symbolic/Sums.sol",
      contract: "SumsCheck",
      signature: "check_Sum(uint8,uint16)",
      name: "Sums.Sum",
      proves: "A sum is not less than its parts.",
      over: "uint8 a, uint16 b",
      where: "they are small.",
    });
  });

  it("are refused if Halmos would not find them, or if they say nothing", () => {
    expect(() => checksIn("a.sol", SUMS.replace("external", "internal"))).to.throw("would not find check_Sum");
    expect(() => checksIn("a.sol", SUMS.replace("Symbolic", "Test"))).to.throw("would not find check_Sum");
    expect(() => checksIn("a.sol", SUMS.replace("@notice", "@dev"))).to.throw("does not say what it proves");
  });
});

describe("the verdict over a run of Halmos", () => {
  it("takes a check for proved only if Halmos says so, once, with no loop cut off", () => {
    expect(endOf(RESULT)).to.equal("proved");
    expect(endOf({ ...RESULT, exitcode: 1 })).to.equal("counterexample");
    expect(endOf({ ...RESULT, exitcode: 2 })).to.equal("time-out");
    expect(endOf({ ...RESULT, exitcode: 4 })).to.equal("reverts always");
    expect(endOf({ ...RESULT, exitcode: 9 })).to.equal("unknown end 9");
    expect(endOf({ ...RESULT, num_bounded_loops: 1 })).to.equal("a loop was cut off");
    expect(endOf({ ...RESULT, num_bounded_loops: null })).to.equal("a loop was cut off");
    expect(endOf()).to.equal("was not run");
    expect(endOf(RESULT, RESULT)).to.equal("was not run");
    expect(endOf({ ...RESULT, name: "check_Sum(uint8)" })).to.equal("was not run");
    expect(endsOf([only()], { test_results: {} })[0]?.end).to.equal("was not run");
  });

  it("fails a check that finds nothing where a mistake is planted, and one for which there is none", () => {
    const mistake = { file: "a.sol", from: "+", to: "-", refutes: ["Sums.Sum"] };
    const ended = (end: string): End[] => [{ check: "Sums.Sum", end, seconds: 1.5 }];
    const failure = (end: string, found?: End[]) =>
      verdictsOf([only()], ended(end), found === undefined ? [] : [{ mistake, ends: found }])[0]?.failure;

    expect(failure("proved", ended("counterexample"))).to.equal(undefined);
    expect(failure("time-out", ended("counterexample"))).to.equal("time-out");
    expect(failure("proved", ended("proved"))).to.equal('does not find the planted "-": proved');
    expect(failure("proved", ended("time-out"))).to.contain("time-out");
    expect(failure("proved", [])).to.contain("was not run");
    expect(failure("proved")).to.equal("no mistake is planted that it has to find");
    expect(verdictsOf([only()], [], [])[0]?.failure).to.equal("was not run");
  });

  it("prints what was proved, for what, and why not", () => {
    const printed = table(verdictsOf([only()], [{ check: "Sums.Sum", end: "time-out", seconds: 1.5 }], []));
    expect(printed.split("\n")).to.deep.equal([
      "Sums.Sum     1.5 s  time-out",
      "    A sum is not less than its parts.",
      "    for all uint8 a, uint16 b; they are small.",
    ]);
  });
});

describe("the Python for Halmos", () => {
  it("is newer than the one that is enough for Slither", () => {
    expect(isUsablePython("3.10.14")).to.equal(true);
    expect(isUsablePython("3.10.14", 11)).to.equal(false);
    expect(isUsablePython("3.11.0", 11)).to.equal(true);
  });
});
