import { type RateDay, rateOf } from "./series.ts";

/** What price feeds of currencies in dollars answer in, as Chainlink's do. */
export const FEED_DECIMALS = 8;

/** The price of a currency in dollars on a day, as a feed answers it. Rounded to the nearest. @throws RangeError without one. */
export function usdPrice(day: RateDay, currency: string): bigint {
  const rate = rateOf(day, "USD", currency);
  if (rate === undefined) throw new RangeError(`There is no rate of ${currency} on ${day.date}`);
  const scaled = rate.numerator * 10n ** BigInt(FEED_DECIMALS);
  return (2n * scaled + rate.denominator) / (2n * rate.denominator);
}
