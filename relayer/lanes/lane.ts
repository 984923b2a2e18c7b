import type { JsonRpcApiProvider } from "ethers";
import type { Logger } from "pino";

import { AppError } from "../app-error.ts";
import type { ChainBlock, ChainReader } from "../chain/chain-reader.ts";
import type { LaneSigner } from "../signers/lane-signer.ts";
import { type Database, inTransaction } from "../store/database.ts";
import { acquireLease, giveUpLease, type Lease, releaseUnsigned, renewLease, takeNonce } from "../store/lanes.ts";
import { EMPTY_QUEUE, readQueues } from "../store/queues.ts";
import { insertTransaction, liveTransactions, markBroadcast } from "../store/transactions.ts";
import { ATTRIBUTES, traced, tracedIfBusy } from "../tracing.ts";
import { type FeePolicy, type Fees, firstBid } from "./fees.ts";
import type { Patience } from "./next-move.ts";
import { type Signed, signTransaction } from "./sign-transaction.ts";
import { createTender } from "./tender.ts";
import type { Call, Work } from "./work.ts";

export interface LaneDependencies {
  readonly database: Database;
  readonly provider: Pick<JsonRpcApiProvider, "send" | "getTransactionCount" | "getBalance">;
  readonly reader: ChainReader;
  /** Brings the record of the chain up to date. */
  readonly catchUp: () => Promise<void>;
  readonly chainId: bigint;
  readonly signer: LaneSigner;
  /** What the lane sends, in this order, given the address that it sends from. */
  readonly works: (from: string) => readonly Work[];
  /** The most rows of a transaction. */
  readonly maxRows: number;
  /** Names this instance in the lease. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly fees: FeePolicy;
  readonly patience: Patience;
  readonly finalityDepth: number;
  /** {wei} */
  readonly lowBalance: bigint;
  readonly log: Logger;
  /** Called after bytes were handed to a node. */
  readonly onSent?: () => void;
  /** Called when another transaction took the nonce of one of the lane's for good. */
  readonly onLost?: () => void;
}

/** Why nothing is sent, although something is due. */
export const HOLD_UPS = ["gas_price", "balance"] as const;
type HoldUp = (typeof HOLD_UPS)[number];

/** What an operator may want to know of a lane. */
export interface LaneHealth {
  readonly address: string;
  readonly isLeased: boolean;
  /** Transactions that are not mined yet. */
  readonly inFlight: number;
  /** {wei}; undefined before it was read. */
  readonly balance: bigint | undefined;
  readonly holdUp: HoldUp | null;
}

/** One signing key with its own sequence of nonces. */
export interface Lane {
  readonly address: string;
  /** Looks after what was sent and sends what is due. */
  round(): Promise<void>;
  renew(): Promise<void>;
  release(): Promise<void>;
  /** Reads what the lane has for gas, reports it once it is little, and whether what held it up has passed. */
  checkBalance(): Promise<void>;
  health(): LaneHealth;
}

/** Transactions of one lane that may wait to be mined at a time. */
const MAX_IN_FLIGHT = 4;
const BALANCE_MS = 5_000;

export function createLane(deps: LaneDependencies): Lane {
  const { database, provider, reader, log, signer } = deps;
  const { address } = signer;
  const works = deps.works(address);
  const queues = works.map(({ queue }) => queue);
  const tender = createTender({ ...deps, send });
  let lease: Lease | undefined;
  let inFlight = 0;
  let holdUp: HoldUp | null = null;
  /** What the last transaction could cost. {wei} */
  let needed = 0n;
  let balance: { readonly wei: bigint; readonly at: number } | undefined;
  /** Bytes go out one after another, in the order of their nonces, while the next call is prepared. */
  let sending: Promise<void> = Promise.resolve();
  const waitingToBeSent = new Set<string>();

  async function round(): Promise<void> {
    lease ??= await acquire();
    if (lease === undefined) return;
    const live = await liveTransactions(database, address);
    inFlight = live.length;
    await tender.lookAfter(live, lease);
    // In turn, so that a long queue of one kind does not hold up the others.
    while (inFlight < MAX_IN_FLIGHT && (await sendEachDue(lease)));
  }

  async function acquire(): Promise<Lease | undefined> {
    const chainNonce = BigInt(await provider.getTransactionCount(address, "latest"));
    const acquired = await acquireLease(database, address, deps.holder, deps.leaseMs, chainNonce);
    if (acquired !== undefined) log.info({ lane: address, fence: acquired.fence }, "lane acquired");
    return acquired;
  }

  /** @returns whether anything was sent or refused, so that there may be more. */
  async function sendEachDue(held: Lease): Promise<boolean> {
    const states = await readQueues(database, queues, deps.maxRows);
    let any = false;
    const isDue = (work: Work): boolean => work.isDue(states.get(work.queue.name) ?? EMPTY_QUEUE);
    for (const work of works) {
      if (inFlight >= MAX_IN_FLIGHT) break;
      if (isDue(work) && (await tracedSend(work, held))) any = true;
    }
    return any;
  }

  const tracedSend = (work: Work, held: Lease): Promise<boolean> =>
    tracedIfBusy("lane.send", { [ATTRIBUTES.lane]: address }, sendDue, work, held);

  /** @returns whether anything was due and could go on. */
  async function sendDue(work: Work, held: Lease): Promise<boolean> {
    let head: Promise<ChainBlock | undefined> | undefined;
    const readHead = () => (head ??= reader.block("latest"));
    const fees = firstBid((await readHead())?.baseFee ?? 0n, deps.fees);
    if (fees === undefined) return isHeldUp("gas_price");
    let idle = false;
    let signed: Signed | undefined;
    try {
      const call = await work.prepare(held, readHead);
      idle = call === "idle";
      if (call === "idle") return false;
      if (call !== "refused") {
        if (!(await canPay(BigInt(call.gasLimit) * fees.maxFee))) return isHeldUp("balance");
        signed = await sign(held, call, fees);
      }
    } finally {
      // Whatever was not signed, for whichever reason, goes back to the queue.
      if (!idle) await releaseUnsigned(database, address);
    }
    holdUp = null;
    if (signed !== undefined) {
      inFlight += 1;
      send(signed);
    }
    return true;
  }

  function isHeldUp(by: HoldUp): false {
    if (holdUp !== by) log.warn({ lane: address, by, balance: balance?.wei }, "lane is held up");
    holdUp = by;
    return false;
  }

  /** A node takes no transaction whose gas its sender cannot pay in the worst case. */
  async function canPay(wei: bigint): Promise<boolean> {
    needed = wei;
    const isFresh = balance !== undefined && Date.now() - balance.at < BALANCE_MS;
    if (isFresh && balance !== undefined && balance.wei >= wei) return true;
    return (await readBalance()) >= wei;
  }

  async function readBalance(): Promise<bigint> {
    const wei = await provider.getBalance(address);
    const wasLow = balance !== undefined && balance.wei < deps.lowBalance;
    balance = { wei, at: Date.now() };
    if (wei < deps.lowBalance && !wasLow) log.warn({ lane: address, balance: wei }, "lane is low on gas money");
    return wei;
  }

  /** Nonce, bytes, hash and rows are stored in one SQL transaction, before any node sees the bytes. */
  async function sign(held: Lease, call: Call, fees: Fees): Promise<Signed> {
    return inTransaction(database, async (db) => {
      const nonce = await takeNonce(db, held);
      if (nonce === undefined) {
        lease = undefined;
        throw new AppError("lease_lost", `The lease of lane ${address} was lost.`, { retriable: true });
      }
      const { chainId } = deps;
      const unsigned = { chainId, nonce, to: call.to, data: call.data, gasLimit: BigInt(call.gasLimit) };
      const { hash, raw } = await signTransaction(signer, unsigned, fees);
      await insertTransaction(db, { hash, raw, lane: address, nonce, rows: call.rows, batches: call.batches });
      await call.attach(db, hash);
      return { hash, raw };
    });
  }

  /**
   * What the node answers is no evidence of what became of the transaction: only the chain is.
   * @param hash By which the transaction is known, whichever of its bids the bytes are.
   */
  function send({ hash, raw }: Signed): void {
    if (waitingToBeSent.has(raw)) return;
    waitingToBeSent.add(raw);
    sending = sending.then(async () => {
      try {
        const broadcast = () => provider.send("eth_sendRawTransaction", [raw]);
        await traced("lane.broadcast", { [ATTRIBUTES.transaction]: hash }, broadcast).catch((error: unknown) => {
          log.debug({ err: error, transaction: hash }, "the node did not take the transaction");
        });
        await markBroadcast(database, hash);
        deps.onSent?.();
      } catch (error) {
        // It is sent again after a while.
        log.warn({ err: error, transaction: hash }, "the transaction could not be marked as sent");
      } finally {
        waitingToBeSent.delete(raw);
      }
    });
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
      await sending;
      if (lease !== undefined) await giveUpLease(database, lease);
      lease = undefined;
    },
    async checkBalance() {
      const wei = await readBalance();
      // What held it up may have passed while nothing was due.
      if (holdUp === "balance" && wei >= needed) holdUp = null;
      if (holdUp === "gas_price" && firstBid((await reader.block("latest"))?.baseFee ?? 0n, deps.fees)) holdUp = null;
    },
    health: () => ({ address, isLeased: lease !== undefined, inFlight, balance: balance?.wei, holdUp }),
  };
}
