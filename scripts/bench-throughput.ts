import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { removeEmbeddedPostgres } from "../relayer/store/postgres/embedded-postgres.ts";
import { type Figures, figuresOf, round } from "./bench/throughput/figures.ts";
import { type Fleet, laneAddresses, laneKeys, startFleet } from "./bench/throughput/fleet.ts";
import { addHistory } from "./bench/throughput/history.ts";
import { openMarket, settledOnChain } from "./bench/throughput/market.ts";
import { parseBenchOptions } from "./bench/throughput/options.ts";
import { measurePeer, type PeerFigures } from "./bench/throughput/peer.ts";
import { postAll } from "./bench/throughput/post.ts";
import { type Parties, signRequests } from "./bench/throughput/sign.ts";
import { startWatch } from "./bench/throughput/watch.ts";
import { type LocalStack, startLocalStack } from "./local/stack.ts";

const BAR = 500;
const GOAL = 1_500;
const BAR_RATIO = 8;
const GOAL_RATIO = 25;
const BAR_GROWTH = 0.1;
/** What is settled before anything is measured, so that the just-in-time compilers have done their work. */
const WARM_UP = 1_000;

const options = parseBenchOptions(process.argv.slice(2));
const { payments, history, relayers, lanes } = options;
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Chain, PostgreSQL and relayers as processes of their own; this one is the clients. */
async function run(stack: LocalStack, fleet: Fleet): Promise<{ figures: Figures; peer: PeerFigures | undefined }> {
  say("Opening accounts …");
  const parties = await openMarket(stack, laneAddresses(relayers, lanes));
  if (history > 0) {
    say(`Writing a history of ${history} payments …`);
    await addHistory(stack.environment.DATABASE_URL ?? "", history, laneAddresses(1, 1)[0] ?? "");
  }
  say(`Warming up with ${WARM_UP} payments …`);
  await measure(stack, fleet, parties, WARM_UP);
  say(`Signing and settling ${payments} payments …`);
  const figures = await measure(stack, fleet, parties, payments);
  if (!options.peer) return { figures, peer: undefined };
  say("Measuring the x402 facilitator on the same chain …");
  return { figures, peer: await measurePeer(stack) };
}

async function measure(stack: LocalStack, fleet: Fleet, parties: Parties, count: number): Promise<Figures> {
  const requests = signRequests(parties, count);
  const watch = await startWatch(stack.environment.DATABASE_URL ?? "", {
    relayers: fleet.pids,
    chain: stack.chain.child.pid ?? 0,
  });
  const startedAt = performance.now();
  const posted = await postAll(fleet.urls, requests);
  for (const [answer, times] of posted.refused) say(`answered ${answer}: ${times}`);
  const watched = await watch.finish(posted.acceptedAt.size);
  return figuresOf(count, startedAt, posted, watched, await settledOnChain(stack));
}

function report(figures: Figures, peer: PeerFigures | undefined): { missed: string[]; ratio: number | null } {
  const best = peer === undefined ? 0 : Math.max(peer.sequentialPerSecond, peer.concurrent16PerSecond);
  const ratio = peer === undefined ? null : round(figures.settledPerSecond / best, 1);
  const rows: [string, string, string][] = [
    ["payments accepted a second", String(figures.acceptedPerSecond), ""],
    ["payments settled a second", String(figures.settledPerSecond), `${BAR} (goal ${GOAL})`],
    ["not settled exactly once", String(figures.failures), "0"],
    ["intake, p50 / p99 ms", `${figures.intakeP50Ms} / ${figures.intakeP99Ms}`, ""],
    ["accepted to settled, p50 / p99 ms", `${figures.settleP50Ms} / ${figures.settleP99Ms}`, ""],
    ["memory of the relayers, peak MB", String(figures.peakRssMb), ""],
    ["database, bytes a payment", String(figures.databaseBytes), ""],
    ["growth after warm-up", `${round(figures.rssGrowth * 100, 1)} %`, `${BAR_GROWTH * 100} %`],
  ];
  if (figures.processorMs !== null) {
    const { relayer, chain, postgres } = figures.processorMs;
    rows.push(["processor ms a payment: relayer / chain / SQL", `${relayer} / ${chain} / ${postgres}`, ""]);
  }
  if (peer !== undefined) {
    rows.push(
      ["x402 facilitator, one at a time, a second", String(peer.sequentialPerSecond), ""],
      ["x402 facilitator, 16 at a time, a second", String(peer.concurrent16PerSecond), ""],
      ["  of 400, failed", String(peer.concurrent16Failures), ""],
      ["times the facilitator's best", String(ratio), `${BAR_RATIO} (goal ${GOAL_RATIO})`],
    );
  }
  const rowsNote = options.rows === undefined ? "" : `, ${options.rows} rows at most`;
  process.stdout.write(
    `${payments} payments, ${history} before them; ${relayers} relayer(s) of ${lanes} lane(s)${rowsNote}\n`,
  );
  for (const [name, value, bar] of rows)
    process.stdout.write(`${name.padEnd(44)}${value.padStart(16)}   ${bar}`.trimEnd() + "\n");
  const missed = [
    ...(figures.settledPerSecond < BAR ? ["settled a second"] : []),
    ...(figures.failures > 0 ? ["failures"] : []),
    ...(figures.rssGrowth > BAR_GROWTH ? ["memory"] : []),
    ...(ratio !== null && ratio < BAR_RATIO ? ["ratio"] : []),
  ];
  process.stdout.write(missed.length === 0 ? "every bar is reached\n" : `missed: ${missed.join(", ")}\n`);
  return { missed, ratio };
}

const dataFolder = await mkdtemp(join(tmpdir(), "corridor-bench-"));
say("Starting a Hardhat chain, PostgreSQL and the relayer …");
const environment = {
  CORRIDOR_LANE_KEYS: (laneKeys(relayers, lanes)[0] ?? []).join(","),
  ...(options.rows === undefined ? {} : { CORRIDOR_BATCH_ROWS: String(options.rows) }),
};
const stack = await startLocalStack({ chainPort: 0, port: 0, dataFolder, environment });
let fleet: Fleet | undefined;
let status = 1;
try {
  fleet = await startFleet(stack, relayers, lanes);
  const { figures, peer } = await run(stack, fleet);
  const { missed, ratio } = report(figures, peer);
  status = missed.length === 0 ? 0 : 1;
  const setting = { history, relayers, lanes, rows: options.rows ?? null };
  if (options.json) process.stdout.write(`${JSON.stringify({ ...figures, ...setting, peer: peer ?? null, ratio })}\n`);
} finally {
  await fleet?.stop();
  await stack.stop();
  await removeEmbeddedPostgres(dataFolder);
}
process.exit(status);
