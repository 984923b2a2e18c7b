import type { ProcessorTime } from "./processor-time.ts";
import type { Posted } from "./post.ts";
import type { Watched } from "./watch.ts";

export interface Figures {
  readonly payments: number;
  readonly acceptedPerSecond: number;
  readonly settledPerSecond: number;
  /** Payments that were not accepted, or that the chain does not say settled exactly once. */
  readonly failures: number;
  readonly intakeP50Ms: number;
  readonly intakeP99Ms: number;
  /** From the answer that a payment was accepted to the record that it settled. */
  readonly settleP50Ms: number;
  readonly settleP99Ms: number;
  readonly peakRssMb: number;
  /** What the database grew by, a payment: tables, indices and rows that are no longer valid, not the write-ahead log. */
  readonly databaseBytes: number;
  /** How much the relayers' memory grew from a quarter of the payments to the end; 0.1 is 10 %. */
  readonly rssGrowth: number;
  /** Processor time of each part, a payment; null where the system does not say. {ms} */
  readonly processorMs: ProcessorTime | null;
}

/** @param startedAt When the first request was sent. @param onChain How often the chain says that each payment settled. */
export function figuresOf(
  count: number,
  startedAt: number,
  posted: Posted,
  watched: Watched,
  onChain: ReadonlyMap<string, number>,
): Figures {
  const { acceptedAt } = posted;
  const settleTimes: number[] = [];
  let lastSettled = startedAt;
  let once = 0;
  for (const [id, accepted] of acceptedAt) {
    if (onChain.get(id) === 1) once += 1;
    const block = watched.blocks.get(id);
    const settled = block === undefined ? undefined : watched.recordedAt.get(block);
    if (settled === undefined) continue;
    lastSettled = Math.max(lastSettled, settled);
    // A payment may be in a block before its client has read the answer.
    settleTimes.push(Math.max(0, settled - accepted));
  }
  const lastAccepted = Math.max(startedAt, ...chunkMaxima([...acceptedAt.values()]));
  return {
    payments: count,
    acceptedPerSecond: rate(acceptedAt.size, lastAccepted - startedAt),
    settledPerSecond: rate(settleTimes.length, lastSettled - startedAt),
    failures: count - once,
    intakeP50Ms: percentile(posted.times, 0.5),
    intakeP99Ms: percentile(posted.times, 0.99),
    settleP50Ms: percentile(settleTimes, 0.5),
    settleP99Ms: percentile(settleTimes, 0.99),
    peakRssMb: Math.round(Math.max(0, ...watched.memory.map(({ rssMb }) => rssMb))),
    databaseBytes: Math.round(watched.databaseBytes / count),
    rssGrowth: growth(watched.memory, count),
    processorMs: aPayment(watched.processorTime, count),
  };
}

function aPayment(time: ProcessorTime | undefined, count: number): ProcessorTime | null {
  if (time === undefined) return null;
  const [relayer, chain, postgres] = [time.relayer, time.chain, time.postgres].map((ms) => round(ms / count, 2));
  return { relayer: relayer ?? 0, chain: chain ?? 0, postgres: postgres ?? 0 };
}

/** The highest memory in the last quarter over the highest up to the end of the first, as a part of the latter. */
function growth(memory: Watched["memory"], count: number): number {
  const highest = (samples: Watched["memory"]): number => Math.max(0, ...samples.map(({ rssMb }) => rssMb));
  const early = highest(memory.filter(({ settled }) => settled <= count / 4));
  const late = highest(memory.filter(({ settled }) => settled >= (3 * count) / 4));
  return early === 0 || late === 0 ? 0 : round(late / early - 1, 3);
}

/** The maxima of parts of a long list: a call takes only so many arguments. */
function chunkMaxima(values: readonly number[]): number[] {
  const maxima: number[] = [];
  for (let start = 0; start < values.length; start += 10_000)
    maxima.push(Math.max(...values.slice(start, start + 10_000)));
  return maxima;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0, 1);
}

function rate(count: number, ms: number): number {
  return ms <= 0 ? 0 : Math.round((count * 1_000) / ms);
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
