import type { IsoSettings } from "./iso-parts.ts";
import type { PaymentFacts } from "./payment-message.ts";
import type { EntryExchange, StatementCurrency } from "./statement.ts";

/** What a payment took and what it came to. */
export interface AmountsOf {
  /** {qPay} */
  readonly paid: bigint;
  readonly payCurrency: StatementCurrency;
  /** Less the fee; of a hold, what is held. {qSettle} */
  readonly settled: bigint;
  readonly fee: bigint;
  readonly settleCurrency: StatementCurrency;
  readonly exchange: EntryExchange | null;
  /** The one that the merchant named, wherever it stands. */
  readonly memo: string;
}

export function amountsOf({ payment, entries }: PaymentFacts, { currencyOf }: IsoSettings): AmountsOf {
  const { token, amount, terms } = payment;
  const memo = terms?.memo ?? payment.exchange?.memo ?? payment.memo;
  const payCurrency = currencyOf(token);
  if (payment.exchange === null) {
    const credited = entries.find(({ kind }) => kind === "payment");
    const fee = BigInt(credited?.fee ?? 0);
    const settled = BigInt(amount) - fee;
    return { paid: BigInt(amount), payCurrency, settled, fee, settleCurrency: payCurrency, exchange: null, memo };
  }
  const { quote, paid, cost, settleToken, settleAmount } = payment.exchange;
  const taken = paid ?? cost;
  const fee = BigInt(payment.exchange.fee ?? 0);
  return {
    ...{
      paid: BigInt(taken),
      payCurrency,
      settled: BigInt(settleAmount) - fee,
      fee,
      settleCurrency: currencyOf(settleToken),
    },
    exchange: { quote, payToken: token, paid: taken, settleToken, settled: settleAmount },
    memo,
  };
}
