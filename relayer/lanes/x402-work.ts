import type { Logger } from "pino";

import type { ChainBlock } from "../chain/chain-reader.ts";
import { isRipe } from "../batching/batches.ts";
import type { X402Tracer } from "../chain/x402-trace.ts";
import type { BatchLimits } from "../config.ts";
import { followedHead, whileFollowing } from "../store/chain.ts";
import type { Database } from "../store/database.ts";
import { MAX_ATTEMPTS } from "../store/transactions.ts";
import {
  assignX402,
  attachX402,
  refuseX402,
  rejectUsed,
  requeueUsed,
  settleUsed,
  usedX402,
  X402_QUEUE,
  x402QueueState,
  type X402Record,
} from "../store/x402.ts";
import { fitting } from "./instruction-work.ts";
import { simulate, type Simulation, type Simulator } from "./simulation.ts";
import type { Work } from "./work.ts";
import { x402Call, x402RowGas, x402RowsGas } from "./x402-calls.ts";

export interface X402WorkDependencies {
  readonly database: Database;
  readonly simulator: Simulator;
  readonly catchUp: () => Promise<void>;
  readonly limits: BatchLimits;
  readonly log: Logger;
  readonly onRefused?: ((code: string) => void) | undefined;
  readonly settler: string;
  readonly tracer: X402Tracer;
  readonly readBlock: (number: bigint) => Promise<ChainBlock | undefined>;
  readonly finalityDepth: number;
}

/** Authorizations that are looked up in a round, and how long it is until those that are left are looked up again. */
const LOOKED_UP = 20;
const LOOK_UP_AGAIN_MS = 1_000;

/** Payments by x402, all that are due in one transaction, each isolated from the others. */
export function createX402Work(deps: X402WorkDependencies): Work {
  const { database, limits, log } = deps;
  const call = x402Call<X402Record>(deps.settler, limits.maxGas);
  let nextLookUp = 0;

  /** Before anything counts against a payment, the events that may have settled it are in the store. */
  async function refuse(bad: readonly { readonly row: X402Record; readonly code: string }[]): Promise<void> {
    if (bad.length === 0) return;
    await deps.catchUp();
    await refuseX402(
      database,
      bad.map(({ row, code }) => ({ id: row.id, code })),
    );
    for (const { row, code } of bad) {
      deps.onRefused?.(code);
      log.info({ x402Payment: row.id, code }, "x402 payment refused by simulation");
    }
  }

  /** One that transactions failed on again and again, and that is still good, is given up: nobody else has used it. */
  async function giveUp({ good }: Simulation<X402Record>): Promise<X402Record[]> {
    const spent = good.filter(({ attempts }) => attempts >= MAX_ATTEMPTS);
    await refuse(spent.map((row) => ({ row, code: "transaction_failed" })));
    return good.filter((row) => !spent.includes(row));
  }

  /** Finds out what authorizations that others used were used for. */
  async function lookUp(): Promise<void> {
    if (Date.now() < nextLookUp) return;
    nextLookUp = Date.now() + LOOK_UP_AGAIN_MS;
    const used = await usedX402(database, LOOKED_UP);
    if (used.length > 0) await deps.catchUp();
    for (const record of used) {
      // One that cannot be looked up now must not hold up what else the lane does.
      await decideUsed(record).catch((error: unknown) => {
        log.warn({ err: error, x402Payment: record.id }, "a used authorization could not be looked up");
      });
    }
  }

  async function decideUsed(record: X402Record): Promise<void> {
    const { id, unusedBlock, usedBlock } = record;
    const depth = BigInt(deps.finalityDepth);
    const since = unusedBlock > depth ? unusedBlock - depth : 0n;
    const found = await deps.tracer.findPayment(record, since);
    if (found !== undefined && (await settle(id, found))) return;
    // Where it is not found, what says so must be final before its payer may be told that she did not pay.
    const head = await followedHead(database);
    if (head === undefined || usedBlock === null || head.number < usedBlock + depth) return;
    if (await deps.tracer.isUsed(record)) await rejectUsed(database, id);
    else await requeueUsed(database, id);
  }

  /** @returns false if the transfer has paid another payment; true, too, where the record is not there yet. */
  async function settle(id: string, found: Awaited<ReturnType<X402Tracer["findPayment"]>>): Promise<boolean> {
    if (found === undefined) return false;
    return whileFollowing(database, async (db) => {
      const head = await followedHead(db);
      if (head === undefined || head.number < found.blockNumber) return true;
      const isCanonical = (await deps.readBlock(found.blockNumber))?.hash === found.blockHash;
      return !isCanonical || settleUsed(db, id, found);
    });
  }

  return {
    queue: X402_QUEUE,
    // Looking up has its own time.
    isDue: (queue) => isRipe(queue, limits) || Date.now() >= nextLookUp,
    async prepare(lease) {
      await lookUp();
      const queue = await x402QueueState(database, limits.maxRows);
      if (!isRipe(queue, limits)) return "idle";
      const waiting = await assignX402(database, lease, limits.maxRows);
      // What does not fit goes back to the queue with the rest of what is not signed.
      const assigned = fitting(waiting, x402RowsGas(limits.maxGas), x402RowGas);
      if (assigned.length === 0) return "idle";
      const simulation = await simulate(deps.simulator, call, assigned);
      await refuse(simulation.bad);
      const good = await giveUp(simulation);
      if (good.length === 0) return "refused";
      const { data, gasLimit, batches } = call.encode(good);
      return {
        ...{ to: call.to, data, gasLimit, batches, rows: good.length },
        attach: (db, hash) =>
          attachX402(
            db,
            hash,
            lease.address,
            good.map(({ id }) => id),
          ),
      };
    },
  };
}
