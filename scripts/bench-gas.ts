import { parseArgs } from "node:util";

import { breakDown } from "./bench/breakdown.ts";
import { measureArbitratedHolds, measureHolds } from "./bench/holds.ts";
import { settle, transfer, transferWithAuthorization } from "./bench/payments.ts";
import { type Result, setStage } from "./bench/stage.ts";

/** The most that a payment or a hold may cost, and where it is measured; the goal is where it should get to. */
const BARS = [
  { path: "prefunded", rows: 100, gas: 16_500, goal: 14_500 },
  { path: "hold-open", rows: 50, gas: 48_000, goal: 42_000 },
  { path: "hold-capture", rows: 50, gas: 12_000, goal: 9_000 },
];
const BROKEN_DOWN = 100;
const SIZES = [1, 10, 50, 100, 500];
const HOLD_SIZES = [1, 10, 50, 100];

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const stage = await setStage(Math.max(...SIZES, ...HOLD_SIZES));

const results: Result[] = [];
let measuredHash = "";
for (const rows of SIZES) {
  const { gasUsed, hash } = await settle(stage, rows);
  if (rows === BROKEN_DOWN) measuredHash = hash;
  results.push({ path: "prefunded", rows, gasPerPayment: Math.round(gasUsed / rows) });
}
results.push({ path: "erc20-transfer", rows: 1, gasPerPayment: await transfer(stage) });
results.push({ path: "erc3009-transfer", rows: 1, gasPerPayment: await transferWithAuthorization(stage) });
const holds: Result[] = [];
for (const rows of HOLD_SIZES) {
  holds.push(...(await measureHolds(stage, rows)), ...(await measureArbitratedHolds(stage, rows)));
}
for (const path of new Set(holds.map((result) => result.path))) {
  results.push(...holds.filter((result) => result.path === path));
}

process.stdout.write("path                  rows   gas a payment\n");
for (const { path, rows, gasPerPayment } of results) {
  process.stdout.write(`${path.padEnd(21)} ${String(rows).padStart(4)}   ${String(gasPerPayment).padStart(13)}\n`);
}
for (const [part, gas] of await breakDown(stage, measuredHash, BROKEN_DOWN)) {
  process.stdout.write(`  ${part.padEnd(42)} ${String(gas).padStart(6)}\n`);
}
let missed = 0;
for (const bar of BARS) {
  const measured = results.find(({ path, rows }) => path === bar.path && rows === bar.rows)?.gasPerPayment ?? Infinity;
  if (measured > bar.gas) missed += 1;
  process.stdout.write(
    `bar: ${bar.path} at most ${bar.gas} at ${bar.rows} rows (goal ${bar.goal}); measured ${measured}${measured > bar.gas ? ": missed" : ""}\n`,
  );
}
if (values.json) process.stdout.write(`${JSON.stringify({ results })}\n`);
process.exit(missed === 0 ? 0 : 1);
