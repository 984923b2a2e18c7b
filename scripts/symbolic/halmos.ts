import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { Check } from "./checks.ts";

/** {s} that one query may take. */
const QUERY_LIMIT = 300;

const HERE = "scripts/symbolic";

/** What Halmos 0.3 writes with `--json-output` (`TestResult` in its `__main__.py`): the parts that are read here. */
export const outcomeSchema = z.object({
  test_results: z.record(
    z.string(),
    z.array(
      z.object({
        name: z.string(),
        exitcode: z.number(),
        // Neither is there if a check did not get through.
        time: z.array(z.number()).nullable(),
        num_bounded_loops: z.number().nullable(),
      }),
    ),
  ),
});

export type Outcome = z.infer<typeof outcomeSchema>;

/** What a run of Halmos gave: its results, and all it printed. */
export interface Run {
  readonly outcome: Outcome;
  readonly log: string;
}

/**
 * Runs Halmos over a build.
 * @param python Its interpreter, with Halmos and both solvers.
 * @param build As `writeHalmosBuild` made it.
 * @param checks Those to run; the build may have others.
 * @throws Error with its log if it wrote no results.
 */
export async function runHalmos(python: string, build: string, checks: readonly Check[]): Promise<Run> {
  const file = join(build, "results.json");
  rmSync(file, { force: true });
  const contracts = new Set(checks.map(({ contract }) => contract));
  const functions = checks.map(({ signature }) => signature.replace(/\(.*/, ""));
  const options = [
    ...["--root", build, "--forge-build-out", "."],
    ...["--match-contract", `^(${[...contracts].join("|")})$`, "--match-test", `^(${functions.join("|")})\\(`],
    // Every panic is a failure: an overflow or a division by zero as well as an assertion.
    ...["--panic-error-codes", "*"],
    ...["--solver-command", `${python} ${HERE}/solve.py`, "--solver-timeout-assertion", `${QUERY_LIMIT}s`],
    ...["--json-output", file, "--no-status"],
  ];
  const halmos = spawn(python, [`${HERE}/prove.py`, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  const printed: Buffer[] = [];
  for (const stream of [halmos.stdout, halmos.stderr]) stream.on("data", (chunk: Buffer) => printed.push(chunk));
  await once(halmos, "close");
  const log = Buffer.concat(printed).toString("utf8");
  try {
    return { outcome: outcomeSchema.parse(JSON.parse(readFileSync(file, "utf8"))), log };
  } catch (cause) {
    throw new Error(`Halmos did not get through:\n${log}`, { cause });
  }
}
