const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/**
 * How long to wait after each failed attempt, in ms, by the Standard Webhooks specification: ten attempts in three days, the
 * first at once.
 */
export const STANDARD_RETRIES_MS: readonly number[] = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
];

const JITTER = 0.2;

/**
 * How long to wait before the next attempt, in ms; null: there is none any more.
 * @param attempts That failed, at least one. @param random From 0 to 1: spreads out what failed together, by up to a fifth.
 */
export function retryDelay(retries: readonly number[], attempts: number, random: number): number | null {
  const delay = retries[attempts - 1];
  return delay === undefined ? null : Math.round(delay * (1 + JITTER * random));
}
