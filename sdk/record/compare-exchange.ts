import type { Receipt } from "./receipt.ts";
import { type RecordStep, wholeField } from "./record-steps.ts";
import type { SignedPayment } from "./signed-row.ts";

/** In words; both are empty if all agrees. */
export interface ExchangeComparison {
  readonly wrong: readonly string[];
  /** What the events do not tell and the calldata did not show. */
  readonly unknown: readonly string[];
}

/**
 * The Exchange's own events must say what a receipt says of amounts and fee, and the quote what it says of the rate.
 * @param payment As the calldata has it; null if it is not there in a form that is known.
 */
export function compareExchange(
  exchange: Receipt["exchange"],
  steps: readonly RecordStep[],
  payment: SignedPayment | null,
): ExchangeComparison {
  const only = (text: string): ExchangeComparison => ({ wrong: [text], unknown: [] });
  const step = steps.find(({ event }) => event === "Exchanged" || event === "Held");
  if (step === undefined) {
    return exchange === null ? { wrong: [], unknown: [] } : only("no event says that it was exchanged");
  }
  if (exchange === null) return only("it was exchanged, and the receipt does not say so");
  const quote = payment !== null && "quote" in payment.signed ? payment.signed.quote : null;
  // The fee of a capture is not the exchange's.
  const fee = step.event === "Held" ? "0" : String(wholeField(step, "fee"));
  const { payAmount, settleAmount } = exchange.rate;
  const isOtherRate =
    quote !== null && (String(quote.payAmount) !== payAmount || String(quote.settleAmount) !== settleAmount);
  const wrong = [
    differs("paid", step, exchange.paid),
    differs("settled", step, exchange.settled),
    fee === (exchange.fee ?? "0") ? null : `fee is ${fee}`,
    isOtherRate ? "another rate" : null,
  ];
  return {
    wrong: wrong.filter((line) => line !== null),
    unknown: quote === null ? ["the quote is not in the calldata"] : [],
  };
}

function differs(name: string, step: RecordStep, said: string): string | null {
  const value = String(wholeField(step, name));
  return value === said ? null : `${name} is ${value}`;
}
