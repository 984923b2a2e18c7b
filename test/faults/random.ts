import { id as hashOf } from "ethers";

/** The same numbers for the same seed (mulberry32, public domain by Tommy Ettinger). */
export interface Random {
  /** From 0 to 1, exclusive. */
  next(): number;
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  /** Numbers of their own for a purpose, so that what happens at the same time elsewhere does not change them. */
  of(purpose: string): Random;
}

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    of: (purpose) => seeded(seed ^ Number.parseInt(hashOf(purpose).slice(2, 10), 16)),
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("Nothing to pick from");
      return item;
    },
  };
}
