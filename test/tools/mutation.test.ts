import { expect } from "chai";

import { type Code, compile, parse, QUICK, TEST } from "../../scripts/mutation/compiler.ts";
import { enumsOf, type Mutant, mutantsOf, sampleOf } from "../../scripts/mutation/mutants.ts";
import { createSuiteRunner } from "../../scripts/mutation/suite-runner.ts";
import { tallyOf } from "../../scripts/mutation/tally.ts";
import { createTrial, type Trial } from "../../scripts/mutation/trial.ts";
import { deployedName, setUp } from "../../scripts/mutation/workbench.ts";

const TILL = { source: "project/contracts/Till.sol", name: "Till" };
const TILL_TEST = { source: "project/test/contracts/Till.t.sol", name: "TillTest" };

const till = `// The till: nothing in a comment is mutated, not 1 + 1 either. ¥
pragma solidity 0.8.37;
contract Till {
    enum Mood { Open, Closed }
    error TooMuch(uint256 amount, uint256 most);
    uint256 public sum;
    Mood public mood;
    modifier careful() { _; }
    function add(uint256 amount) external careful {
        require(amount <= 10, TooMuch(amount, 10));
        unchecked { sum += amount + 0; }
    }
    function close() external {
        if (sum != 0 && mood == Mood.Open) mood = Mood.Closed;
    }
    function top() external pure returns (uint256 word) {
        assembly { word := shl(255, 1) }
    }
}`;

const tillTest = `pragma solidity 0.8.37;
interface Vm { function getCode(string calldata artifact) external view returns (bytes memory); }
interface ITill { function add(uint256 amount) external; function sum() external view returns (uint256); }
contract TillTest {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    function test_Adds() public {
        bytes memory code = vm.getCode("Till.sol:Till");
        ITill till;
        assembly { till := create(0, add(code, 0x20), mload(code)) }
        till.add(3);
        till.add(4);
        require(till.sum() == 7);
    }
}`;

const sources = { [TILL.source]: till, [TILL_TEST.source]: tillTest };

function mutants(): Mutant[] {
  const trees = parse(sources, []);
  const tree = trees.get(TILL.source);
  if (tree === undefined) throw new Error("no tree");
  return mutantsOf("contracts/Till.sol", Buffer.from(till), tree, enumsOf(trees.values()));
}

function mutant(original: string, replacement: string): Mutant {
  const found = mutants().find((one) => one.original === original && one.replacement === replacement);
  if (found === undefined) throw new Error(`no mutant ${original} → ${replacement}`);
  return found;
}

/** The till's contract and test as a build would hand them over. */
async function trialOfTill(): Promise<Trial> {
  const built = (unit: typeof TILL, code: Code, abi: object[], isTest: boolean) => ({
    isTest,
    artifact: {
      id: { ...unit, solcVersion: "0.8.37" },
      contract: { ...code, abi: JSON.stringify(abi), linkReferences: {}, deployedLinkReferences: {} },
    },
  });
  const plain = compile(TILL, sources, [], QUICK);
  const abi = [{ type: "function", name: "test_Adds", inputs: [], outputs: [], stateMutability: "nonpayable" }];
  const { workbench } = setUp({
    artifacts: [built(TILL, plain, [], false), built(TILL_TEST, compile(TILL_TEST, sources, [], TEST), abi, true)],
    sources: new Map(Object.entries(sources)),
    remappings: [],
  });
  return createTrial(workbench, await createSuiteRunner(), new Map([[deployedName(TILL), plain]]));
}

describe("mutation testing", () => {
  it("makes every mistake in code, and none in comments, types and strings", () => {
    expect(
      mutants().map(({ line, operator, original, replacement }) => `${line} ${operator}: ${original} → ${replacement}`),
    ).to.deep.equal([
      "9 modifier: careful → ",
      "10 condition: amount <= 10 → true",
      "10 comparison: <= → <",
      "10 comparison: <= → >=",
      "10 constant: 10 → 11",
      "10 constant: 10 → 9",
      "10 constant: 10 → 11",
      "10 constant: 10 → 9",
      "11 statement: sum += amount + 0; → {}",
      "11 arithmetic: += → -=",
      "11 arithmetic: + → -",
      "11 constant: 0 → 1",
      "14 condition: sum != 0 && mood == Mood.Open → false",
      "14 condition: sum != 0 && mood == Mood.Open → mood == Mood.Open",
      "14 condition: sum != 0 && mood == Mood.Open → sum != 0",
      "14 condition: sum != 0 && mood == Mood.Open → true",
      "14 comparison: != → ==",
      "14 constant: 0 → 1",
      "14 logical: && → ||",
      "14 comparison: == → !=",
      "14 member: Mood.Open → Mood.Closed",
      "14 statement: mood = Mood.Closed; → {}",
      "14 member: Mood.Closed → Mood.Open",
      "17 statement: word := shl(255, 1) → {}",
      "17 shift: shl → shr",
      "17 constant: 255 → 254",
      "17 constant: 255 → 256",
      "17 constant: 1 → 0",
      "17 constant: 1 → 2",
    ]);
  });

  it("gives a mutant the same id each time, and no two the same", () => {
    const ids = mutants().map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(mutants().map(({ id }) => id)).to.deep.equal(ids);
    expect(mutant("+=", "-=").id).to.match(/^contracts\/Till\.sol:\d+-\d+:arithmetic:[0-9a-f]{6}$/);
  });

  it("keeps a smaller sample within a larger one of the same seed", () => {
    const small = sampleOf(mutants(), 5, 1).map(({ id }) => id);
    const large = sampleOf(mutants(), 9, 1).map(({ id }) => id);
    expect(small).to.have.length(5);
    expect(large).to.include.members(small);
    expect(sampleOf(mutants(), 5, 2).map(({ id }) => id)).to.not.deep.equal(small);
  });

  it("tells killed, surviving, equivalent and impossible mutants apart", async function () {
    this.timeout(60_000);
    const trial = await trialOfTill();
    expect(await trial.failingAnyway({ fuzzRuns: 1, invariantRuns: 1, invariantDepth: 1 })).to.deep.equal([]);
    const wrong = mutant("+=", "-=");
    const tried: [Mutant, string][] = [
      [wrong, "killed"],
      [mutant("amount <= 10", "true"), "survived"],
      [mutant("+", "-"), "equivalent"],
      [{ ...wrong, id: "impossible", replacement: "nonsense(" }, "refused"],
    ];
    const outcomes = new Map(
      await Promise.all(tried.map(async ([one]) => [one.id, await trial.outcomeOf(one)] as const)),
    );
    expect(tried.map(([{ id }]) => outcomes.get(id)?.verdict)).to.deep.equal(tried.map(([, verdict]) => verdict));
    expect(outcomes.get(wrong.id)?.why).to.equal("TillTest.test_Adds()");
    const tally = tallyOf("Till", mutants(), outcomes);
    expect([tally.killed, tally.survived, tally.equivalent, tally.score]).to.deep.equal([1, 1, 1, 0.5]);
  });
});
