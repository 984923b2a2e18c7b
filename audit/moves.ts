import type { ExceptionCode, ExceptionLog, Place } from "./exceptions.ts";

/**
 * What a scheme moved between accounts within a transaction, against what its own events say that it did. Its events do not come in
 * the order of its transfers, so both are summed up by account and compared at the end.
 */
export interface Moves {
  /** By the scheme's events. */
  expect(token: string, owner: string, amount: bigint): void;
  /** Some of these owners gave an amount together; how much each, depends on what she had. */
  expectFrom(token: string, owners: readonly string[], amount: bigint): void;
  /** By the Ledger's. */
  moved(token: string, owner: string, amount: bigint): void;
  close(at: Place): void;
}

export function createMoves(code: ExceptionCode, { note }: ExceptionLog): Moves {
  /** Expected less moved. */
  const open = new Map<string, bigint>();
  const loose = new Map<string, { readonly owners: Set<string>; amount: bigint }>();

  function add(key: string, amount: bigint): void {
    open.set(key, (open.get(key) ?? 0n) + amount);
  }

  return {
    expect(token, owner, amount) {
      add(`${token}:${owner}`, amount);
    },
    expectFrom(token, owners, amount) {
      const found = loose.get(token) ?? { owners: new Set<string>(), amount: 0n };
      for (const owner of owners) found.owners.add(owner);
      found.amount += amount;
      loose.set(token, found);
    },
    moved(token, owner, amount) {
      add(`${token}:${owner}`, -amount);
    },
    close(at) {
      for (const [token, { owners, amount }] of loose) {
        let left = -amount;
        for (const owner of owners) {
          left += open.get(`${token}:${owner}`) ?? 0n;
          open.delete(`${token}:${owner}`);
        }
        if (left !== 0n) note(code, token, at, `recipients together got ${-left} more than the events say`);
      }
      for (const [key, amount] of open) {
        if (amount !== 0n)
          note(code, key.split(":").reverse().join(" "), at, `got ${-amount} more than the events say`);
      }
      open.clear();
      loose.clear();
    },
  };
}
