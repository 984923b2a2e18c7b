import { parseArgs } from "node:util";

import { breakDown } from "./bench/breakdown.ts";
import { type FxStage, measureExchange, openExchange } from "./bench/fx.ts";
import { measureArbitratedHolds, measureHolds } from "./bench/holds.ts";
import { approvePermit2, measurePulls } from "./bench/pulls.ts";
import { settle, transfer, transferWithAuthorization } from "./bench/payments.ts";
import { measureSigners } from "./bench/signers.ts";
import { type Result, setStage } from "./bench/stage.ts";

/** The most that a payment or a hold may cost, and where it is measured; the goal is where it should get to. */
const BARS = [
  { path: "prefunded", rows: 100, gas: 16_500, goal: 14_500 },
  { path: "pull-erc3009", rows: 50, gas: 56_000, goal: 50_000 },
  { path: "hold-open", rows: 50, gas: 48_000, goal: 42_000 },
  { path: "hold-capture", rows: 50, gas: 12_000, goal: 9_000 },
  { path: "fx", rows: 50, gas: 26_000, goal: 21_000 },
];
/** What a payment may cost more if a device of the payer signs it, its payees listed. */
const DEVICE_BAR = 12_000;
const DEVICE_ROWS = 50;
const BROKEN_DOWN = 100;
const SIZES = [1, 10, 50, 100, 500];
const BATCH_SIZES = [1, 10, 50, 100];

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const stage = await setStage(Math.max(...SIZES, ...BATCH_SIZES));

const results: Result[] = [];
let measuredHash = "";
for (const rows of SIZES) {
  const { gasUsed, hash } = await settle(stage, rows);
  if (rows === BROKEN_DOWN) measuredHash = hash;
  results.push({ path: "prefunded", rows, gasPerPayment: Math.round(gasUsed / rows) });
}
results.push({ path: "erc20-transfer", rows: 1, gasPerPayment: await transfer(stage) });
results.push({ path: "erc3009-transfer", rows: 1, gasPerPayment: await transferWithAuthorization(stage) });
await approvePermit2(stage);
const pulls: Result[] = [];
// Once beforehand: the Gateway's own account and allowance are made by it, and each payer's word of Permit2's bitmap.
await measurePulls(stage, Math.max(...BATCH_SIZES));
for (const rows of BATCH_SIZES) pulls.push(...(await measurePulls(stage, rows)));
const signers: Result[] = [];
for (const rows of [1, 50]) signers.push(...(await measureSigners(stage, rows)));
const holds: Result[] = [];
for (const rows of BATCH_SIZES) {
  holds.push(...(await measureHolds(stage, rows)), ...(await measureArbitratedHolds(stage, rows)));
}
const fxStage: FxStage = { ...stage, ...(await openExchange(stage)) };
const exchanged: Result[] = [];
for (const rows of BATCH_SIZES) exchanged.push(...(await measureExchange(fxStage, rows)));
for (const group of [pulls, signers, holds, exchanged]) {
  for (const path of new Set(group.map((result) => result.path))) {
    results.push(...group.filter((result) => result.path === path));
  }
}

process.stdout.write("path                  rows   gas a payment\n");
for (const { path, rows, gasPerPayment } of results) {
  process.stdout.write(`${path.padEnd(21)} ${String(rows).padStart(4)}   ${String(gasPerPayment).padStart(13)}\n`);
}
for (const [part, gas] of await breakDown(stage, measuredHash, BROKEN_DOWN)) {
  process.stdout.write(`  ${part.padEnd(42)} ${String(gas).padStart(6)}\n`);
}
const costOf = (path: string, rows: number): number =>
  results.find((result) => result.path === path && result.rows === rows)?.gasPerPayment ?? Infinity;
let missed = 0;
for (const bar of BARS) {
  const measured = costOf(bar.path, bar.rows);
  if (measured > bar.gas) missed += 1;
  process.stdout.write(
    `bar: ${bar.path} at most ${bar.gas} at ${bar.rows} rows (goal ${bar.goal}); measured ${measured}${measured > bar.gas ? ": missed" : ""}\n`,
  );
}
const byDevice = costOf("device-listed-payee", DEVICE_ROWS) - costOf("prefunded", DEVICE_ROWS);
if (byDevice > DEVICE_BAR) missed += 1;
process.stdout.write(
  `bar: a device's payment at most ${DEVICE_BAR} more at ${DEVICE_ROWS} rows; measured ${byDevice}${byDevice > DEVICE_BAR ? ": missed" : ""}\n`,
);
if (values.json) process.stdout.write(`${JSON.stringify({ results })}\n`);
process.exit(missed === 0 ? 0 : 1);
