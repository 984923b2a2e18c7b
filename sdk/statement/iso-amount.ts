import { isoPlaces } from "./iso-currency.ts";

/** ActiveOrHistoricCurrencyAndAmount of ISO 20022. */
const MAX_FRACTION = 5;
const MAX_DIGITS = 18;

/** How amounts are written: all of them, or to the currency's minor unit. */
export const ROUNDINGS = ["none", "currency"] as const;
export type Rounding = (typeof ROUNDINGS)[number];

/** An amount has more digits than the format has room for. */
export class AmountTooLong extends Error {
  constructor(
    readonly amount: bigint,
    readonly decimals: number,
  ) {
    super(`${plainDecimal(amount, decimals)} has more than ${MAX_FRACTION} places or ${MAX_DIGITS} digits`);
    this.name = "AmountTooLong";
  }
}

/** Smallest units as a decimal number, all of it, without trailing zeros: 1500000 of 6 decimals is `1.5`. */
export function plainDecimal(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/**
 * The amount in full, as ISO 20022 has room for it: at least the places of its currency, at most 5, and 18 digits together.
 * @param amount Zero or more. {qTok} @returns undefined if it does not fit.
 */
export function isoAmount(amount: bigint, decimals: number, currency: string): string | undefined {
  const [whole = "0", fraction = ""] = plainDecimal(amount, decimals).split(".");
  const places = fraction.padEnd(isoPlaces(currency), "0");
  if (fraction.length > MAX_FRACTION || whole.replace(/^0$/, "").length + places.length > MAX_DIGITS) return undefined;
  return places === "" ? whole : `${whole}.${places}`;
}

/** Amounts that are whole multiples of `unit` and below `limit` can be written. {qTok} */
export function writableBounds(
  decimals: number,
  rounding: Rounding,
): { readonly unit: bigint; readonly limit: bigint } {
  const unit = rounding === "none" && decimals > MAX_FRACTION ? 10n ** BigInt(decimals - MAX_FRACTION) : 1n;
  return { unit, limit: 10n ** BigInt(decimals + MAX_DIGITS - MAX_FRACTION) };
}

/** To the currency's minor unit, half of one up. @param amount Zero or more. {qTok} @returns the same, rounded. {qTok} */
export function roundToCurrency(amount: bigint, decimals: number, currency: string): bigint {
  const dropped = decimals - isoPlaces(currency);
  if (dropped <= 0) return amount;
  const unit = 10n ** BigInt(dropped);
  return ((amount + unit / 2n) / unit) * unit;
}

/** An amount as a message has it. @param amount Zero or more. {qTok} @throws AmountTooLong */
export function writtenAmount(amount: bigint, decimals: number, currency: string, rounding: Rounding): string {
  const shown = rounding === "currency" ? roundToCurrency(amount, decimals, currency) : amount;
  const text = isoAmount(shown, decimals, currency);
  if (text === undefined) throw new AmountTooLong(amount, decimals);
  return text;
}

/**
 * What an entry comes to between two balances that are written rounded: so entries and balances agree to the unit, no entry is off by
 * more than one minor unit, and nothing adds up over a year.
 */
export function roundedBetween(before: bigint, after: bigint, decimals: number, currency: string): bigint {
  return roundToCurrency(after, decimals, currency) - roundToCurrency(before, decimals, currency);
}

/** `settled` for one `paid`, in units of the currencies, as BaseOneRate has room for it: 11 digits, at most 10 places; rounded down. */
export function isoRate(
  paid: { readonly amount: bigint; readonly decimals: number },
  settled: { readonly amount: bigint; readonly decimals: number },
): string | undefined {
  if (paid.amount === 0n) return undefined;
  const scaled = (settled.amount * 10n ** BigInt(paid.decimals + 10)) / (paid.amount * 10n ** BigInt(settled.decimals));
  const whole = (scaled / 10n ** 10n).toString();
  if (scaled === 0n || whole.length > 11) return undefined;
  const places = Math.min(10, 11 - whole.length);
  return plainDecimal(scaled / 10n ** BigInt(10 - places), places);
}
