/** What a lane pays for a place in a block (EIP-1559). Amounts in wei a unit of gas. */
export interface Fees {
  readonly maxFee: bigint;
  readonly tip: bigint;
}

export interface FeePolicy {
  readonly tip: bigint;
  /** A lane never offers more than this; while the chain asks for more, its work waits. */
  readonly ceiling: bigint;
}

/** Nodes take a replacement that raises both fees by a tenth; some want an eighth. */
const RAISE_DIVISOR = 8n;

/** Room for the base fee to double, within the ceiling. @returns undefined while a block costs more than the ceiling. */
export function firstBid(baseFee: bigint, { tip, ceiling }: FeePolicy): Fees | undefined {
  if (baseFee + tip > ceiling) return undefined;
  return { maxFee: smaller(2n * baseFee + tip, ceiling), tip };
}

/**
 * The bid that replaces another one: both fees raised by an eighth, rounded up, and at least what a first bid would be now.
 * @returns undefined if the ceiling does not allow it.
 */
export function raisedBid(last: Fees, baseFee: bigint, policy: FeePolicy): Fees | undefined {
  const tip = larger(raised(last.tip), policy.tip);
  const least = larger(raised(last.maxFee), tip);
  if (least > policy.ceiling) return undefined;
  return { maxFee: smaller(larger(least, 2n * baseFee + tip), policy.ceiling), tip };
}

function raised(fee: bigint): bigint {
  return fee + (fee + RAISE_DIVISOR - 1n) / RAISE_DIVISOR + (fee === 0n ? 1n : 0n);
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
