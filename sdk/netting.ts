/** What a day's payments come to; amounts in smallest units, as decimal strings. */
export interface NettingView {
  /** UTC, YYYY-MM-DD. */
  readonly date: string;
  /** Whether the day is over by the chain's time, as far as it has been followed. */
  readonly complete: boolean;
  readonly tokens: readonly TokenNettingView[];
  readonly corridors: readonly CorridorView[];
  readonly positions: readonly PositionView[];
}

export interface TokenNettingView {
  readonly token: string;
  /** All that went from one account to another. */
  readonly gross: string;
  /** What would have to move if each account settled once, at the end of the day. */
  readonly net: string;
  /** The difference, also in hundredths of a percent of `gross`, rounded down. */
  readonly saved: string;
  readonly savedBps: number;
}

/** Payments in one currency that settled in another. */
export interface CorridorView {
  readonly payToken: string;
  readonly settleToken: string;
  readonly payments: number;
  readonly paid: string;
  readonly settled: string;
  /** Of the operators, in the settlement token. */
  readonly fee: string;
  /** How much of `paid` the opposite corridor gave out again: the lesser of the two. */
  readonly offset: string;
}

/** What an account got of a token less what it gave. */
export interface PositionView {
  readonly account: string;
  readonly token: string;
  readonly received: string;
  readonly sent: string;
  readonly net: string;
}
