import { type RecordStep, textField, wholeField } from "./record-steps.ts";
import { memoOf } from "./signed-ids.ts";
import type { SignedPayment } from "./signed-row.ts";
import type { Settlement } from "./settlement.ts";

/** Where the events say something else than what was signed, in words; empty if they agree. */
export function compareWithEvents(
  payment: SignedPayment,
  settlement: Settlement,
  steps: readonly RecordStep[],
): readonly string[] {
  const { signed } = payment;
  const isCeiling = signed.kind === "exchanged" || signed.kind === "exchanged_held";
  const isAmountGood = isCeiling ? settlement.amount <= payment.amount : settlement.amount === payment.amount;
  const wrong = [
    said("payer", settlement.payer, payment.payer),
    said("payee", settlement.payee, payment.payee),
    said("token", settlement.token, payment.token),
    said("nonce", String(settlement.nonce), String(payment.nonce)),
    said("memo", settlement.memo ?? "", memoOf(payment)),
    isAmountGood ? null : `amount: the event says ${settlement.amount}, signed was ${payment.amount}`,
    ...compareTerms(payment, settlement, steps),
  ];
  return wrong.filter((line) => line !== null);
}

function compareTerms(
  { signed }: SignedPayment,
  settlement: Settlement,
  steps: readonly RecordStep[],
): readonly (string | null)[] {
  const event = (name: string): RecordStep | undefined => steps.find((step) => step.event === name);
  const exchanged = event(signed.kind === "exchanged_held" ? "Held" : "Exchanged");
  const paid = (settled: bigint): readonly (string | null)[] => {
    if (exchanged === undefined) return ["the payment was signed to be exchanged, and no event says that it was"];
    return [
      said("paid", String(wholeField(exchanged, "paid")), String(settlement.amount)),
      said("settled", String(wholeField(exchanged, "settled")), String(settled)),
    ];
  };
  switch (signed.kind) {
    case "plain":
      return [];
    case "held":
      return compareHold(event("Opened"), signed.terms);
    case "exchanged": {
      const [payee, memo] =
        exchanged === undefined ? [] : [textField(exchanged, "payee"), textField(exchanged, "memo")];
      const { terms } = signed;
      return [
        ...paid(terms.settleAmount),
        said("payee of the exchange", payee ?? "", terms.payee),
        said("memo of the exchange", memo ?? "", terms.memo),
      ];
    }
    case "exchanged_held":
      return [...paid(signed.terms.settleAmount), ...compareHold(event("Opened"), signed.terms.hold)];
  }
}

const HOLD_FIELDS = [
  "payee",
  "captureDeadline",
  "refundDeadline",
  "arbiter",
  "rulingPeriod",
  "defaultPayerBps",
  "memo",
] as const;

type HoldFields = Readonly<Record<(typeof HOLD_FIELDS)[number], string | bigint | number>>;

function compareHold(opened: RecordStep | undefined, terms: HoldFields): readonly (string | null)[] {
  if (opened === undefined) return ["the payment was signed to be held, and no event says that it is"];
  return HOLD_FIELDS.map((name) => {
    const field = opened.fields[name];
    return said(`${name} of the hold`, typeof field === "object" ? "" : String(field), String(terms[name]));
  });
}

function said(what: string, event: string, signed: string): string | null {
  return event.toLowerCase() === signed.toLowerCase() ? null : `${what}: the event says ${event}, signed was ${signed}`;
}
