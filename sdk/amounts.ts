import { formatUnits, parseUnits } from "ethers";

/**
 * "12.34" to smallest units.
 * @throws if the text is no decimal number or has more places than the token.
 */
export function parseAmount(text: string, decimals: number): bigint {
  return parseUnits(text, decimals);
}

/** Smallest units to "12.34": at least two places where the token has them, no trailing zeros beyond. */
export function formatAmount(amount: bigint, decimals: number): string {
  const [whole = "0", fraction = ""] = formatUnits(amount, decimals).split(".");
  const places = fraction.replace(/0+$/, "").padEnd(Math.min(2, decimals), "0");
  return places === "" ? whole : `${whole}.${places}`;
}
