/**
 * A maker's signed offer: `settleAmount` of one token for `payAmount` of another, or any part of it in proportion. The two
 * amounts are both rate and capacity. Amounts in smallest units, the deadline in Unix seconds (inclusive).
 */
export interface Quote {
  readonly maker: string;
  /** What the maker takes. */
  readonly payToken: string;
  /** What the maker gives. */
  readonly settleToken: string;
  readonly payAmount: bigint;
  readonly settleAmount: bigint;
  /** The maker's in the Exchange, when she signed; see `Exchange.cancelAllQuotes`. */
  readonly generation: bigint;
  readonly deadline: bigint;
  /** 32 bytes in hex. */
  readonly salt: string;
}

/** What a rate is made of. */
export type Rate = Pick<Quote, "payAmount" | "settleAmount">;

/** What a payment of `settleAmount` costs in the pay token, rounded up: the contract's `Rates.costOf`. */
export function costOf(rate: Rate, settleAmount: bigint): bigint {
  return (settleAmount * rate.payAmount + rate.settleAmount - 1n) / rate.settleAmount;
}

/** What `payAmount` buys of the settlement token, rounded down: the contract's `Rates.bought`. */
export function bought(rate: Rate, payAmount: bigint): bigint {
  return (payAmount * rate.settleAmount) / rate.payAmount;
}

/**
 * What a refund of `amount` gives back of what was paid, by the rule `payee_bears`: the contract's `Rates.share`.
 * @param refunded What was refunded before.
 */
export function shareOfPaid(paid: bigint, settled: bigint, refunded: bigint, amount: bigint): bigint {
  return (paid * (refunded + amount)) / settled - (paid * refunded) / settled;
}
