import type { JsonRpcApiProvider } from "ethers";
import type { Logger } from "pino";

import type { ChainReader } from "../chain/chain-reader.ts";
import { findNonceWinner } from "../chain/nonce-winner.ts";
import type { LaneSigner } from "../signers/lane-signer.ts";
import { type Database, inTransaction } from "../store/database.ts";
import { holdsLease, type Lease } from "../store/lanes.ts";
import {
  insertBid,
  insertFiller,
  type LiveTransaction,
  recordLoss,
  type SlowTransaction,
  slowTransactions,
} from "../store/transactions.ts";
import { type FeePolicy, type Fees, firstBid, raisedBid } from "./fees.ts";
import { nextMove, type Patience } from "./next-move.ts";
import { emptied, readSigned, type Signed, signTransaction, type Unsigned } from "./sign-transaction.ts";

export interface TenderDependencies {
  readonly database: Database;
  readonly provider: Pick<JsonRpcApiProvider, "getTransactionCount" | "send">;
  readonly reader: ChainReader;
  readonly catchUp: () => Promise<void>;
  readonly chainId: bigint;
  readonly signer: LaneSigner;
  readonly fees: FeePolicy;
  readonly patience: Patience;
  readonly finalityDepth: number;
  readonly log: Logger;
  readonly send: (signed: Signed) => void;
  readonly onLost?: () => void;
}

/** Looks after what a lane has sent until the follower has seen it mined. */
export interface Tender {
  lookAfter(live: readonly LiveTransaction[], lease: Lease): Promise<void>;
}

/**
 * A missing receipt is no answer: bytes are sent again, later for more, and given up only when another transaction has
 * used their nonce up in a block that is final.
 */
export function createTender(deps: TenderDependencies): Tender {
  const { database, provider, reader, log, patience, signer } = deps;
  const { address } = signer;
  /** A gap in the nonces, and since when it has been there. */
  let gap: { readonly nonce: bigint; readonly since: number } | undefined;

  async function lookAfter(live: readonly LiveTransaction[], lease: Lease): Promise<void> {
    const isSlow = ({ sinceSentMs }: LiveTransaction): boolean =>
      sinceSentMs === null || sinceSentMs > patience.resendMs;
    if (live.length === 0) gap = undefined;
    // Those behind a gap are sent again and again, and are not slow for a while then; it stays.
    if (!live.some(isSlow)) return;
    const slow = await slowTransactions(
      database,
      live.map(({ hash }) => hash),
    );
    const head = await reader.block("latest");
    if (head === undefined) return;
    const chainNonce = BigInt(await provider.getTransactionCount(address, "latest"));
    for (const transaction of slow) {
      // One that nothing can be done about now must not hold up the others, nor what the lane sends next.
      await move(transaction, chainNonce, head.baseFee, lease).catch((error: unknown) => {
        log.warn({ err: error, transaction: transaction.hash }, "a slow transaction could not be looked after");
      });
    }
    const lowest = slow[0]?.nonce;
    if (lowest !== undefined && lowest > chainNonce) await fill(chainNonce, head.baseFee, lease);
    else gap = undefined;
  }

  async function move(transaction: SlowTransaction, chainNonce: bigint, baseFee: bigint, lease: Lease): Promise<void> {
    const { hash, raw } = transaction;
    const { unsigned, fees } = readSigned(raw);
    const next = nextMove({ ...transaction, maxFee: fees.maxFee }, chainNonce, baseFee, patience);
    switch (next) {
      case "wait":
        return;
      case "resend":
        deps.send({ hash, raw });
        return;
      case "raise":
        return bid(transaction, unsigned, fees, baseFee, lease);
      case "free":
        return bid(transaction, emptied(deps.chainId, transaction.nonce, address), fees, baseFee, lease);
      case "find-winner":
        return findWinner(transaction, chainNonce);
    }
  }

  async function bid(
    transaction: SlowTransaction,
    unsigned: Unsigned,
    last: Fees,
    baseFee: bigint,
    lease: Lease,
  ): Promise<void> {
    const fees = raisedBid(last, baseFee, deps.fees);
    if (fees === undefined) {
      log.warn({ transaction: transaction.hash }, "transaction is stuck, and may not cost more");
      deps.send(transaction);
      return;
    }
    const { hash, raw } = await signTransaction(signer, unsigned, fees);
    const empties = unsigned.data === "0x";
    const isStored = await inTransaction(
      database,
      async (db) => (await holdsLease(db, lease)) && (await insertBid(db, transaction.hash, { hash, raw, empties })),
    );
    if (!isStored) return;
    log.warn({ transaction: transaction.hash, bid: hash, ...fees, empties }, "transaction is stuck: raised its fees");
    deps.send({ hash: transaction.hash, raw });
  }

  /**
   * The follower asks for receipts of all bids. If there is none once the nonce is final, another transaction may have won;
   * it has to be seen, as a node that does not tell a receipt is no evidence.
   */
  async function findWinner(transaction: SlowTransaction, chainNonce: bigint): Promise<void> {
    await deps.catchUp();
    const head = await reader.block("latest");
    const depth = BigInt(deps.finalityDepth);
    if (head === undefined || head.number < depth) return;
    const winner = await findNonceWinner(provider, address, transaction.nonce, head.number - depth);
    if (winner === undefined || transaction.hashes.includes(winner)) return;
    if (!(await isAbsent(transaction.hashes))) return;
    // Asked for last: a receipt that came meanwhile was recorded by now.
    await deps.catchUp();
    log.error({ transaction: transaction.hash, winner }, "another transaction took this nonce for good");
    await recordLoss(database, transaction.hash, chainNonce);
    deps.onLost?.();
  }

  async function isAbsent(hashes: readonly string[]): Promise<boolean> {
    for (const hash of hashes) if (!(await reader.isAbsent(hash))) return false;
    return true;
  }

  /** Nothing of what was signed has the nonce that the chain waits for: something that does nothing takes it. */
  async function fill(nonce: bigint, baseFee: bigint, lease: Lease): Promise<void> {
    if (gap?.nonce !== nonce) gap = { nonce, since: Date.now() };
    const fees = firstBid(baseFee, deps.fees);
    if (fees === undefined || Date.now() - gap.since < patience.stuckMs) return;
    const { hash, raw } = await signTransaction(signer, emptied(deps.chainId, nonce, address), fees);
    const isStored = await inTransaction(
      database,
      async (db) => (await holdsLease(db, lease)) && (await insertFiller(db, { hash, raw, nonce, lane: address })),
    );
    if (!isStored) return;
    log.error({ lane: address, nonce, transaction: hash }, "the lane's nonces have a gap: filled it");
    deps.send({ hash, raw });
  }

  return { lookAfter };
}
