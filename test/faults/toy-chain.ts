/** A payment as far as a Ledger looks at it. */
export interface Payable {
  readonly id: string;
  readonly payer: string;
  readonly nonce: bigint;
}

/** A transaction of a lane as far as a chain looks at it: of its bids one is mined, once. */
export interface Minable {
  readonly hash: string;
  /** Ids of the payments that it carries. */
  readonly rows: readonly string[];
  readonly bids: readonly { readonly hash: string; readonly empties: boolean }[];
}

/** Something that may happen in a block. Numbers pick one out of what there is. */
export type Happening =
  | {
      readonly kind: "carry";
      readonly pick: number;
      readonly bid: number;
      readonly reverts: boolean;
      /** Two bits a row: one time in four it is refused. */
      readonly verdicts: number;
    }
  | { readonly kind: "stranger settles"; readonly pick: number }
  | { readonly kind: "stranger rejects"; readonly pick: number; readonly code: string };

export interface SettledEvent {
  readonly id: string;
  readonly hash: string;
  readonly block: bigint;
}

export interface RejectedEvent extends SettledEvent {
  readonly code: string;
}

export interface MinedEvent {
  readonly transaction: string;
  readonly bid: string;
  readonly empties: boolean;
  readonly succeeded: boolean;
  readonly block: bigint;
}

export interface Block {
  readonly number: bigint;
  readonly settled: readonly SettledEvent[];
  readonly rejected: readonly RejectedEvent[];
  readonly mined: readonly MinedEvent[];
}

const REFUSALS = ["expired", "insufficient_balance"];

/** A chain with a Ledger on it that settles an id, and a nonce of an account, at most once. */
export class ToyChain {
  #blocks: Block[] = [];
  #strangers = 0;

  get head(): bigint {
    return BigInt(this.#blocks.length);
  }

  /** How many blocks that are on the chain now say that the payment settled. */
  timesSettled(id: string): number {
    return this.#settled().filter((event) => event.id === id).length;
  }

  isMined(transaction: string): boolean {
    return this.#blocks.some(({ mined }) => mined.some((event) => event.transaction === transaction));
  }

  /** Takes back the blocks above `ancestor`. */
  undo(ancestor: bigint): void {
    this.#blocks = this.#blocks.filter(({ number }) => number <= ancestor);
  }

  /** Adds a block. @param minable What can be mined, if it is not yet. @returns the block. */
  mine(happenings: readonly Happening[], payables: readonly Payable[], minable: readonly Minable[]): Block {
    const number = this.head + 1n;
    const settled: SettledEvent[] = [];
    const rejected: RejectedEvent[] = [];
    const mined: MinedEvent[] = [];
    const block = { number, settled, rejected, mined };
    this.#blocks.push(block);
    const payable = new Map(payables.map((payment) => [payment.id, payment]));
    const canSettle = (id: string): boolean =>
      !this.#settled().some((event) => event.id === id || keyOf(payable.get(event.id)) === keyOf(payable.get(id)));

    for (const happening of happenings) {
      switch (happening.kind) {
        case "carry": {
          const transaction = picked(
            minable.filter(({ hash }) => !this.isMined(hash)),
            happening.pick,
          );
          const bid = picked(transaction?.bids ?? [], happening.bid);
          if (transaction === undefined || bid === undefined) break;
          const { hash, empties } = bid;
          const succeeded = empties || !happening.reverts;
          mined.push({ transaction: transaction.hash, bid: hash, empties, succeeded, block: number });
          if (empties || !succeeded) break;
          transaction.rows.forEach((id, index) => {
            const verdict = (happening.verdicts >> (2 * index)) & 3;
            const refusal = REFUSALS[(happening.pick + index) % REFUSALS.length] ?? "frozen";
            if (!canSettle(id)) rejected.push({ id, hash, block: number, code: "nonce_used" });
            else if (verdict === 3) rejected.push({ id, hash, block: number, code: refusal });
            else settled.push({ id, hash, block: number });
          });
          break;
        }
        case "stranger settles": {
          const payment = picked(payables, happening.pick);
          if (payment !== undefined && canSettle(payment.id)) {
            settled.push({ id: payment.id, hash: this.#stranger(), block: number });
          }
          break;
        }
        case "stranger rejects": {
          const payment = picked(payables, happening.pick);
          if (payment === undefined) break;
          rejected.push({ id: payment.id, hash: this.#stranger(), block: number, code: happening.code });
        }
      }
    }
    return block;
  }

  #settled(): SettledEvent[] {
    return this.#blocks.flatMap(({ settled }) => settled);
  }

  #stranger(): string {
    this.#strangers += 1;
    return `stranger's transaction ${this.#strangers}`;
  }
}

/** One of them, whatever the number; undefined if there is none. */
export function picked<T>(items: readonly T[], number: number): T | undefined {
  return items[number % Math.max(1, items.length)];
}

function keyOf(payment: Payable | undefined): string {
  return `${payment?.payer}:${payment?.nonce}`;
}
