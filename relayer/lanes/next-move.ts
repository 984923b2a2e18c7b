/** What is to be done about a transaction that takes its time. */
export type Move =
  /** Nothing yet. */
  | "wait"
  /** The same bytes again. */
  | "resend"
  /** The same call under the same nonce, for more. */
  | "raise"
  /** Nothing under the same nonce, for more: what it carries was decided otherwise. */
  | "free"
  /** Its nonce is used: find out which transaction used it. */
  | "find-winner";

export interface SlowView {
  readonly nonce: bigint;
  readonly sinceSentMs: number | null;
  readonly sinceBidMs: number;
  readonly maxFee: bigint;
  readonly hasWork: boolean;
}

export interface Patience {
  readonly resendMs: number;
  readonly stuckMs: number;
}

/**
 * Pure. @param chainNonce The next nonce that a block takes. Only the transaction that holds up the others is raised, and
 * whatever the base fee has outrun.
 */
export function nextMove(view: SlowView, chainNonce: bigint, baseFee: bigint, patience: Patience): Move {
  if (view.nonce < chainNonce) return "find-winner";
  const holdsUp = view.nonce === chainNonce || view.maxFee < baseFee;
  if (holdsUp && view.sinceBidMs > patience.stuckMs) return view.hasWork ? "raise" : "free";
  if (view.sinceSentMs === null || view.sinceSentMs > patience.resendMs) return "resend";
  return "wait";
}
