import type { MovementKind } from "../sdk/statement/movement-kinds.ts";

/** What a movement was exchanged from and into. {qPay}, {qSettle} */
export interface MovementExchange {
  readonly quote: string;
  readonly payToken: string;
  readonly paid: bigint;
  readonly settleToken: string;
  readonly settled: bigint;
}

/**
 * What an event of the Ledger moved from one account to another, or the part of it that concerns one payment. The sum of all
 * credits of an account less that of its debits is its balance. Amounts in smallest units of `token`.
 */
export interface Movement {
  readonly blockNumber: bigint;
  /** Of the event in its block, and which part of what the event moved. */
  readonly logIndex: number;
  readonly part: number;
  readonly transactionHash: string;
  readonly kind: MovementKind;
  readonly token: string;
  /** Whose account was lowered by `debit`; null: no account, the money came from outside or was taken elsewhere. */
  readonly debited: string | null;
  readonly debit: bigint;
  /** Whose account was raised by `credit`; null: none, the money left. */
  readonly credited: string | null;
  readonly credit: bigint;
  /** What the operator kept of what the credited account got; it is not in `credit`. */
  readonly fee: bigint;
  /** The payment, hold, withdrawal or deposit by its id; null: it has none. */
  readonly reference: string | null;
  readonly memo: string | null;
  /** Who stands behind it beside the two accounts: a merchant behind a scheme, a depositor, where a withdrawal went. */
  readonly party: string | null;
  readonly exchange: MovementExchange | null;
}

/** A movement, and the time of its block in Unix seconds. */
export interface TimedMovement extends Movement {
  readonly at: bigint;
}
