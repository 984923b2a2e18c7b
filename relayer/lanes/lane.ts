import { type JsonRpcProvider, Transaction } from "ethers";
import type { Logger } from "pino";

import { AppError } from "../app-error.ts";
import type { ChainBlock, LedgerReader } from "../chain/ledger-reader.ts";
import type { LaneSigner } from "../signers/lane-signer.ts";
import { followedHead, whileFollowing } from "../store/chain.ts";
import { type Database, inTransaction } from "../store/database.ts";
import { acquireLease, giveUpLease, type Lease, releaseUnsigned, renewLease, takeNonce } from "../store/lanes.ts";
import {
  insertTransaction,
  type LiveTransaction,
  liveTransactions,
  markBroadcast,
  recordLoss,
  recordOutcome,
} from "../store/transactions.ts";
import { ATTRIBUTES, tracedIfBusy } from "../tracing.ts";
import type { Call, Work } from "./work.ts";

export interface LaneDependencies {
  readonly database: Database;
  readonly provider: JsonRpcProvider;
  readonly reader: LedgerReader;
  readonly catchUp: () => Promise<void>;
  readonly chainId: bigint;
  readonly signer: LaneSigner;
  /** What the lane sends, in this order, given the address that it sends from. */
  readonly works: (from: string) => readonly Work[];
  /** Names this instance in the lease. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly tipWei: bigint;
  readonly finalityDepth: number;
  readonly log: Logger;
  readonly onMined?: (mined: { rows: number; gasUsed: bigint; succeeded: boolean }) => void;
  /** Called when another transaction took the nonce of one of the lane's for good. */
  readonly onLost?: () => void;
}

/** One signing key with its own sequence of nonces. */
export interface Lane {
  readonly address: string;
  /** Looks after what was sent and sends what is due. */
  round(): Promise<void>;
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** Transactions of one lane that may wait to be mined at a time. */
const MAX_IN_FLIGHT = 4;
const REBROADCAST_MS = 4_000;

export function createLane(deps: LaneDependencies): Lane {
  const { database, provider, reader, log } = deps;
  const { address } = deps.signer;
  const works = deps.works(address);
  let lease: Lease | undefined;

  async function round(): Promise<void> {
    lease ??= await acquire();
    if (lease === undefined) return;
    let inFlight = await watch();
    // In turn, so that a long queue of one kind does not hold up the others.
    for (let sent = true; sent;) {
      sent = false;
      for (const work of works) {
        if (
          inFlight >= MAX_IN_FLIGHT ||
          !(await tracedIfBusy("lane.send", { [ATTRIBUTES.lane]: address }, sendDue, work, lease))
        )
          continue;
        inFlight += 1;
        sent = true;
      }
    }
  }

  async function acquire(): Promise<Lease | undefined> {
    const chainNonce = BigInt(await provider.getTransactionCount(address, "latest"));
    const acquired = await acquireLease(database, address, deps.holder, deps.leaseMs, chainNonce);
    if (acquired !== undefined) log.info({ lane: address, fence: acquired.fence }, "lane acquired");
    return acquired;
  }

  /** @returns how many transactions are still to be mined. */
  async function watch(): Promise<number> {
    let waiting = 0;
    for (const transaction of await liveTransactions(database, address)) {
      if (!(await conclude(transaction))) waiting += 1;
    }
    return waiting;
  }

  /** Finds out what became of a transaction. A missing receipt is no answer: then the same bytes are sent again. */
  async function conclude(transaction: LiveTransaction): Promise<boolean> {
    const receipt = await provider.getTransactionReceipt(transaction.hash);
    if (receipt !== null) {
      await deps.catchUp();
      return whileFollowing(database, async (db) => {
        const blockNumber = BigInt(receipt.blockNumber);
        const head = await followedHead(db);
        const canonical = (await reader.block(blockNumber))?.hash === receipt.blockHash;
        if (head === undefined || head.number < blockNumber || !canonical) return false;
        const succeeded = receipt.status === 1;
        const rows = await recordOutcome(db, {
          hash: transaction.hash,
          blockNumber,
          gasUsed: receipt.gasUsed,
          feeWei: receipt.fee,
          succeeded,
        });
        deps.onMined?.({ rows, gasUsed: receipt.gasUsed, succeeded });
        if (!succeeded) log.error({ transaction: transaction.hash }, "transaction reverted");
        return true;
      });
    }
    if (await wasOvertaken(transaction.nonce)) {
      log.error({ transaction: transaction.hash }, "another transaction took this nonce for good");
      await recordLoss(database, transaction.hash);
      deps.onLost?.();
      return true;
    }
    if (transaction.sinceBroadcastMs === null || transaction.sinceBroadcastMs > REBROADCAST_MS) {
      await broadcast(transaction.hash, transaction.raw);
    }
    return false;
  }

  /** Whether the nonce is used up in a block that is final; the transaction has no receipt, so by another one. */
  async function wasOvertaken(nonce: bigint): Promise<boolean> {
    const head = await reader.block("latest");
    if (head === undefined) return false;
    const settledHead = head.number - BigInt(deps.finalityDepth);
    if (settledHead < 0n) return false;
    return BigInt(await provider.getTransactionCount(address, settledHead)) > nonce;
  }

  /** @returns whether anything was due. */
  async function sendDue(work: Work, held: Lease): Promise<boolean> {
    let head: Promise<ChainBlock | undefined> | undefined;
    const readHead = () => (head ??= reader.block("latest"));
    let idle = false;
    let signed: { hash: string; raw: string } | undefined;
    try {
      const call = await work.prepare(held, readHead);
      idle = call === "idle";
      if (call === "idle") return false;
      if (call !== "refused") signed = await sign(held, call, (await readHead())?.baseFee ?? 0n);
    } finally {
      // Whatever was not signed, for whichever reason, goes back to the queue.
      if (!idle) await releaseUnsigned(database, address);
    }
    if (signed !== undefined) await broadcast(signed.hash, signed.raw);
    return true;
  }

  /** Nonce, bytes, hash and rows are stored in one SQL transaction, before any node sees the bytes. */
  async function sign(held: Lease, call: Call, baseFee: bigint): Promise<{ hash: string; raw: string }> {
    return inTransaction(database, async (db) => {
      const nonce = await takeNonce(db, held);
      if (nonce === undefined) {
        lease = undefined;
        throw new AppError("lease_lost", `The lease of lane ${address} was lost.`, { retriable: true });
      }
      const transaction = Transaction.from({
        type: 2,
        chainId: deps.chainId,
        nonce: Number(nonce),
        to: call.to,
        data: call.data,
        gasLimit: call.gasLimit,
        maxFeePerGas: 2n * baseFee + deps.tipWei,
        maxPriorityFeePerGas: deps.tipWei,
      });
      transaction.signature = await deps.signer.sign(transaction.unsignedHash);
      const { hash, serialized: raw } = transaction;
      if (hash === null) throw new AppError("signing_failed", "The transaction has no hash.");
      await insertTransaction(db, { hash, raw, lane: address, nonce, rows: call.rows, batches: call.batches });
      await call.attach(db, hash);
      return { hash, raw };
    });
  }

  /** What the node answers is no evidence of what became of the transaction: only the chain is. */
  async function broadcast(hash: string, raw: string): Promise<void> {
    await provider.send("eth_sendRawTransaction", [raw]).catch((error: unknown) => {
      log.debug({ err: error, transaction: hash }, "the node did not take the transaction");
    });
    await markBroadcast(database, hash);
  }

  return {
    address,
    round,
    async renew() {
      if (lease !== undefined && !(await renewLease(database, lease, deps.leaseMs))) {
        log.warn({ lane: address }, "lease lost");
        lease = undefined;
      }
    },
    async release() {
      if (lease !== undefined) await giveUpLease(database, lease);
      lease = undefined;
    },
  };
}
