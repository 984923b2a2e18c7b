/** A further recipient of what is captured; `shareBps` in hundredths of a percent. */
export interface Split {
  readonly recipient: string;
  readonly shareBps: number;
}

/** What the payer of a hold signs in the memo's place. Times in Unix seconds; deadlines are inclusive. */
export interface HoldTerms {
  readonly payee: string;
  readonly splits: readonly Split[];
  /** Until when the payee may capture and either party dispute; then anyone may reclaim for the payer. */
  readonly captureDeadline: bigint;
  readonly refundDeadline: bigint;
  /** Who decides a dispute; the zero address: there are none, and the next two are zero. */
  readonly arbiter: string;
  /** Seconds. */
  readonly rulingPeriod: bigint;
  /** What the payer gets of the rest if the arbiter stays silent. */
  readonly defaultPayerBps: number;
  readonly memo: string;
}

/** A payment to the Escrow: held until it is captured, returned or decided. */
export interface HoldPayment {
  readonly payer: string;
  /** The Escrow. Who is paid in the end stands in the terms. */
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
  readonly terms: HoldTerms;
}

/** Where a hold stands, in the order of the contract's `HoldStatus`. */
export const HOLD_STATUSES = [
  "none",
  "open",
  "disputed",
  "captured",
  "voided",
  "reclaimed",
  "ruled",
  "resolved",
  "agreed",
] as const;

export type HoldStatus = (typeof HOLD_STATUSES)[number];

/** @throws RangeError on a number that this version does not know. */
export function holdStatus(value: bigint | number): HoldStatus {
  const status = HOLD_STATUSES[Number(value)];
  if (status === undefined) throw new RangeError(`Unknown hold status ${value}`);
  return status;
}

/** The limits of the contract. */
export const MAX_HOLD_AMOUNT = 2n ** 104n - 1n;
export const MAX_SPLITS = 8;
export const MAX_RULING_PERIOD = 365n * 86_400n;
export const BPS = 10_000;
