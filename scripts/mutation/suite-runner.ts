import { createRequire } from "node:module";

import type * as Edr from "@nomicfoundation/edr";

/** How hard tests try. */
export interface Effort {
  readonly fuzzRuns: number;
  readonly invariantRuns: number;
  readonly invariantDepth: number;
}

/** Enough for most mutants, in a second or two for all tests. */
export const QUICK_EFFORT: Effort = { fuzzRuns: 32, invariantRuns: 4, invariantDepth: 32 };

/** That of `npm test`. */
export const FULL_EFFORT: Effort = { fuzzRuns: 256, invariantRuns: 32, invariantDepth: 64 };

/** What one test may use: an endless loop of a mutant ends by it. */
const TEST_GAS = 2_000_000_000n;

const SEED = "0xc0441d04c0441d04c0441d04c0441d04c0441d04c0441d04c0441d04c0441d04";

// Hardhat's own copy, so that tests run here as they do there.
const edr = createRequire(createRequire(import.meta.url).resolve("hardhat"))("@nomicfoundation/edr") as typeof Edr;

/** Runs Solidity tests in this process. */
export interface SuiteRunner {
  /** Names of the tests that failed: `Suite.test()`. `artifacts` holds the suites and whatever they deploy. */
  failuresOf(artifacts: readonly Edr.Artifact[], suites: readonly Edr.ArtifactId[], effort: Effort): Promise<string[]>;
}

export async function createSuiteRunner(): Promise<SuiteRunner> {
  const context = new edr.EdrContext();
  await context.registerSolidityTestRunnerFactory(edr.L1_CHAIN_TYPE, edr.l1SolidityTestRunnerFactory());
  return {
    async failuresOf(artifacts, suites, effort) {
      const failures: string[] = [];
      if (suites.length === 0) return failures;
      // The promise may be kept before the last suite is reported.
      await new Promise<void>((resolve, reject) => {
        let left = suites.length;
        const heard = ({ id, testResults }: Edr.SuiteResult): void => {
          for (const { name, status } of testResults) {
            if (status === edr.TestStatus.Failure) failures.push(`${id.name}.${name}`);
          }
          left -= 1;
          if (left === 0) resolve();
        };
        const config = configOf(effort);
        context.runSolidityTests(edr.L1_CHAIN_TYPE, [...artifacts], [...suites], config, {}, heard).catch(reject);
      });
      return failures;
    },
  };
}

function configOf({ fuzzRuns, invariantRuns, invariantDepth }: Effort): Edr.SolidityTestRunnerConfigArgs {
  return {
    projectRoot: process.cwd(),
    hardfork: "osaka",
    gasLimit: TEST_GAS,
    disableBlockGasLimit: true,
    disableTransactionGasCap: true,
    fuzz: { runs: fuzzRuns, seed: SEED },
    invariant: { runs: invariantRuns, depth: invariantDepth, failOnRevert: false, shrinkRunLimit: 0 },
  };
}
