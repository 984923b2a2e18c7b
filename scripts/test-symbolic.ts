// `npm run test:symbolic`: proves the checks of test/symbolic for all arguments. docs/deep-tests.md
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";

import { CannotRun, ensureEnvironment } from "./analysis/python.ts";
import { withLock } from "./bootstrap/lock.mjs";
import { writeHalmosBuild } from "./symbolic/build.ts";
import { type Check, checksOf } from "./symbolic/checks.ts";
import { runHalmos } from "./symbolic/halmos.ts";
import { PLANTED } from "./symbolic/planted.ts";
import { type End, endsOf, table, verdictsOf } from "./symbolic/verdict.ts";

/** Exit status where Halmos cannot be run. */
const NOTHING_PROVED = 3;
const FOLDER = ".cache/symbolic";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const root = process.cwd();
mkdirSync(FOLDER, { recursive: true });

try {
  process.exitCode = await withLock(`${FOLDER}/lock`, prove);
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  process.stderr.write(`Nothing was proved. ${error.message}\n`);
  process.exitCode = NOTHING_PROVED;
}

async function prove(): Promise<number> {
  const python = ensureEnvironment(`${FOLDER}/environment`, "scripts/symbolic/requirements.txt", 11);
  const begun = performance.now();
  // The solvers' queries in whole numbers, on which proofs rest, are tried first.
  execFileSync(python, ["scripts/symbolic/try_integers.py"], { stdio: ["ignore", "inherit", "inherit"] });
  const checks = checksOf(root);
  const { ends, log } = await run(python, checks);
  const planted = [];
  for (const mistake of PLANTED) {
    const asked = checks.filter(({ name }) => mistake.refutes.includes(name));
    planted.push({ mistake, ends: (await run(python, asked, mistake)).ends });
  }
  const verdicts = verdictsOf(checks, ends, planted);
  const failed = verdicts.filter(({ failure }) => failure !== undefined).length;
  const seconds = Math.round((performance.now() - begun) / 1000);
  if (ends.some(({ end }) => end !== "proved")) process.stdout.write(`${log}\n`);
  process.stdout.write(`${table(verdicts)}\n\n${verdicts.length - failed} proved, ${failed} failed in ${seconds} s\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ seconds, checks: verdicts })}\n`);
  return failed === 0 && verdicts.length > 0 ? 0 : 1;
}

async function run(python: string, checks: readonly Check[], mistake?: (typeof PLANTED)[number]) {
  const build = `${FOLDER}/build`;
  writeHalmosBuild(root, [...new Set(checks.map(({ file }) => file))], build, mistake);
  const { outcome, log } = await runHalmos(python, build, checks);
  const ends: End[] = endsOf(checks, outcome);
  return { ends, log };
}
