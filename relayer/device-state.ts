/** A device as the Ledger has it at a block. */
export interface DeviceAtBlock {
  /** The zero address if there is none. */
  readonly key: string;
  /** Unix seconds, inclusive. */
  readonly expiry: bigint;
  readonly perPayment: bigint;
  readonly perDay: bigint;
  /** On the day (UTC) of that block. */
  readonly spentToday: bigint;
  readonly window: bigint;
  readonly nextNonce: bigint;
  /** Whether it may pay the payee that was asked about. */
  readonly mayPay: boolean;
}

export interface DeviceQuestion {
  readonly owner: string;
  readonly token: string;
  readonly index: number;
  readonly payee: string;
}

/** Rejects, retriable, if the chain does not answer. */
export type AskDevice = (question: DeviceQuestion, block: bigint) => Promise<DeviceAtBlock>;
