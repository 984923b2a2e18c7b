// `npm run test:deep`: fuzz tests and invariants, much longer than in `npm test` and from a fresh seed. docs/deep-tests.md
import { parseArgs } from "node:util";

import hre from "hardhat";

import { type DeepResult, resultsOf, table } from "./deep-tests/results.ts";
import { seedOf } from "./deep-tests/seed.ts";
import { chosenSuites, DEEP_TEST, deepSuites } from "./deep-tests/suites.ts";

const PROFILE = "deep";

const { values } = parseArgs({
  options: {
    // Ledger, Ledger.invariants, …; may be given more than once.
    contract: { type: "string", multiple: true, default: [] },
    // As an earlier run printed it.
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const seed = seedOf(values.seed);
const profile = hre.config.test.solidity.profiles[PROFILE];
const { runs: fuzzRuns } = profile?.fuzz ?? {};
const { runs: invariantRuns, depth: invariantDepth } = profile?.invariant ?? {};
if (profile === undefined || fuzzRuns === undefined || invariantRuns === undefined || invariantDepth === undefined)
  throw new Error(`hardhat.config.ts does not say how deep the profile "${PROFILE}" goes`);
const depth = { fuzzRuns, invariantRuns, invariantDepth };
profile.fuzz = { ...profile.fuzz, seed };

process.stdout.write(
  `${fuzzRuns} runs of a fuzz test, ${invariantRuns} runs of ${invariantDepth} calls of an invariant, seed ${seed}\n`,
);
const begun = performance.now();
const results: DeepResult[] = [];
for (const suite of chosenSuites(deepSuites("test/contracts"), values.contract)) {
  const task = hre.tasks.getTask(["test", "solidity"]);
  const options = { testFiles: [suite.file], grep: DEEP_TEST.source, testProfile: PROFILE, noCompile: true };
  const answer: unknown = await task.run(options);
  results.push(...resultsOf(suite, answer, depth));
}
const seconds = Math.round((performance.now() - begun) / 1000);

const failed = results.filter(({ failure }) => failure !== undefined);
process.stdout.write(`\n${table(results)}\n`);
process.stdout.write(
  `${results.length - failed.length} passed, ${failed.length} failed in ${seconds} s, seed ${seed}\n`,
);
if (values.json) process.stdout.write(`${JSON.stringify({ seed, ...depth, seconds, results })}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
