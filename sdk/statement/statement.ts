import type { MovementKind } from "./movement-kinds.ts";

/** What to state. */
export interface StatementRequest {
  /** Whose account; by a merchant's key or session it is hers, the operator says whose. */
  readonly account?: string;
  readonly token: string;
  /** A day (`2026-10-01`) or Unix seconds. */
  readonly from: string | number;
  /** A day, which is the last one, or Unix seconds, exclusive. */
  readonly to: string | number;
  /** Of the days and of the times that are shown, from UTC: `+08:00`. By default UTC. */
  readonly offset?: string;
}

/**
 * `open`: the period is not over by the chain's time; `closed`: it is, but its last blocks may still be reorganised; `final`: nothing
 * of it changes any more.
 */
export type StatementState = "open" | "closed" | "final";

/** How a token is shown. */
export interface StatementCurrency {
  readonly token: string;
  /** Its symbol. */
  readonly code: string;
  readonly decimals: number;
  /** By ISO 4217; null if it stands for no currency that is known here. */
  readonly iso: string | null;
}

export interface StatementSide {
  readonly entries: number;
  readonly sum: string;
}

/** An account and a period. Amounts in smallest units, as decimal strings; times in Unix seconds. */
export interface StatementHead {
  readonly account: string;
  /** As its owner shows herself; null if she does not. */
  readonly name: string | null;
  readonly chainId: string;
  readonly ledger: string;
  readonly currency: StatementCurrency;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Minutes east of UTC, for the times that are shown. */
  readonly offset: number;
  readonly state: StatementState;
  /** Up to which block the chain is in it. */
  readonly asOf: { readonly blockNumber: string; readonly timestamp: number };
  readonly opening: string;
  /** `opening`, with all that was credited and less all that was debited. */
  readonly closing: string;
  readonly credits: StatementSide;
  readonly debits: StatementSide;
}

/** A rate is `settled` for `paid`. */
export interface EntryExchange {
  readonly quote: string;
  readonly payToken: string;
  readonly paid: string;
  readonly settleToken: string;
  readonly settled: string;
}

/** One change of the account. */
export interface StatementEntry {
  readonly kind: MovementKind;
  /** Below zero: the account was lowered. */
  readonly amount: string;
  /** Of the account, after it. */
  readonly balance: string;
  /** What the operator kept of a payment; the amount is without it. */
  readonly fee: string;
  /** Of the payment, hold, withdrawal or deposit; null: it has no id. */
  readonly reference: string | null;
  /** The payment that it belongs to, also by a hold; null: to none that is known here. */
  readonly paymentId: string | null;
  readonly counterparty: string | null;
  readonly counterpartyName: string | null;
  readonly memo: string | null;
  /** Of the payment request that was paid. */
  readonly title: string | null;
  readonly exchange: EntryExchange | null;
  readonly blockNumber: string;
  readonly logIndex: number;
  /** Which part of what the event moved. */
  readonly part: number;
  /** Null of a balance that was brought forward. */
  readonly transactionHash: string | null;
  readonly at: number;
}

/** A page of a statement. */
export interface Statement extends StatementHead {
  readonly entries: readonly StatementEntry[];
  /** Where the next page begins; null after the last one. */
  readonly next: string | null;
}

/** An entry before the balance after it is known. */
export type UnbalancedEntry = Omit<StatementEntry, "balance">;
