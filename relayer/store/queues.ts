import { createHash } from "node:crypto";

import type { Queryable } from "./database.ts";

/** What waits to be sent by one kind of call. */
export interface Queue {
  readonly name: string;
  /** The waiting ones, as a condition on the table's rows, made of constants only. */
  readonly table: "payments" | "acts" | "instructions" | "x402_payments";
  readonly condition: string;
}

export interface QueueState {
  /** Counted up to the limit that was asked for. */
  readonly waiting: number;
  readonly oldestMs: number;
}

export const EMPTY_QUEUE: QueueState = { waiting: 0, oldestMs: 0 };

/** The state of each queue, by its name, in one question to the database: lanes look many times a second. */
export async function readQueues(
  db: Queryable,
  queues: readonly Queue[],
  limit: number,
): Promise<ReadonlyMap<string, QueueState>> {
  if (queues.length === 0) return new Map();
  const text = queues.map(stateOf).join(" UNION ALL ");
  const { rows } = await db.query<{ queue: number; waiting: bigint; oldest: number | null }>({
    // Prepared once a connection.
    ...{ name: createHash("sha256").update(text).digest("hex").slice(0, 32), text },
    values: [limit],
  });
  const name = (index: number): string => queues[index]?.name ?? "";
  return new Map(
    rows.map(({ queue, waiting, oldest }) => [name(queue), { waiting: Number(waiting), oldestMs: oldest ?? 0 }]),
  );
}

function stateOf({ table, condition }: Queue, index: number): string {
  return `SELECT ${index} AS queue, count(*) AS waiting,
      (extract(epoch FROM clock_timestamp() - min(accepted_at)) * 1000)::float8 AS oldest
    FROM (SELECT accepted_at FROM ${table} WHERE state = 'accepted' AND ${condition} ORDER BY accepted_at LIMIT $1) q`;
}
