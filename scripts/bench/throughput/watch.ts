import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

import pg from "pg";

import { type ProcessorTime, readProcessorTime } from "./processor-time.ts";

/** What was seen of the relayer while it worked. */
export interface Watched {
  /** When the record had reached a block. {ms of `performance.now`} */
  readonly recordedAt: ReadonlyMap<bigint, number>;
  /** Memory of the relayers' processes together, and how many payments had settled then. */
  readonly memory: readonly { readonly settled: number; readonly rssMb: number }[];
  /** In which block each payment settled; absent of those that did not. */
  readonly blocks: ReadonlyMap<string, bigint>;
  /** What the database grew by meanwhile. */
  readonly databaseBytes: number;
  /** Used meanwhile, if the system says. {ms} */
  readonly processorTime: ProcessorTime | undefined;
}

export interface Watch {
  /** Resolves when nothing is under way any more, or when nothing has moved for a minute. */
  finish(expected: number): Promise<Watched>;
}

const LOOK_MS = 25;
const MEMORY_MS = 250;
const STUCK_MS = 60_000;

/** Looks at the record of the chain and at the relayers' memory, at little cost to either. */
export async function startWatch(
  databaseUrl: string,
  pids: { readonly relayers: readonly number[]; readonly chain: number },
): Promise<Watch> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows: before } = await client.query<{ head: string | null }>("SELECT max(number)::text AS head FROM blocks");
  const bytesBefore = await databaseBytes(client);
  const timeBefore = await readProcessorTime(pids, client);
  const firstBlock = BigInt(before[0]?.head ?? 0);
  const recordedAt = new Map<bigint, number>();
  const memory: { settled: number; rssMb: number }[] = [];
  const state = { head: firstBlock, settled: 0, movedAt: performance.now(), done: false };

  async function look(): Promise<void> {
    const { rows } = await client.query<{ head: string; settled: string }>(
      `SELECT max(number)::text AS head, (SELECT coalesce(sum(rows), 0)::text FROM transactions
         WHERE block_number > $1 AND state = 'mined') AS settled FROM blocks`,
      [firstBlock.toString()],
    );
    const now = performance.now();
    const head = BigInt(rows[0]?.head ?? 0);
    for (let block = state.head + 1n; block <= head; block += 1n) recordedAt.set(block, now);
    const settled = Number(rows[0]?.settled ?? 0);
    if (settled > state.settled) state.movedAt = now;
    state.head = head;
    state.settled = settled;
  }

  const every = async (ms: number, work: () => Promise<void>): Promise<void> => {
    while (!state.done) {
      await work();
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  };
  const looking = every(LOOK_MS, look);
  const measuring = every(MEMORY_MS, async () => {
    memory.push({ settled: state.settled, rssMb: await togetherMb(pids.relayers) });
  });

  return {
    async finish(expected) {
      state.movedAt = performance.now();
      while (state.settled < expected && performance.now() - state.movedAt < STUCK_MS) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      state.done = true;
      await Promise.all([looking, measuring]);
      const { rows } = await client.query<{ id: string; block: string }>(
        "SELECT id, block_number::text AS block FROM payments WHERE state IN ('settled', 'final') AND block_number > $1",
        [firstBlock.toString()],
      );
      const grown = (await databaseBytes(client)) - bytesBefore;
      const timeAfter = await readProcessorTime(pids, client);
      await client.end();
      const processorTime = difference(timeBefore, timeAfter);
      const blocks = new Map(rows.map(({ id, block }) => [id, BigInt(block)]));
      return { recordedAt, memory, databaseBytes: grown, processorTime, blocks };
    },
  };
}

function difference(before?: ProcessorTime, after?: ProcessorTime): ProcessorTime | undefined {
  if (before === undefined || after === undefined) return undefined;
  return {
    relayer: after.relayer - before.relayer,
    chain: after.chain - before.chain,
    postgres: after.postgres - before.postgres,
  };
}

async function databaseBytes(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>("SELECT pg_database_size(current_database())::text AS bytes");
  return Number(rows[0]?.bytes ?? 0);
}

async function togetherMb(pids: readonly number[]): Promise<number> {
  return (await Promise.all(pids.map(rssMb))).reduce((sum, mb) => sum + mb, 0);
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? "")?.[1];
  if (kib !== undefined) return Number(kib) / 1024;
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout.trim()) / 1024;
}
