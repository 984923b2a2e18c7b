import { mkdirSync, readFileSync } from "node:fs";

import { CannotRun, ensureEnvironment } from "./analysis/python.ts";
import { analysedSources, writeSlitherBuild } from "./analysis/slither-build.ts";
import { runSlither } from "./analysis/slither.ts";
import { findingsOf, judge, PLANTED_FILE, unexplainedIn, unreadIn } from "./analysis/verdict.ts";
import { withLock } from "./bootstrap/lock.mjs";

/**
 * Runs Slither over the contracts, the mocks apart. Fails on any finding that is neither mended nor explained beside the code, and
 * if it does not find what is planted. `--all` prints the explained ones as well and counts them, and fails on none.
 * Exit status 3: Slither cannot be run here, so nothing was analysed.
 */
const NOTHING_ANALYSED = 3;

const root = process.cwd();
const all = process.argv.includes("--all");
mkdirSync(".cache/slither", { recursive: true });

try {
  process.exitCode = await withLock(".cache/slither/lock", analyse);
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  process.stderr.write(`Nothing was analysed. ${error.message}\n`);
  process.exitCode = NOTHING_ANALYSED;
}

function analyse(): number {
  const python = ensureEnvironment(".cache/slither/environment", "scripts/analysis/requirements.txt");
  const sources = analysedSources(root);
  writeSlitherBuild(root, [...sources, PLANTED_FILE], ".cache/slither/build");
  const { report, log } = runSlither(python, root, all ? ["--show-ignored-findings", "--exclude", "none"] : []);
  const { left, blind } = judge(findingsOf(report, root));
  const unread = unreadIn(log);
  const ours = unread.filter((name) => !name.includes("(node_modules/"));

  if (all) {
    // A run that shows what is explained takes each comment for one that explains nothing.
    const found = left.filter(({ check }) => check !== "unused-ignore-directive");
    for (const { check, impact, description } of found) process.stdout.write(`${impact}  ${check}\n${description}\n\n`);
    printCounts(found.map(({ check, impact }) => `${impact}  ${check}`));
    return 0;
  }
  for (const { check, impact, description } of left) process.stdout.write(`${impact}  ${check}\n${description}\n\n`);
  const unexplained = sources.flatMap((file) =>
    unexplainedIn(readFileSync(file, "utf8")).map((line) => `${file}#${line}`),
  );
  for (const place of unexplained) process.stdout.write(`${place} quiets Slither without a reason\n`);
  for (const problem of blind) process.stdout.write(`The run cannot be believed: ${problem}\n`);
  for (const name of ours) process.stdout.write(`Slither cannot read ${name}, so it finds nothing there\n`);
  process.stdout.write(
    `${sources.length} files, ${left.length} findings left, ${unread.length - ours.length} functions of libraries unread\n`,
  );
  return left.length + unexplained.length + blind.length + ours.length === 0 ? 0 : 1;
}

function printCounts(names: readonly string[]): void {
  for (const name of [...new Set(names)].sort()) {
    process.stdout.write(`${String(names.filter((other) => other === name).length).padStart(4)}  ${name}\n`);
  }
  process.stdout.write(`${names.length} findings, those explained beside the code among them\n`);
}
