import type { PaymentRecord } from "../../../sdk/record/payment-record.ts";
import { type RecordStep, textField } from "../../../sdk/record/record-steps.ts";
import type { StepTokens } from "./step-fields.ts";

/** The currencies of a payment's amounts, as far as the chain says. */
export function recordTokens({ payment, settlement, isExchanged }: PaymentRecord): StepTokens {
  const paid = settlement?.token ?? payment?.token ?? null;
  if (payment !== null && "quote" in payment.signed) return { paid, settled: payment.signed.terms.settleToken };
  return { paid, settled: isExchanged ? null : paid };
}

/** Those of an event among all of its transaction: what follows it says the currency of its batch. */
export function tokensAmong(steps: readonly RecordStep[], step: RecordStep): StepTokens {
  const later = steps.filter(({ logIndex }) => logIndex > step.logIndex);
  const end = later.find(({ contract, event }) => contract === step.contract && BATCH_ENDS.has(event));
  if (end === undefined) return { paid: null, settled: null };
  const { quote } = end.fields;
  if (typeof quote === "object" && "payToken" in quote) {
    const { payToken, settleToken } = quote;
    if (typeof payToken === "string" && typeof settleToken === "string")
      return { paid: payToken, settled: settleToken };
  }
  const token = textField(end, "token");
  return { paid: token, settled: token };
}

const BATCH_ENDS = new Set(["BatchSettled", "BatchOpened", "BatchCaptured", "QuoteFilled"]);

/** Every memo that a payment can be said to carry: of terms, and of its events. */
export function memosOf({ payment, settlement, steps }: PaymentRecord): readonly string[] {
  const memos = [settlement?.memo, ...steps.map(({ fields }) => fields.memo)];
  if (payment?.signed.kind === "plain") memos.push(payment.signed.memo);
  else if (payment !== null) memos.push(termsMemo(payment.signed.terms));
  return [...new Set(memos.filter((memo) => typeof memo === "string").map((memo) => memo.toLowerCase()))];
}

function termsMemo(terms: { readonly memo: string } | { readonly hold: { readonly memo: string } }): string {
  return "hold" in terms ? terms.hold.memo : terms.memo;
}
