import { z } from "zod";

import type { Suite } from "./suites.ts";

const suitesSchema = z.object({
  suiteResults: z.array(
    z.object({
      testResults: z.array(
        z.object({
          name: z.string(),
          status: z.enum(["Success", "Failure", "Skipped"]),
          durationNs: z.bigint(),
          kind: z.object({
            runs: z.bigint().default(0n),
            calls: z.bigint().default(0n),
            reverts: z.bigint().default(0n),
          }),
        }),
      ),
    }),
  ),
});

/** What Hardhat's task `test solidity` gives back, whether all passed or not: the parts of `SuiteResult` that are read here. */
const runSchema = z.union([
  z.object({ success: z.literal(true), value: suitesSchema }).transform(({ value }) => value),
  z.object({ success: z.literal(false), error: suitesSchema }).transform(({ error }) => error),
]);

/** A fuzz test or invariant of a deep run. */
export interface DeepResult {
  readonly suite: string;
  readonly test: string;
  readonly runs: number;
  /** All calls of all runs of an invariant, and those that were refused; a fuzz test has none. */
  readonly calls: number;
  readonly reverts: number;
  readonly seconds: number;
  /** Why it does not count as passed. */
  readonly failure: string | undefined;
}

/** The least that a test must have been run. */
export interface Depth {
  readonly fuzzRuns: number;
  readonly invariantRuns: number;
  readonly invariantDepth: number;
}

/**
 * One result for each fuzz test and invariant of a suite. One that passed but ran less than it should, or was not run, has failed.
 * @param run What Hardhat's task gave.
 */
export function resultsOf(suite: Suite, run: unknown, depth: Depth): DeepResult[] {
  const ran = runSchema
    .parse(run)
    .suiteResults.flatMap(({ testResults }) => testResults)
    .map((result) => ({ ...result, test: result.name.replace(/\(.*$/, "") }));
  const missing = suite.tests.filter((test) => !ran.some((result) => result.test === test));
  return [
    ...ran.map(({ test, status, durationNs, kind }) => {
      const figures = { runs: Number(kind.runs), calls: Number(kind.calls), reverts: Number(kind.reverts) };
      const failure = failureOf(status, isDeep(test, figures, depth));
      return { suite: suite.name, test, ...figures, seconds: Number(durationNs) / 1e9, failure };
    }),
    ...missing.map((test) => ({ ...NOTHING, suite: suite.name, test, failure: "was not run" })),
  ];
}

const NOTHING = { runs: 0, calls: 0, reverts: 0, seconds: 0 };

function isDeep(test: string, { runs, calls }: { runs: number; calls: number }, depth: Depth): boolean {
  if (test.startsWith("testFuzz")) return runs >= depth.fuzzRuns;
  return runs >= depth.invariantRuns && calls >= depth.invariantRuns * depth.invariantDepth;
}

function failureOf(status: "Success" | "Failure" | "Skipped", isDeepEnough: boolean): string | undefined {
  if (status !== "Success") return status === "Failure" ? "failed" : "was skipped";
  return isDeepEnough ? undefined : "ran too little";
}

export function table(results: readonly DeepResult[]): string {
  const width = Math.max(...results.map(({ test }) => test.length));
  const rows = results.map(({ test, runs, calls, reverts, seconds, failure }) => {
    const figures = [runs, ...(calls === 0 ? ["", ""] : [calls, reverts]), seconds.toFixed(1)];
    return row(width, test, figures.map(String), failure ?? "");
  });
  return `${[row(width, "", ["runs", "calls", "reverts", "seconds"], ""), ...rows].join("\n")}\n`;
}

function row(width: number, name: string, cells: readonly string[], end: string): string {
  return `${name.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join("")}  ${end}`.trimEnd();
}
