import { Interface, type JsonRpcProvider, SigningKey, computeAddress, Transaction } from "ethers";
import type { Logger } from "pino";

import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { AppError } from "../app-error.ts";
import { groupIntoBatches, isDue, maxRows } from "../batching/batches.ts";
import type { LedgerReader } from "../chain/ledger-reader.ts";
import type { BatchLimits } from "../config.ts";
import { followedHead, whileFollowing } from "../store/chain.ts";
import { type Database, inTransaction } from "../store/database.ts";
import { acquireLease, giveUpLease, type Lease, renewLease, takeNonce } from "../store/lanes.ts";
import {
  assignPayments,
  expireAccepted,
  type PaymentRecord,
  queueState,
  refuseAssigned,
  releaseAssigned,
} from "../store/payments.ts";
import {
  insertTransaction,
  type LiveTransaction,
  liveTransactions,
  markBroadcast,
  recordLoss,
  recordOutcome,
} from "../store/transactions.ts";
import { encodeSettlement, simulate, type Simulation } from "./settlement.ts";

export interface LaneDependencies {
  readonly database: Database;
  readonly provider: JsonRpcProvider;
  readonly reader: LedgerReader;
  readonly catchUp: () => Promise<void>;
  readonly chainId: bigint;
  readonly ledgerAddress: string;
  readonly privateKey: string;
  /** Names this instance in the lease. */
  readonly holder: string;
  readonly limits: BatchLimits;
  readonly leaseMs: number;
  readonly tipWei: bigint;
  readonly finalityDepth: number;
  readonly log: Logger;
  readonly onMined?: (mined: { rows: number; gasUsed: bigint }) => void;
  readonly onRefused?: (code: string) => void;
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

const LEDGER = new Interface(Ledger__factory.abi);

export function createLane(deps: LaneDependencies): Lane {
  const { database, provider, reader, log } = deps;
  const key = new SigningKey(deps.privateKey);
  const address = computeAddress(key);
  let lease: Lease | undefined;

  async function round(): Promise<void> {
    lease ??= await acquire();
    if (lease === undefined) return;
    let inFlight = await watch();
    while (inFlight < MAX_IN_FLIGHT && (await sendDue(lease))) inFlight += 1;
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
        deps.onMined?.({ rows, gasUsed: receipt.gasUsed });
        if (!succeeded) log.error({ transaction: transaction.hash }, "transaction reverted");
        return true;
      });
    }
    if (await wasOvertaken(transaction.nonce)) {
      log.error({ transaction: transaction.hash }, "another transaction took this nonce for good");
      await recordLoss(database, transaction.hash);
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

  async function sendDue(held: Lease): Promise<boolean> {
    const limit = maxRows(deps.limits);
    if (!isDue(await queueState(database, limit), deps.limits)) return false;
    const head = await reader.block("latest");
    if (head !== undefined) await expireAccepted(database, head.timestamp);
    const assigned = await assignPayments(database, held, limit);
    if (assigned.length === 0) return false;
    let signed: { hash: string; raw: string } | undefined;
    try {
      const simulation = await simulate(
        { provider, ledger: LEDGER, ledgerAddress: deps.ledgerAddress, from: address, maxGas: deps.limits.maxGas },
        groupIntoBatches(assigned, deps.limits.maxGas).batches.flatMap((batch) => batch.rows),
      );
      await refuse(simulation);
      signed = await sign(held, simulation.good, head?.baseFee ?? 0n);
    } finally {
      // Whatever was not signed, for whichever reason, goes back to the queue.
      await releaseAssigned(database, address);
    }
    if (signed !== undefined) await broadcast(signed.hash, signed.raw);
    return true;
  }

  /** Before a used nonce counts against a payment, the events that may have settled it are in the store. */
  async function refuse(simulation: Simulation<PaymentRecord>): Promise<void> {
    if (simulation.bad.length === 0) return;
    await deps.catchUp();
    await refuseAssigned(
      database,
      simulation.bad.map(({ row, code }) => ({ id: row.id, code })),
    );
    for (const { row, code } of simulation.bad) {
      deps.onRefused?.(code);
      log.info({ payment: row.id, code }, "payment refused by simulation");
    }
  }

  /** Nonce, bytes, hash and rows are stored in one SQL transaction, before any node sees the bytes. */
  async function sign(
    held: Lease,
    rows: readonly PaymentRecord[],
    baseFee: bigint,
  ): Promise<{ hash: string; raw: string } | undefined> {
    if (rows.length === 0) return undefined;
    const settlement = encodeSettlement(LEDGER, groupIntoBatches(rows, deps.limits.maxGas).batches);
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
        to: deps.ledgerAddress,
        data: settlement.data,
        gasLimit: settlement.gasLimit,
        maxFeePerGas: 2n * baseFee + deps.tipWei,
        maxPriorityFeePerGas: deps.tipWei,
      });
      transaction.signature = key.sign(transaction.unsignedHash);
      const { hash, serialized: raw } = transaction;
      if (hash === null) throw new AppError("signing_failed", "The transaction has no hash.");
      await insertTransaction(
        db,
        { hash, raw, lane: address, nonce, rows: settlement.rows.length, batches: settlement.batches },
        settlement.rows.map((row) => row.id),
      );
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
