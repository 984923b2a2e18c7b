import { ZeroAddress } from "ethers";

import type { ActView, PaymentView } from "../../../sdk/client.ts";

/** What a merchant may do with a hold now. Amounts in smallest units of what is held, times in Unix seconds, inclusive. */
export type PossibleAct =
  | { readonly verb: "capture"; readonly most: bigint; readonly until: bigint }
  | { readonly verb: "void"; readonly returns: bigint }
  | { readonly verb: "refund"; readonly most: bigint; readonly until: bigint }
  | { readonly verb: "dispute"; readonly until: bigint }
  | { readonly verb: "evidence" };

export type MerchantVerb = PossibleAct["verb"];

/** By the rules of the Escrow; it has the last word. @param now Unix seconds. */
export function possibleActs({ state, hold, terms, exchange }: PaymentView, now: bigint): readonly PossibleAct[] {
  if ((state !== "settled" && state !== "final") || hold === null || terms === null) return [];
  const [captureUntil, refundUntil] = [BigInt(terms.captureDeadline), BigInt(terms.refundDeadline)];
  const [held, captured, refunded] = [BigInt(hold.held), BigInt(hold.captured), BigInt(hold.refunded)];
  const acts: PossibleAct[] = [];
  if (hold.status === "open" && held > 0n) {
    if (now <= captureUntil) acts.push({ verb: "capture", most: held, until: captureUntil });
    acts.push({ verb: "void", returns: held });
    if (terms.arbiter !== ZeroAddress && now <= captureUntil) acts.push({ verb: "dispute", until: captureUntil });
  }
  if (hold.status === "disputed") acts.push({ verb: "evidence" });
  const isRefundedHere = exchange === null || exchange.refundRule === "settlement_currency";
  if (isRefundedHere && captured > refunded && now <= refundUntil) {
    acts.push({ verb: "refund", most: captured - refunded, until: refundUntil });
  }
  return acts;
}

/** Until when an exchanged payment is refunded by its own rule, in the payer's currency; undefined if it is not. */
export function ruledRefundUntil({ hold, exchange }: PaymentView, now: bigint): bigint | undefined {
  if (hold === null || exchange === null) return undefined;
  if (exchange.refundRule !== "payer_bears" && exchange.refundRule !== "payee_bears") return undefined;
  const until = BigInt(exchange.refundDeadline);
  return BigInt(hold.captured) > BigInt(exchange.refunded) && now <= until ? until : undefined;
}

/** An act that is on its way: what is signed meanwhile would be bound to sums that are about to change. */
export function actUnderWay(acts: readonly ActView[]): ActView | undefined {
  return acts.find(({ state }) => state === "accepted" || state === "assigned" || state === "submitted");
}
