import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of Solidity tests that has some which are run more than once. */
export interface Suite {
  /** From the repository, with slashes. */
  readonly file: string;
  /** The file's name without `.t.sol`, as `Ledger.invariants`. */
  readonly name: string;
  /** Fuzz tests and invariants. */
  readonly tests: readonly string[];
}

/** What the deep profile runs; other tests do the same each time, so `npm test` is enough for them. */
export const DEEP_TEST = /^(testFuzz|invariant)_/;

/** The suites of `folder` that have fuzz tests or invariants, by name. */
export function deepSuites(folder: string): Suite[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".t.sol"))
    .sort()
    .map((file) => {
      const functions = readFileSync(join(folder, file), "utf8").matchAll(/\bfunction (\w+)/g);
      const tests = [...functions].map(([, name = ""]) => name).filter((name) => DEEP_TEST.test(name));
      return { file: `${folder}/${file}`, name: file.slice(0, -".t.sol".length), tests };
    })
    .filter(({ tests }) => tests.length > 0);
}

/**
 * Those that were asked for: `Ledger` is every suite of the Ledger, `Ledger.invariants` that one.
 * @throws Error naming what there is, if there is no such suite.
 */
export function chosenSuites(suites: readonly Suite[], names: readonly string[]): Suite[] {
  const isNamed = (suite: Suite, name: string): boolean => suite.name === name || suite.name.startsWith(`${name}.`);
  const unknown = names.filter((name) => !suites.some((suite) => isNamed(suite, name)));
  if (unknown.length > 0)
    throw new Error(`no suite called ${unknown.join(", ")}; there are ${suites.map(({ name }) => name).join(", ")}`);
  return suites.filter((suite) => names.length === 0 || names.some((name) => isNamed(suite, name)));
}
