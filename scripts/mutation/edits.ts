import type { Range } from "./syntax.ts";

/** What kinds of mistakes are made. */
export const OPERATORS = [
  "arithmetic",
  "comparison",
  "logical",
  "bitwise",
  "shift",
  "negation",
  "condition",
  "statement",
  "constant",
  "member",
  "modifier",
  "unchecked",
  "arguments",
  "return",
] as const;

export type Operator = (typeof OPERATORS)[number];

/** One mistake: `replacement` instead of what stands in the range. */
export interface Edit extends Range {
  readonly operator: Operator;
  readonly replacement: string;
}

/** The source, in bytes, as the compiler counts. */
export function textOf(source: Buffer, { start, end }: Range): string {
  return source.subarray(start, end).toString("utf8");
}

/** The number of `literal` one higher and one lower, as text; none for what is no whole number. */
export function neighboursOf(literal: string): string[] {
  const plain = literal.replaceAll("_", "");
  // Forty digits: an address, which must keep its checksum.
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(plain) || /^0x[0-9a-fA-F]{40}$/.test(plain)) return [];
  const value = BigInt(plain);
  const show = (number: bigint): string => (plain.startsWith("0x") ? `0x${number.toString(16)}` : number.toString());
  return value === 0n ? [show(1n)] : [show(value + 1n), show(value - 1n)];
}
