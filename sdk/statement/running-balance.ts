import type { StatementEntry, UnbalancedEntry } from "./statement.ts";

/** The entries do not come to the closing balance, or an account went below zero: what was read is not all of one chain. */
export class BalanceMismatch extends Error {
  constructor(
    readonly expected: bigint,
    readonly found: bigint,
  ) {
    super(`The entries come to ${found}, the balance is ${expected}`);
    this.name = "BalanceMismatch";
  }
}

/** Adds entries up, in their order, and says at the end whether they come to the balance that was expected. */
export class RunningBalance {
  #balance: bigint;

  constructor(opening: bigint) {
    this.#balance = opening;
  }

  get balance(): bigint {
    return this.#balance;
  }

  /** @throws BalanceMismatch if the account had not so much. */
  add(entry: UnbalancedEntry): StatementEntry {
    this.#balance += BigInt(entry.amount);
    if (this.#balance < 0n) throw new BalanceMismatch(0n, this.#balance);
    return { ...entry, balance: this.#balance.toString() };
  }

  /** @throws BalanceMismatch */
  close(closing: bigint): void {
    if (this.#balance !== closing) throw new BalanceMismatch(closing, this.#balance);
  }
}
