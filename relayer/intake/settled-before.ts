import { applySettled, followedHead, whileFollowing } from "../store/chain.ts";
import type { Database, Queryable } from "../store/database.ts";
import { saveHolds, type HoldRecord } from "../store/holds.ts";
import { linkPaymentRequests, lockPaymentRequests } from "../store/payment-requests.ts";
import { findPayment, insertPayments, type NewPayment, type PaymentRecord } from "../store/payments.ts";
import { findSettlement } from "../store/settled-before.ts";
import { checkRequest } from "./payment-requests.ts";
import type { RefusalCode } from "./refusal.ts";

/** What a payment is refused by that the chain has settled and that is not known here. */
const AFTERWARDS: readonly RefusalCode[] = ["nonce_used", "nonce_stale", "expired"];

export function maySettledBefore(code: RefusalCode): boolean {
  return AFTERWARDS.includes(code);
}

export interface SettledBeforeDependencies {
  readonly database: Database;
  /** What the Escrow says of holds at a block that was followed. */
  readonly readHolds: (
    ids: readonly string[],
    at: { readonly number: bigint; readonly hash: string },
  ) => Promise<readonly HoldRecord[]>;
}

/**
 * Stores a payment that the chain settled and that is not known here, because somebody else carried it, or because the database is
 * an older one that was restored. Whoever hands it in would else be told that its nonce is used, and might pay once more.
 * @returns undefined if the followed chain did not settle it out of its payer's account.
 */
export async function recordSettledBefore(
  { database, readHolds }: SettledBeforeDependencies,
  payment: NewPayment,
): Promise<PaymentRecord | undefined> {
  // First without the lock: most that is refused so was never settled.
  if ((await findSettlement(database, payment)) === undefined) return undefined;
  return whileFollowing(database, async (db) => {
    const [settlement, head] = [await findSettlement(db, payment), await followedHead(db)];
    if (settlement === undefined || head === undefined) return undefined;
    const requestId = await requestOf(db, payment, settlement.settledAt);
    const stored = await insertPayments(db, [{ ...payment, requestId }]);
    if (stored.length > 0 && requestId !== null) await linkPaymentRequests(db, [{ paymentId: payment.id, requestId }]);
    await applySettled(db, [settlement]);
    if (payment.holdId !== null) await saveHolds(db, await readHolds([payment.holdId], head), head.number);
    return findPayment(db, payment.id);
  });
}

/** The request that it pays, if it was what the request asked for, in time. */
async function requestOf(db: Queryable, payment: NewPayment, settledAt: bigint): Promise<string | null> {
  const { requestId } = payment;
  if (requestId === null) return null;
  const request = (await lockPaymentRequests(db, [requestId])).get(requestId);
  return checkRequest(payment, request, settledAt) === undefined ? requestId : null;
}
