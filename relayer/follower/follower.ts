import type { Logger } from "pino";

import { AppError } from "../app-error.ts";
import type { EscrowReader } from "../chain/escrow-reader.ts";
import type { ExchangeReader, RefundLog } from "../chain/exchange-reader.ts";
import type { ChainLog } from "../chain/chain-log.ts";
import type { ChainBlock, ChainReader } from "../chain/chain-reader.ts";
import type { LedgerReader } from "../chain/ledger-reader.ts";
import { readMovements } from "../chain/movement-reader.ts";
import type { FollowedContracts } from "../chain/movement-trail.ts";
import type { X402Reader } from "../chain/x402-reader.ts";
import { fxRefundEffect } from "../hold-effects.ts";
import { applyEffects } from "../store/acts.ts";
import {
  applyRejected,
  applySettled,
  type AccountKey,
  type BlockRef,
  followedBlocks,
  followedHead,
  markFinal,
  rememberBlock,
  saveAccounts,
  undoAbove,
  whileFollowing,
} from "../store/chain.ts";
import type { Database, Queryable } from "../store/database.ts";
import { saveExchanged, saveRefunds } from "../store/fx.ts";
import { saveHolds } from "../store/holds.ts";
import { bringForward, lacksMovements, saveMovements } from "../store/movements.ts";
import { quotesToRead, updateQuotes } from "../store/quotes.ts";
import { type Mined, readReceipts, recordReceipts } from "./receipts.ts";
import { applyInstructionEvents, applyInstructionRejections, rejectBySettled } from "../store/instruction-events.ts";
import { tracedIfBusy } from "../tracing.ts";
import { applyX402Rejected, applyX402Settled } from "../store/x402.ts";

export interface Follower {
  /** Records the chain up to its present head. When it returns, everything in blocks up to then is in the store. */
  catchUp(): Promise<void>;
}

export interface FollowerDependencies {
  readonly database: Database;
  readonly reader: ChainReader;
  readonly ledger: LedgerReader;
  readonly escrow: EscrowReader;
  readonly exchange: ExchangeReader;
  readonly x402: X402Reader;
  /** Whose events move accounts. */
  readonly contracts: FollowedContracts;
  readonly startBlock: bigint;
  readonly finalityDepth: number;
  readonly log: Logger;
  /** Called after blocks were recorded, with what they settled and rejected. */
  readonly onProgress?: (progress: Progress) => void;
  readonly onMined?: (mined: Mined) => void;
  readonly onReorg?: (depth: bigint) => void;
}

/** What a step recorded. */
export interface Progress {
  readonly head: bigint;
  /** Of each payment that settled, the seconds since it was accepted. */
  readonly settled: readonly number[];
  readonly rejected: number;
}

/** What a node says of a range of blocks that ends with `block`. */
interface Read {
  readonly block: ChainBlock;
  readonly from: bigint;
  readonly found: readonly ChainLog[];
}

function moved(): AppError {
  return new AppError("chain_moved", "The chain reorganised while it was read.", { retriable: true });
}

/** What a reorg took back and what is to be read anew. */
interface Undone {
  readonly accounts: readonly AccountKey[];
  readonly holds: readonly string[];
  readonly quotes: readonly string[];
  /** Whether what moved before is not recorded. */
  readonly lacksMovements: boolean;
}

function refundEffect(refund: RefundLog): { id: string; transactionHash: string; blockNumber: bigint } {
  const { transactionHash, blockNumber } = refund;
  return { id: fxRefundEffect(refund.id, refund.amount, refund.refunded), transactionHash, blockNumber };
}

/** Runs `work` once at a time. Whoever asks while it runs gets a run that starts after that, shared with all who asked. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = (): Promise<void> => {
    const run = work().finally(() => {
      if (running === run) running = undefined;
    });
    running = run;
    return run;
  };
  return () => {
    if (running === undefined) return start();
    const afterThat = (): Promise<void> => {
      next = undefined;
      return start();
    };
    next ??= running.then(afterThat, afterThat);
    return next;
  };
}

/** Blocks asked for at once; providers bound the range of a log query. */
const RANGE = 500n;
/**
 * The newest blocks are read one by one and by their hash: a node that does not have one yet says so. Asked by a range, one
 * that is behind the others answers that nothing happened.
 */
const NEAR = 32n;

/**
 * Reads blocks and logs into the store, and undoes them on a reorg. Several instances may run: one at a time moves the
 * record, and it moves in one SQL transaction a step, so a crash leaves it whole.
 */
export function createFollower(deps: FollowerDependencies): Follower {
  const { database, reader, ledger, escrow, exchange, x402, finalityDepth, log } = deps;
  const keepBlocks = Math.max(256, finalityDepth * 4);

  async function step(): Promise<boolean> {
    const progress = await whileFollowing(database, async (db) => {
      const tip = await reader.block("latest");
      if (tip === undefined) return undefined;
      const head = await followedHead(db);
      let from = deps.startBlock;
      let ancestor: BlockRef | undefined;
      let pending: Undone = { accounts: [], holds: [], quotes: [], lacksMovements: false };
      if (head !== undefined) {
        if (await isBehind(db, tip, head)) return undefined;
        ancestor = await commonAncestor(db, head, tip);
        const lacks = await lacksMovements(db, head, ancestor);
        pending = { ...pending, lacksMovements: lacks };
        if (ancestor.number !== head.number) {
          log.warn({ from: head.number, to: ancestor.number }, "reorg");
          pending = { ...(await undoAbove(db, ancestor.number)), lacksMovements: lacks };
          deps.onReorg?.(head.number - ancestor.number);
        }
        from = ancestor.number + 1n;
      }
      if (from > tip.number) return undefined;
      const far = tip.number - NEAR;
      if (from > far) return record(db, await readNear(from, tip, ancestor), pending, tip);
      return record(db, await readFar(from, far < from + RANGE ? far : from + RANGE - 1n), pending, tip);
    });
    if (progress === undefined) return false;
    for (const mined of progress.mined) deps.onMined?.(mined);
    deps.onProgress?.(progress);
    return progress.more;
  }

  /**
   * Whether the node shows a part of the chain that was followed: it is behind, which is no reorg. One that is at another
   * block than was followed at its height, is on another branch.
   */
  async function isBehind(db: Queryable, tip: ChainBlock, head: BlockRef): Promise<boolean> {
    if (tip.number >= head.number) return false;
    const known = (await followedBlocks(db, keepBlocks + 1)).find(({ number }) => number <= tip.number);
    if (known === undefined) return true;
    return (known.number === tip.number ? tip : await reader.block(known.number))?.hash === known.hash;
  }

  /** The newest followed block that the chain still has. */
  async function commonAncestor(db: Queryable, head: BlockRef, tip: ChainBlock): Promise<BlockRef> {
    if (tip.hash === head.hash || tip.parentHash === head.hash) return head;
    if ((await reader.block(head.number))?.hash === head.hash) return head;
    for (const block of await followedBlocks(db, keepBlocks + 1)) {
      if ((await reader.block(block.number))?.hash === block.hash) return block;
    }
    throw new AppError(
      "chain_replaced",
      "None of the blocks that were followed is on this chain any more. Is this the chain that the database belongs to?",
    );
  }

  /** One block, which must be the child of the last one that was followed. */
  async function readNear(number: bigint, tip: ChainBlock, parent: BlockRef | undefined): Promise<Read> {
    const block = number === tip.number ? tip : await requireBlock(number);
    if (parent !== undefined && block.parentHash !== parent.hash) throw moved();
    return { block, from: number, found: await reader.logsOf(block) };
  }

  /** Many blocks, all of which the chain has had for a while. */
  async function readFar(from: bigint, to: bigint): Promise<Read> {
    const block = await requireBlock(to);
    const found = await reader.logs(from, to);
    // All of it must be of one chain: if it moved aside meanwhile, the next step reads it again.
    const hashes = found.filter(({ blockNumber }) => BigInt(blockNumber) === to).map(({ blockHash }) => blockHash);
    if ([...hashes, (await requireBlock(to)).hash].some((hash) => hash !== block.hash)) throw moved();
    return { block, from, found };
  }

  async function record(db: Queryable, { block, from, found }: Read, pending: Undone, tip: ChainBlock) {
    const to = block.number;
    const logs = ledger.read(found);
    const escrowLogs = escrow.read(found);
    const exchangeLogs = exchange.read(found);
    const x402Logs = x402.read(found);
    const movements = readMovements(found, deps.contracts);
    const times = await readTimes([...logs.settled, ...exchangeLogs.refunds, ...movements], block);
    const touched = [...pending.accounts, ...logs.touched];
    const keys = [...new Map(touched.map((key) => [`${key.owner}:${key.token}`, key])).values()];
    const accounts = await ledger.accounts(keys, block);
    const holds = await escrow.holds([...new Set([...pending.holds, ...escrowLogs.touched])], block);
    const receipts = await readReceipts(db, reader, from === to ? block : undefined, to);
    const timeOf = ({ blockNumber }: { readonly blockNumber: bigint }): bigint =>
      times.get(blockNumber) ?? block.timestamp;
    const settled = await applySettled(
      db,
      logs.settled.map((payment) => ({ ...payment, settledAt: timeOf(payment) })),
    );
    const rejected = await applyRejected(db, [...logs.rejected, ...escrowLogs.rejected, ...exchangeLogs.rejected]);
    await saveExchanged(db, exchangeLogs.exchanged);
    await saveRefunds(
      db,
      exchangeLogs.refunds.map(({ id, ...refund }) => ({ ...refund, paymentId: id, refundedAt: timeOf(refund) })),
    );
    await applyEffects(db, [...escrowLogs.effects, ...exchangeLogs.refunds.map(refundEffect)]);
    await rejectBySettled(
      db,
      logs.settled.map(({ id }) => id),
    );
    await applyInstructionEvents(db, logs.instructions);
    await applyInstructionRejections(db, logs.rejected);
    await applyX402Settled(db, x402Logs.settled);
    await applyX402Rejected(db, x402Logs.rejected);
    await saveAccounts(db, accounts, to);
    const timed = movements.map((movement) => ({ ...movement, at: timeOf(movement) }));
    if (pending.lacksMovements) {
      log.warn({ block: to }, "movements up to here are not known: statements begin with the balances of this block");
      await bringForward(db, block);
    } else await saveMovements(db, timed, to);
    await saveHolds(db, holds, to);
    await readQuotes(db, [...pending.quotes, ...exchangeLogs.quotes], exchangeLogs.makers, block);
    const mined = await recordReceipts(db, receipts);
    await rememberBlock(db, block, keepBlocks);
    await markFinal(db, to - BigInt(finalityDepth));
    return { head: to, settled, rejected, mined, more: to < tip.number };
  }

  /** Reads anew what the contract says of quotes that are known here. */
  async function readQuotes(
    db: Queryable,
    ids: readonly string[],
    makers: readonly string[],
    at: ChainBlock,
  ): Promise<void> {
    await updateQuotes(db, await exchange.quotes(await quotesToRead(db, ids, makers), at), at.number);
  }

  /** The times of the blocks that something happened in. */
  async function readTimes(
    events: readonly { readonly blockNumber: bigint }[],
    last: ChainBlock,
  ): Promise<ReadonlyMap<bigint, bigint>> {
    const times = new Map([[last.number, last.timestamp]]);
    for (const { blockNumber } of events) {
      if (!times.has(blockNumber)) times.set(blockNumber, (await requireBlock(blockNumber)).timestamp);
    }
    return times;
  }

  async function requireBlock(number: bigint): Promise<ChainBlock> {
    const block = await reader.block(number);
    if (block === undefined) {
      throw new AppError("block_missing", `Block ${number} is not known to the node.`, { retriable: true });
    }
    return block;
  }

  return {
    catchUp: oneAtATime(async () => {
      while (await tracedIfBusy("follower.step", {}, step));
    }),
  };
}
