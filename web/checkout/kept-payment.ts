/**
 * The payment that this tab signed for a request: what a reload needs to go on watching it, and what keeps a second try from
 * being paid beside the first. Nothing of it is secret; the signature is not kept.
 */
export interface KeptPayment {
  readonly id: string;
  /** What is paid with: with the nonce, what one of two tries excludes the other by. */
  readonly token: string;
  readonly nonce: string;
  /** Unix seconds: afterwards the signature is worth nothing. */
  readonly deadline: string;
  /** Whether its fate is known and another try may begin. */
  readonly isOver: boolean;
}

export function readKeptPayment(requestId: string): KeptPayment | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(requestId)) ?? "null");
    return isKeptPayment(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function keepPayment(requestId: string, payment: KeptPayment): void {
  sessionStorage.setItem(keyOf(requestId), JSON.stringify(payment));
}

/**
 * What another try must use, so that it and the one before cannot both be paid: the same token and nonce, while the signature before
 * is good. @returns undefined if anything may be used. @param now Unix seconds.
 */
export function boundBy(
  before: KeptPayment | undefined,
  now: number,
): { readonly token: string; readonly nonce: bigint } | undefined {
  if (before === undefined || BigInt(before.deadline) < BigInt(now)) return undefined;
  return { token: before.token, nonce: BigInt(before.nonce) };
}

function keyOf(requestId: string): string {
  return `corridor.payment.${requestId}`;
}

function isKeptPayment(value: unknown): value is KeptPayment {
  if (typeof value !== "object" || value === null) return false;
  const { id, token, nonce, deadline, isOver } = value as Partial<Record<keyof KeptPayment, unknown>>;
  const numbers = [nonce, deadline].every((number) => typeof number === "string" && /^\d{1,20}$/.test(number));
  return numbers && typeof id === "string" && typeof token === "string" && typeof isOver === "boolean";
}
