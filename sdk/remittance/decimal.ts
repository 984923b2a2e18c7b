/** An exact decimal number: `digits` divided by ten to the power of `places`. */
export interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

/** @param text Digits, and perhaps a point and more digits. */
export function parseDecimal(text: string): Decimal {
  const [whole = "", fraction = ""] = text.split(".");
  return { digits: BigInt(whole + fraction), places: fraction.length };
}

export function sumOf(numbers: readonly Decimal[]): Decimal {
  const places = Math.max(0, ...numbers.map((number) => number.places));
  return { digits: numbers.reduce((sum, number) => sum + scaled(number, places), 0n), places };
}

export function isEqual(one: Decimal, other: Decimal): boolean {
  const places = Math.max(one.places, other.places);
  return scaled(one, places) === scaled(other, places);
}

/** The product to so many places, half up. */
export function productOf(one: Decimal, other: Decimal, places: number): Decimal {
  const product = one.digits * other.digits;
  const excess = one.places + other.places - places;
  if (excess <= 0) return { digits: product * 10n ** BigInt(-excess), places };
  const unit = 10n ** BigInt(excess);
  return { digits: (product + unit / 2n) / unit, places };
}

/** @param places No fewer than the number has. */
function scaled({ digits, places: own }: Decimal, places: number): bigint {
  return digits * 10n ** BigInt(places - own);
}
