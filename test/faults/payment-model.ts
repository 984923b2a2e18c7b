import { MAX_ATTEMPTS } from "../../relayer/store/transactions.ts";
import type { PaymentState } from "../../sdk/payment.ts";
import { type Block, type Payable, ToyChain } from "./toy-chain.ts";

export interface ModelPayment extends Payable {
  readonly deadline: bigint;
  state: PaymentState;
  code: string | null;
  lane: string | null;
  transaction: string | null;
  attempts: number;
  settledHash: string | null;
  block: bigint | null;
}

export interface ModelTransaction {
  readonly hash: string;
  readonly rows: readonly string[];
  readonly bids: { readonly hash: string; readonly empties: boolean }[];
  state: "signed" | "broadcast" | "mined" | "failed" | "freed" | "lost";
  minedHash: string | null;
  block: bigint | null;
}

/** Where a payment goes while the chain only grows (ARCHITECTURE.md, "States of a payment"). */
export const NEXT: Readonly<Record<PaymentState, readonly PaymentState[]>> = {
  accepted: ["assigned", "expired", "settled", "rejected"],
  assigned: ["submitted", "accepted", "rejected", "expired", "settled"],
  submitted: ["settled", "rejected", "expired", "accepted"],
  settled: ["final"],
  final: [],
  rejected: ["settled"],
  expired: ["settled"],
};

/** Where a reorg puts it. */
export const NEXT_BY_REORG: Readonly<Record<PaymentState, readonly PaymentState[]>> = {
  ...{ accepted: [], assigned: [], submitted: [], rejected: [], expired: [] },
  settled: ["submitted", "accepted"],
  final: ["submitted", "accepted"],
};

const LIVE: readonly PaymentState[] = ["accepted", "assigned", "submitted"];
const REFUSED: readonly PaymentState[] = ["rejected", "expired"];

/** What becomes of payments, said as plainly as can be. */
export class PaymentModel {
  readonly payments = new Map<string, ModelPayment>();
  readonly transactions = new Map<string, ModelTransaction>();
  readonly chain = new ToyChain();
  /** What the process that works a lane was handed and has not signed; and what the one before it thinks it has. */
  readonly inHand = new Map<string, Set<string>>();
  readonly inFormerHand = new Map<string, Set<string>>();
  /** As they were seen last in the store. */
  readonly seen = new Map<string, PaymentState>();
  reorgs = 0;
  #names = 0;

  name(of: string): string {
    this.#names += 1;
    return `${of} ${String(this.#names).padStart(3, "0")}`;
  }

  /** In the order in which they were accepted. */
  all(): ModelPayment[] {
    return [...this.payments.values()];
  }

  of(ids: Iterable<string>): ModelPayment[] {
    return [...ids].flatMap((id) => this.payments.get(id) ?? []);
  }

  accepted(): ModelPayment[] {
    return this.all().filter(({ state }) => state === "accepted");
  }

  liveTransactions(): ModelTransaction[] {
    return [...this.transactions.values()].filter(isLive);
  }

  isNonceHeld({ payer, nonce }: Pick<Payable, "payer" | "nonce">): boolean {
    return this.all().some((p) => p.payer === payer && p.nonce === nonce && !REFUSED.includes(p.state));
  }

  insert(payment: Payable & { readonly deadline: bigint }): void {
    const fresh = { code: null, lane: null, transaction: null, attempts: 0, settledHash: null, block: null };
    this.payments.set(payment.id, { ...payment, ...fresh, state: "accepted" });
  }

  assign(lane: string, limit: number): string[] {
    const taken = this.accepted().slice(0, limit);
    for (const payment of taken) Object.assign(payment, { state: "assigned", lane, transaction: null });
    return taken.map(({ id }) => id);
  }

  canSign(lane: string, ids: Iterable<string>): boolean {
    return this.of(ids).every((payment) => payment.state === "assigned" && payment.lane === lane);
  }

  sign(hash: string, ids: Iterable<string>): void {
    const rows = [...ids];
    const bids = [{ hash, empties: false }];
    this.transactions.set(hash, { hash, rows, bids, state: "signed", minedHash: null, block: null });
    for (const payment of this.of(rows)) {
      Object.assign(payment, { state: "submitted", transaction: hash, attempts: payment.attempts + 1 });
    }
  }

  release(lane: string): void {
    for (const payment of this.all()) {
      if (payment.state === "assigned" && payment.lane === lane)
        Object.assign(payment, { state: "accepted", lane: null });
    }
  }

  refuse(ids: Iterable<string>, code: string): void {
    for (const payment of this.of(ids)) {
      if (payment.state === "assigned") Object.assign(payment, { state: refusedBy(code), code, lane: null });
    }
  }

  expire(now: bigint): void {
    for (const payment of this.accepted()) {
      if (payment.deadline < now) Object.assign(payment, { state: "expired", code: "expired" });
    }
  }

  lose(transaction: ModelTransaction): void {
    transaction.state = "lost";
    // What it carries was never tried.
    for (const payment of this.all()) {
      if (payment.transaction === transaction.hash && payment.state === "submitted") payment.attempts -= 1;
    }
    this.#requeue(transaction);
  }

  /** A payment goes back to the transaction that it travels in if that can still be mined, else to the queue. */
  undo(ancestor: bigint): void {
    this.reorgs += 1;
    this.chain.undo(ancestor);
    for (const transaction of this.transactions.values()) {
      if (transaction.block === null || transaction.block <= ancestor) continue;
      Object.assign(transaction, { state: "broadcast", block: null, minedHash: null });
    }
    for (const payment of this.all()) {
      if (!["settled", "final"].includes(payment.state) || (payment.block ?? 0n) <= ancestor) continue;
      const transaction = this.transactions.get(payment.transaction ?? "");
      const travels = transaction !== undefined && isLive(transaction);
      Object.assign(payment, { code: null, settledHash: null, block: null, state: travels ? "submitted" : "accepted" });
      if (!travels) payment.transaction = null;
    }
  }

  /** What blocks say, all together: what settled, then what was refused, then what became of the transactions. */
  record(blocks: readonly Block[], finalUpTo: bigint): void {
    const settled = blocks.flatMap((block) => block.settled);
    for (const payment of this.of(settled.map(({ id }) => id))) {
      if (REFUSED.includes(payment.state)) this.#refuseRivals(payment);
    }
    for (const { id, hash, block } of settled) {
      const payment = this.payments.get(id);
      if (payment !== undefined) Object.assign(payment, { state: "settled", code: null, settledHash: hash, block });
    }
    for (const { id, hash, code } of blocks.flatMap((block) => block.rejected)) {
      const payment = this.payments.get(id);
      const own = this.transactions.get(payment?.transaction ?? "")?.bids.some((bid) => bid.hash === hash) ?? false;
      if (payment?.state === "submitted" && own) Object.assign(payment, { state: refusedBy(code), code });
    }
    for (const { transaction, bid, empties, succeeded, block } of blocks.flatMap(({ mined }) => mined)) {
      const found = this.transactions.get(transaction);
      if (found === undefined) continue;
      Object.assign(found, { state: empties ? "freed" : succeeded ? "mined" : "failed", minedHash: bid, block });
      this.#requeue(found);
    }
    for (const payment of this.all()) {
      if (payment.state === "settled" && (payment.block ?? 0n) <= finalUpTo) payment.state = "final";
    }
  }

  #refuseRivals({ id, payer, nonce }: ModelPayment): void {
    for (const rival of this.all()) {
      if (rival.id === id || rival.payer !== payer || rival.nonce !== nonce || !LIVE.includes(rival.state)) continue;
      Object.assign(rival, { state: "rejected", code: "nonce_used" });
    }
  }

  #requeue({ hash }: ModelTransaction): void {
    for (const payment of this.all()) {
      if (payment.transaction !== hash || payment.state !== "submitted") continue;
      const isSpent = payment.attempts >= MAX_ATTEMPTS;
      Object.assign(payment, { lane: null, transaction: null, state: isSpent ? "rejected" : "accepted" });
      payment.code = isSpent ? "transaction_failed" : null;
    }
  }
}

export function isLive({ state }: Pick<ModelTransaction, "state">): boolean {
  return state === "signed" || state === "broadcast";
}

function refusedBy(code: string): PaymentState {
  return code === "expired" ? "expired" : "rejected";
}
