import type { ChainBlock } from "../chain/chain-reader.ts";
import type { Queryable } from "../store/database.ts";
import type { Lease } from "../store/lanes.ts";
import type { Queue, QueueState } from "../store/queues.ts";

/** A call that is to be signed. */
export interface Call {
  readonly to: string;
  readonly data: string;
  readonly gasLimit: number;
  readonly rows: number;
  readonly batches: number;
  /** Notes in the store that the transaction carries the rows; run in the SQL transaction that stores it. */
  attach(db: Queryable, hash: string): Promise<void>;
}

/** One kind of thing that a lane sends: payments, holds to be opened, acts on holds. */
export interface Work {
  /** What it takes its rows from. */
  readonly queue: Queue;
  /** Whether it is time to send. */
  isDue(queue: QueueState): boolean;
  /**
   * Takes what is due from the queue, refuses what the chain would refuse and makes a call of the rest. What was taken and
   * is not attached in the end, the lane puts back.
   * @returns `idle` if nothing was due, `refused` if nothing of what was due can succeed.
   */
  prepare(lease: Lease, readHead: () => Promise<ChainBlock | undefined>): Promise<Call | "idle" | "refused">;
}
