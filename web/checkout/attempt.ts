/**
 * A payment that this tab signed for a request: what a reload needs to go on watching it, and what keeps a second try from being paid
 * beside the first. Nothing of it is secret; the signature is not kept.
 */
export interface Attempt {
  readonly id: string;
  readonly payer: string;
  readonly funding: "account" | "erc3009";
  /** What is paid with: with payer and nonce, what one of two tries from an account excludes the other by. */
  readonly token: string;
  readonly nonce: string;
  /** Unix seconds: afterwards the signature is worth nothing. */
  readonly deadline: string;
  /** `open`: it may be paid, and is watched. `over`: it was refused or given up; whoever has its signature may settle it all the
   * same. `dead`: something else has used its nonce. */
  readonly end: "open" | "over" | "dead";
}

/** What another try has to keep to. */
export type Bound =
  /** Nothing: no other can be paid. */
  | { readonly kind: "free" }
  /** The same token and nonce, so that one of both is paid at most. */
  | { readonly kind: "same_nonce"; readonly token: string; readonly nonce: bigint }
  /** Until then the one before may be paid, and nothing excludes another. Unix seconds. */
  | { readonly kind: "wait"; readonly until: number };

/** By so much the chain's clock may be behind this device's, in seconds. */
const MARGIN = 120;

/** @param now Unix seconds. */
export function boundBy(before: Attempt | undefined, payer: string, now: number): Bound {
  if (before === undefined || before.end === "dead") return { kind: "free" };
  const until = Number(before.deadline) + MARGIN;
  if (until < now) return { kind: "free" };
  // What is pulled out of tokens has no nonce of an account.
  if (before.funding !== "account" || before.payer !== payer) return { kind: "wait", until };
  return { kind: "same_nonce", token: before.token, nonce: BigInt(before.nonce) };
}

/** What is left of an attempt that was refused with `code`. */
export function afterRefusal(attempt: Attempt, code: string): Attempt {
  return { ...attempt, end: code === "nonce_used" || code === "nonce_stale" ? "dead" : "over" };
}

export function readAttempt(requestId: string): Attempt | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(requestId)) ?? "null");
    return isAttempt(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function keepAttempt(requestId: string, attempt: Attempt): void {
  try {
    sessionStorage.setItem(keyOf(requestId), JSON.stringify(attempt));
  } catch {
    // Where the browser keeps nothing, a reload forgets; this page does not.
  }
}

function keyOf(requestId: string): string {
  return `corridor.attempt.${requestId}`;
}

function isAttempt(value: unknown): value is Attempt {
  if (typeof value !== "object" || value === null) return false;
  const attempt = value as Partial<Record<keyof Attempt, unknown>>;
  const isText = (member: unknown): boolean => typeof member === "string";
  const isNumber = (member: unknown): boolean => typeof member === "string" && /^\d{1,20}$/.test(member);
  return (
    [attempt.id, attempt.payer, attempt.token].every(isText) &&
    [attempt.nonce, attempt.deadline].every(isNumber) &&
    ["account", "erc3009"].includes(String(attempt.funding)) &&
    ["open", "over", "dead"].includes(String(attempt.end))
  );
}
