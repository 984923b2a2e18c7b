import type { Ratio } from "./rates/series.ts";

const BPS = 10_000n;

export interface Pair {
  /** Units of the pay currency for one of the settlement currency. */
  readonly rate: Ratio;
  readonly payDecimals: number;
  readonly settleDecimals: number;
}

/** What `settleAmount` is to cost at a pair's rate and a spread above it, in the pay token; rounded up, for the maker. */
export function priceOf({ rate, payDecimals, settleDecimals }: Pair, settleAmount: bigint, spreadBps: number): bigint {
  const numerator = settleAmount * rate.numerator * 10n ** BigInt(payDecimals) * (BPS + BigInt(spreadBps));
  const denominator = rate.denominator * 10n ** BigInt(settleDecimals) * BPS;
  return (numerator + denominator - 1n) / denominator;
}

/** What so many whole euros are in a currency, in smallest units; rounded down. @param perEuro Units for one euro. */
export function worthOf(euros: bigint, perEuro: Ratio, decimals: number): bigint {
  return (euros * perEuro.numerator * 10n ** BigInt(decimals)) / perEuro.denominator;
}
