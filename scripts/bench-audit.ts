import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

import { settleMany } from "./bench/audit/chain.ts";
import { startPart } from "./local/process.ts";

/** 100,000 payments in two minutes. */
const BAR_PER_SECOND = 100_000 / 120;
/** Of what was needed for the first half of the payments. */
const BAR_GROWTH = 0.1;

interface Figures {
  readonly ok: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly slots: number;
  readonly payments: number;
  readonly signatures: number;
  readonly halfMb: number;
  readonly peakMb: number;
}

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, payments: { type: "string", default: "100000" } },
});
const payments = Number(values.payments);
if (!Number.isSafeInteger(payments) || payments < 1) throw new Error("--payments: expected a whole number from 1");

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function audit(url: string, ledger: string): Promise<Figures> {
  const args = ["--import", "tsx", "scripts/bench/audit/measure.ts", url, ledger, String(payments)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return new Promise((resolve, reject) => {
    child.once("message", (figures: Figures) => {
      resolve(figures);
    });
    child.once("exit", (code) => {
      reject(new Error(`The audit ended with status ${code}`));
    });
  });
}

say("Starting an Anvil node …");
const chain = await startPart("chain", "scripts/local/anvil.ts", ["0"], {});
let status = 1;
try {
  say(`Signing and settling ${payments} payments …`);
  const startedAt = performance.now();
  const ledger = await settleMany(chain.url, payments, (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done}`);
  });
  say(`\r… in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s. Auditing them …`);
  const figures = await audit(chain.url, ledger);
  const perSecond = Math.round(figures.payments / figures.seconds);
  const growth = figures.peakMb / figures.halfMb - 1;
  const rows: [string, string, string][] = [
    ["payments", String(figures.payments), ""],
    ["signatures that were checked", String(figures.signatures), ""],
    ["words of storage that were compared", String(figures.slots), ""],
    ["seconds", figures.seconds.toFixed(1), ""],
    ["payments a second", String(perSecond), `${Math.ceil(BAR_PER_SECOND)}`],
    ["peak memory at half, MB", figures.halfMb.toFixed(0), ""],
    ["peak memory at the end, MB", figures.peakMb.toFixed(0), ""],
    ["growth of the second half", `${(growth * 100).toFixed(1)} %`, `${BAR_GROWTH * 100} %`],
  ];
  for (const [name, value, bar] of rows) {
    process.stdout.write(`${`${name.padEnd(40)}${value.padStart(12)}   ${bar}`.trimEnd()}\n`);
  }
  const isWhole = figures.ok && figures.payments === payments && figures.signatures === payments;
  if (!isWhole) process.stdout.write(`it does not hold: ${JSON.stringify(figures.counts)}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ ...figures, perSecond, growth })}\n`);
  status = isWhole && perSecond >= BAR_PER_SECOND && growth <= BAR_GROWTH ? 0 : 1;
} finally {
  await chain.stop();
}
process.exit(status);
