import { randomBytes } from "node:crypto";

/**
 * What a run's random arguments come from: 32 bytes as hexadecimal digits.
 * @param given That of an earlier run, to have the same arguments again; a fresh one without.
 * @throws Error if it is no such number.
 */
export function seedOf(given: string | undefined): string {
  if (given === undefined) return `0x${randomBytes(32).toString("hex")}`;
  if (!/^0x[0-9a-f]{64}$/i.test(given)) throw new Error(`--seed: expected 0x and 64 hexadecimal digits, not ${given}`);
  return given;
}
