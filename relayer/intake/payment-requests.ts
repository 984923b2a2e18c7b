import { type NewPayment, settledBy } from "../store/payments.ts";
import type { PaymentRequest } from "../store/payment-requests.ts";
import type { Refusal } from "./refusal.ts";

/** Whether a payment is what its payment request asks for. */
export function checkRequest(
  payment: NewPayment,
  request: PaymentRequest | undefined,
  now: bigint,
): Refusal | undefined {
  if (payment.requestId === null) return undefined;
  if (request === undefined) return mismatch("request", "the id of a payment request of this relayer");
  if (!request.reusable && request.paymentId !== null && request.paymentId !== payment.id) {
    return {
      code: "request_paid",
      field: "request",
      expected: "a payment request that no other payment pays",
      paymentId: request.paymentId,
    };
  }
  if (request.expiresAt < now) {
    return { code: "request_expired", field: "request", expected: `a payment until ${request.expiresAt}` };
  }
  const { token, amount } = settledBy(payment);
  const place = payment.fx === null ? "payment" : "payment.terms";
  if (token !== request.token)
    return mismatch(`${place}.${payment.fx === null ? "token" : "settleToken"}`, request.token);
  if (amount !== request.amount) {
    return mismatch(`${place}.${payment.fx === null ? "amount" : "settleAmount"}`, request.amount.toString());
  }
  if (payment.merchant !== request.merchant) return mismatch("payment.payee", request.merchant);
  if (request.terms === null) {
    if (payment.terms !== null) return mismatch("payment.terms", "no terms: this request is captured automatically");
    const memo = payment.fx?.memo ?? payment.memo;
    return memo === request.memo ? undefined : mismatch(`${place}.memo`, request.memo);
  }
  if (payment.terms === null) return mismatch("payment.terms", "the terms of the request");
  return JSON.stringify(inOrder(payment.terms)) === JSON.stringify(inOrder(request.terms))
    ? undefined
    : mismatch("payment.terms", JSON.stringify(request.terms));
}

/** A copy whose members stand in one order. */
function inOrder(value: object): object {
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]: [string, unknown]) => [
        key,
        Array.isArray(member) ? member.map((item: object) => inOrder(item)) : member,
      ]),
  );
}

function mismatch(field: string, expected: string): Refusal {
  return { code: "request_mismatch", field, expected };
}
