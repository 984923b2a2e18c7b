import type { HoldStatus } from "../sdk/hold.ts";
import type { AuditException, ExceptionCode } from "./exceptions.ts";
import type { Journal } from "./journal.ts";
import type { NonceWindow } from "./nonce-window.ts";

/** What a payee and an operator agreed to. */
export interface AgreementState {
  readonly feeBps: bigint;
  readonly flatFee: bigint;
}

export interface AccountState extends NonceWindow {
  balance: bigint;
  isFlagged: boolean;
  /** Unix seconds, exclusive; 0: there is no freeze. */
  frozenUntil: bigint;
}

export interface DeviceState extends NonceWindow {
  key: string;
  expiry: bigint;
  generation: bigint;
  isForAnyPayee: boolean;
  perPayment: bigint;
  perDay: bigint;
  day: bigint;
  spent: bigint;
  /** Whom it may pay, by generation and address, forgotten generations among them: the slots stay. */
  readonly payees: Set<string>;
}

export interface SplitState {
  readonly recipient: string;
  readonly shareBps: bigint;
}

export interface HoldState {
  status: HoldStatus;
  disputedAt: bigint;
  captured: bigint;
  refunded: bigint;
  readonly payer: string;
  readonly payee: string;
  readonly captureDeadline: bigint;
  readonly arbiter: string;
  /** Empty until its batch is told. */
  token: string;
  splits: readonly SplitState[];
  amount: bigint;
}

export interface FillState {
  filled: bigint;
  isCancelled: boolean;
}

export interface GuardState {
  readonly payFeed: string;
  readonly settleFeed: string;
  readonly maxAge: bigint;
  readonly maxDeviationBps: bigint;
}

/** The last transaction that an event of something stood in. */
export interface Touched {
  transactionHash: string;
  blockNumber: number;
}

export interface Counters {
  events: number;
  transactions: number;
  payments: number;
  pulledPayments: number;
  rejections: number;
  batches: number;
  holds: number;
  exchanged: number;
  signatures: number;
  walletAnswers: number;
  deposits: number;
  withdrawals: number;
  databaseRows: number;
}

/**
 * All that the events come to, as plain data so that it can be put into a file. Its size grows with accounts, holds and quotes, not
 * with payments. Keys are addresses and ids in small letters, joined by colons in the order of the contract's mappings.
 */
export interface Books {
  /** token:owner */
  readonly accounts: Map<string, AccountState & Touched>;
  /** token:owner:index */
  readonly devices: Map<string, DeviceState & Touched>;
  /** payee:operator:token */
  readonly agreements: Map<string, AgreementState & Touched>;
  /** owner:spender:token */
  readonly allowances: Map<string, { amount: bigint } & Touched>;
  /** owner:spender */
  readonly operators: Map<string, { isApproved: boolean } & Touched>;
  readonly supplies: Map<string, { amount: bigint } & Touched>;
  readonly holds: Map<string, HoldState & Touched>;
  readonly fills: Map<string, FillState & Touched>;
  readonly generations: Map<string, { generation: bigint } & Touched>;
  /** payToken:settleToken; null: taken away. */
  readonly guards: Map<string, { guard: GuardState | null } & Touched>;
  /** By hold. */
  readonly fxRefunds: Map<string, { amount: bigint } & Touched>;
  /** What came into a scheme's account by others than itself, token:scheme. */
  readonly strays: Map<string, bigint>;
  /** By token. */
  readonly journals: Map<string, Journal>;
  /** Fees of the operators, token:operator. */
  readonly fees: Map<string, bigint>;
  /** What each token's own events brought to the Ledger and took from it, up to a block. */
  readonly tokenFlows: Map<string, { got: bigint; gave: bigint; upTo: number }>;
  readonly exceptions: Map<ExceptionCode, { count: number; kept: AuditException[] }>;
  readonly counters: Counters;
  /** The ids of pulled payments, cut short: see `id-set.ts`. */
  pulledIds: string;
}

export function emptyBooks(): Books {
  return {
    ...{ accounts: new Map(), devices: new Map(), agreements: new Map(), allowances: new Map(), operators: new Map() },
    ...{ supplies: new Map(), holds: new Map(), fills: new Map(), generations: new Map(), guards: new Map() },
    ...{ fxRefunds: new Map(), strays: new Map(), journals: new Map(), fees: new Map(), tokenFlows: new Map() },
    exceptions: new Map(),
    counters: {
      ...{
        events: 0,
        transactions: 0,
        payments: 0,
        pulledPayments: 0,
        rejections: 0,
        batches: 0,
        holds: 0,
        exchanged: 0,
      },
      ...{ signatures: 0, walletAnswers: 0, deposits: 0, withdrawals: 0, databaseRows: 0 },
    },
    pulledIds: "",
  };
}
