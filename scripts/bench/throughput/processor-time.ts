import { readFile } from "node:fs/promises";

import type { Client } from "pg";

/** Processor time that parts of the system have used so far, which other programs on the machine do not change. {ms} */
export interface ProcessorTime {
  readonly relayer: number;
  readonly chain: number;
  readonly postgres: number;
}

/** Linux counts processor time in hundredths of a second for programs that ask. */
const TICK_MS = 10;

/** @returns undefined where the system does not say. */
export async function readProcessorTime(
  pids: { readonly relayers: readonly number[]; readonly chain: number },
  database: Client,
): Promise<ProcessorTime | undefined> {
  const { rows } = await database.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()",
  );
  const [chain, relayers, backends] = await Promise.all([
    used(pids.chain),
    Promise.all(pids.relayers.map(used)),
    Promise.all(rows.map(({ pid }) => used(pid))),
  ]);
  if (chain === undefined || relayers.includes(undefined)) return undefined;
  return { relayer: sumOf(relayers), chain, postgres: sumOf(backends) };
}

function sumOf(times: readonly (number | undefined)[]): number {
  return times.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
}

async function used(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The program's name stands in parentheses and may contain anything.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [Number(fields?.[11]), Number(fields?.[12])];
  return Number.isNaN(user + system) ? undefined : (user + system) * TICK_MS;
}
