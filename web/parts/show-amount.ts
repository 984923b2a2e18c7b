import type { CurrencyView } from "../../sdk/client.ts";
import { shortAddress } from "./short-address.ts";

/** Of a currency with more decimals than people use, zeros behind these are left out. */
const SHOWN_DECIMALS = 2;

/**
 * An amount in smallest units as people write it in a language, to the last unit: "1,234.50 EUR". Of a token that is not known,
 * the whole number and its address.
 */
export function showAmount(
  value: bigint,
  currency: CurrencyView | undefined,
  language: string,
  token: string = currency?.token ?? "",
): string {
  if (currency === undefined) return `${value} ${shortAddress(token)}`;
  const scale = 10n ** BigInt(currency.decimals);
  const magnitude = value < 0n ? -value : value;
  const parts = new Intl.NumberFormat(language).formatToParts(-1.5);
  const [minus, point] = ["minusSign", "decimal"].map((type) => parts.find((part) => part.type === type)?.value ?? "");
  const whole = new Intl.NumberFormat(language).format(magnitude / scale);
  const digits = (magnitude % scale).toString().padStart(currency.decimals, "0").slice(0, currency.decimals);
  const shown = digits.replace(/0+$/, "").padEnd(Math.min(SHOWN_DECIMALS, currency.decimals), "0");
  // A space that does not break keeps amount and code together.
  return `${value < 0n ? minus : ""}${whole}${shown === "" ? "" : `${point}${shown}`}\u00a0${currency.code}`;
}

/**
 * What somebody typed as an amount, in smallest units. @returns undefined unless it is a positive number with a point or a comma and
 * no more decimals than the currency has; grouping is not taken, as a comma means different things to different people.
 */
export function readAmount(text: string, decimals: number): bigint | undefined {
  const match = /^(\d{1,20})(?:[.,](\d*))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > decimals) return undefined;
  const value = BigInt(whole + fraction.padEnd(decimals, "0"));
  return value > 0n ? value : undefined;
}
