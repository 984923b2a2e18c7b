// `npm run test:faults -- --seed N --rounds M`: rounds N, N+1, … each of which its seed makes again.
import { parseArgs } from "node:util";

import { openWorld, playRound, type Round } from "../test/faults/rounds.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
  },
});

function wholeNumber(name: string, text: string, minimum: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new Error(`--${name}: expected a whole number from ${minimum}`);
}

const seed = wholeNumber("seed", values.seed, 0);
const rounds = wholeNumber("rounds", values.rounds, 1);
const world = await openWorld();
const played: Round[] = [];
try {
  process.stdout.write("  seed  relayers  settled  seconds  killed at\n");
  for (let round = 0; round < rounds; round += 1) {
    const result = await playRound(world, seed + round);
    played.push(result);
    const columns = [result.seed, result.instances, result.payments, result.seconds].map(String);
    const widths = [6, 10, 9, 9];
    process.stdout.write(
      `${columns.map((text, index) => text.padStart(widths[index] ?? 0)).join("")}  ${result.kills.join(", ")}\n`,
    );
    for (const finding of result.findings) process.stdout.write(`        FOUND: ${finding}\n`);
  }
} finally {
  await world.stop();
}
const payments = played.reduce((sum, round) => sum + round.payments, 0);
const kills = played.reduce((sum, round) => sum + round.kills.length, 0);
const findings = played.flatMap((round) => round.findings);
process.stdout.write(`${played.length} rounds, ${payments} payments, ${kills} kills: ${findings.length} findings\n`);
if (values.json)
  process.stdout.write(`${JSON.stringify({ seed, rounds: played.length, payments, kills, findings })}\n`);
process.exit(findings.length === 0 && played.length === rounds ? 0 : 1);
