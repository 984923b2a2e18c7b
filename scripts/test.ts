import { spawn } from "node:child_process";

/** The suites of `npm test`, each in a process of its own. */
const SUITES = [
  { name: "contracts", args: ["test", "solidity"] },
  { name: "sdk, relayer and journeys", args: ["test", "mocha"] },
] as const;

const HARDHAT = "node_modules/hardhat/dist/src/cli.js";

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** Runs a suite and counts what its own summary says. A suite that crashed, or ran nothing, has failed. */
async function run(name: string, args: readonly string[]): Promise<Outcome> {
  process.stdout.write(`\n== ${name}\n`);
  const child = spawn(process.execPath, [HARDHAT, ...args, ...process.argv.slice(2)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  const status = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  const passed = lastCount(output, "passing");
  const failed = lastCount(output, "failing");
  const crashed = passed === 0 || (status !== 0 && failed === 0);
  if (crashed) process.stdout.write(`${name}: ended with status ${status} after ${passed} tests\n`);
  return { passed, failed: failed + (crashed ? 1 : 0) };
}

function lastCount(output: string, word: string): number {
  const plain = output.replace(/\u001b\[[0-9;]*m/g, "");
  const counts = [...plain.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"))];
  return Number(counts.at(-1)?.[1] ?? 0);
}

let passed = 0;
let failed = 0;
for (const { name, args } of SUITES) {
  const outcome = await run(name, args);
  passed += outcome.passed;
  failed += outcome.failed;
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
