import type { ActView, ExchangeView, HoldView, PaymentRequestView, PaymentView } from "../../sdk/client.ts";
import { type HoldSums, paymentStatus } from "../../sdk/payment-status.ts";
import type { ActRecord } from "../store/acts.ts";
import type { HoldRecord } from "../store/holds.ts";
import type { ShownRequest } from "../store/payment-requests.ts";
import type { FxRefunds } from "../store/fx.ts";
import { type PaymentRecord, settledBy, type StoredTerms } from "../store/payments.ts";

export function viewPayment(payment: PaymentRecord, hold?: HoldRecord, refunds?: FxRefunds): PaymentView {
  return {
    id: payment.id,
    state: payment.state,
    status: paymentStatus(payment.state, payment.terms !== null, sumsOf(hold, refunds)),
    code: payment.code,
    funding: payment.funding,
    payer: payment.payer,
    payee: payment.payee,
    merchant: payment.merchant,
    token: payment.token,
    amount: payment.amount.toString(),
    nonce: payment.nonce.toString(),
    deadline: payment.deadline.toString(),
    memo: payment.memo,
    terms: payment.terms === null ? null : viewTerms(payment.terms),
    hold: hold === undefined ? null : viewHold(payment, hold),
    exchange: viewExchange(payment, refunds),
    requestId: payment.requestId,
    transactionHash: payment.settledHash ?? payment.transactionHash,
    blockNumber: payment.blockNumber?.toString() ?? null,
    settledAt: payment.settledAt?.toString() ?? null,
    acceptedAt: payment.acceptedAt.toISOString(),
  };
}

/** What was refunded counts whichever way it went. */
function sumsOf(hold: HoldRecord | undefined, refunds: FxRefunds | undefined): HoldSums | undefined {
  return hold === undefined ? undefined : { ...hold, refunded: hold.refunded + (refunds?.refunded ?? 0n) };
}

function viewExchange({ fx, fxPaid, fxFee }: PaymentRecord, refunds?: FxRefunds): ExchangeView | null {
  if (fx === null) return null;
  const { payAmount, settleAmount } = fx.quote;
  return {
    quote: fx.quote.id,
    maker: fx.quote.maker,
    rate: { payAmount, settleAmount },
    payee: fx.payee,
    settleToken: fx.quote.settleToken,
    settleAmount: fx.settleAmount,
    cost: fx.cost,
    paid: fxPaid?.toString() ?? null,
    fee: fxFee?.toString() ?? null,
    memo: fx.memo,
    refundRule: fx.refundRule,
    refundDeadline: fx.refundDeadline.toString(),
    refunded: String(refunds?.refunded ?? 0n),
    returned: String(refunds?.returned ?? 0n),
  };
}

function viewHold(payment: PaymentRecord, hold: HoldRecord): HoldView {
  const holds = hold.status === "open" || hold.status === "disputed";
  const { token, amount } = settledBy(payment);
  return {
    id: hold.id,
    token,
    amount: amount.toString(),
    status: hold.status,
    captured: hold.captured.toString(),
    refunded: hold.refunded.toString(),
    held: (holds ? amount - hold.captured : 0n).toString(),
    disputedAt: hold.disputedAt.toString(),
  };
}

/** Terms as a client signs them: whole numbers as decimal strings. */
export function viewTerms(terms: StoredTerms): PaymentRequestView["terms"] & object {
  return {
    ...terms,
    captureDeadline: String(terms.captureDeadline),
    refundDeadline: String(terms.refundDeadline),
    rulingPeriod: String(terms.rulingPeriod),
  };
}

export function viewAct(act: ActRecord): ActView {
  return {
    id: act.id,
    paymentId: act.paymentId,
    verb: act.content.verb,
    state: act.state,
    code: act.code,
    transactionHash: act.transactionHash,
    blockNumber: act.blockNumber?.toString() ?? null,
    acceptedAt: act.acceptedAt.toISOString(),
  };
}

export function viewRequest(
  request: ShownRequest,
  escrow: string | undefined,
  payment?: PaymentRecord,
  hold?: HoldRecord,
): PaymentRequestView {
  const refused = payment === undefined || payment.state === "rejected" || payment.state === "expired";
  return {
    id: request.id,
    status: refused ? "requires_authorization" : paymentStatus(payment.state, payment.terms !== null, hold),
    capture: request.capture,
    merchant: request.merchant,
    payee: request.terms === null ? request.merchant : (escrow ?? request.merchant),
    token: request.token,
    amount: request.amount.toString(),
    memo: request.memo,
    terms: request.terms === null ? null : viewTerms(request.terms),
    expiresAt: request.expiresAt.toString(),
    title: request.title,
    payerCountry: request.payerCountry,
    reusable: request.reusable,
    payments: Number(request.payments),
    profile: { merchant: request.merchant, name: request.merchantName, country: request.merchantCountry },
    paymentId: refused ? null : payment.id,
    createdAt: request.createdAt.toISOString(),
  };
}
