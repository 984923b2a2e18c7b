import { spawn } from "node:child_process";
import { globSync } from "node:fs";

interface Suite {
  readonly name: string;
  readonly args: readonly string[];
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

const HARDHAT = "node_modules/hardhat/dist/src/cli.js";

/** Journeys that run after the browser's tests, so that all three parts take as long. */
const BESIDE = ["exchange", "holds", "start", "x402"].map((name) => `test/journeys/${name}.test.ts`);
const files = globSync("test/**/*.test.ts").sort();
const browser = files.filter((file) => file.startsWith("test/console/") || BESIDE.includes(file));
const journeys = files.filter((file) => file.startsWith("test/journeys/") && !browser.includes(file));
const others = files.filter((file) => !browser.includes(file) && !journeys.includes(file));

/**
 * The suites of `npm test`, each in a process of its own. Those of one row run side by side: most of them wait for blocks and pages more
 * than they compute. All was compiled before, and two that compile at once would write the same files.
 */
const ROWS: readonly (readonly Suite[])[] = [
  [{ name: "contracts", args: ["solidity"] }],
  [
    { name: "sdk, relayer, audit, faults, tools", args: mocha(others) },
    { name: "console, holds, exchange, x402, npm start", args: mocha(browser) },
    { name: "all other journeys", args: mocha(journeys) },
  ],
];

function mocha(which: readonly string[]): readonly string[] {
  return ["mocha", "--no-compile", ...which];
}

/** Runs a suite and counts what its own summary says. A suite that crashed, or ran nothing, has failed. */
async function run({ name, args }: Suite, write: (text: string) => unknown): Promise<Outcome> {
  write(`\n== ${name}\n`);
  const child = spawn(process.execPath, [HARDHAT, "test", ...args, ...process.argv.slice(2)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    write(chunk.toString());
  });
  child.stderr.on("data", (chunk: Buffer) => {
    write(chunk.toString());
  });
  const status = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  const passed = lastCount(output, "passing");
  const failed = lastCount(output, "failing");
  const crashed = passed === 0 || (status !== 0 && failed === 0);
  if (crashed) write(`${name}: ended with status ${status} after ${passed} tests\n`);
  return { passed, failed: failed + (crashed ? 1 : 0) };
}

/** Shows the first suite as it runs, and each other one whole after it. */
async function runRow(row: readonly Suite[]): Promise<readonly Outcome[]> {
  const later: string[][] = [];
  const outcomes = await Promise.all(
    row.map((suite, index) => {
      if (index === 0) return run(suite, (text) => process.stdout.write(text));
      const texts: string[] = [];
      later.push(texts);
      return run(suite, (text) => texts.push(text));
    }),
  );
  process.stdout.write(later.flat().join(""));
  return outcomes;
}

function lastCount(output: string, word: string): number {
  const plain = output.replace(/\u001b\[[0-9;]*m/g, "");
  const counts = [...plain.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"))];
  return Number(counts.at(-1)?.[1] ?? 0);
}

let passed = 0;
let failed = 0;
for (const row of ROWS) {
  for (const outcome of await runRow(row)) {
    passed += outcome.passed;
    failed += outcome.failed;
  }
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
