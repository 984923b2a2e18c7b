import { Interface } from "ethers";

import { REFUND_RULES } from "../../sdk/fx.ts";
import { IExchange__factory } from "../../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import {
  EXCHANGE_GAS,
  EXCHANGED_HOLD_GAS,
  type ExchangedRow,
  gasLimit,
  type Group,
  groupByQuote,
  groupExchangedHolds,
  type HoldToOpen,
  signedRowGas,
} from "../batching/batches.ts";
import { settledBy } from "../store/payments.ts";
import type { StoredQuote } from "../stored-quote.ts";
import { holdRow } from "./opening.ts";
import type { PaymentCall } from "./settlement.ts";
import { innerAnswer, noted, withSignatures } from "./signatures.ts";

export const EXCHANGE = new Interface(IExchange__factory.abi);

/** `Exchange.exchange` of as many rows as the gas allows. */
export function exchangeCall<R extends ExchangedRow>(
  exchange: string,
  maxGas: number,
  hasP256Precompile: boolean,
): PaymentCall<R> {
  const rowGas = signedRowGas<R>(EXCHANGE_GAS, hasP256Precompile);
  return {
    to: exchange,
    encode(rows) {
      const { groups } = groupByQuote(rows, maxGas, rowGas);
      const ordered = groups.flatMap((group) => group.rows);
      return {
        rows: ordered,
        batches: groups.length,
        data: withSignatures(noted(ordered), EXCHANGE.encodeFunctionData("exchange", [groups.map(fxBatch)])),
        gasLimit: gasLimit(groups, EXCHANGE_GAS.batch, rowGas),
      };
    },
    decode: (answer, rows) =>
      (EXCHANGE.decodeFunctionResult("exchange", innerAnswer(noted(rows), answer))[0] as bigint[][]).flat(),
  };
}

function fxBatch({ first, rows }: Group<ExchangedRow>): Record<string, unknown> {
  return {
    ...quoted(first.fx.quote),
    rows: rows.map(({ payer, amount, nonce, deadline, fx, r, vs }) => ({
      ...{ payer, amount, nonce, deadline, r, vs },
      ...{ payee: fx.payee, settleAmount: fx.settleAmount, memo: fx.memo },
    })),
  };
}

/** A quote and its maker's signature, as the contract takes them. */
export function quoted(quote: StoredQuote): Record<string, unknown> {
  const { r, vs } = quote;
  return { quote, r, vs };
}

/** `Exchange.exchangeIntoHolds` of as many rows as the gas allows. */
export function exchangeIntoHoldsCall<R extends ExchangedRow & HoldToOpen>(
  exchange: string,
  maxGas: number,
  hasP256Precompile: boolean,
): PaymentCall<R> {
  const rowGas = signedRowGas<R>(EXCHANGED_HOLD_GAS, hasP256Precompile);
  return {
    to: exchange,
    encode(rows) {
      const { groups } = groupExchangedHolds(rows, maxGas, rowGas);
      const ordered = groups.flatMap((group) => group.rows);
      const data = EXCHANGE.encodeFunctionData("exchangeIntoHolds", [groups.map(fxHoldBatch)]);
      return {
        rows: ordered,
        batches: groups.length,
        data: withSignatures(noted(ordered), data),
        gasLimit: gasLimit(groups, EXCHANGED_HOLD_GAS.batch, rowGas),
      };
    },
    decode: (answer, rows) =>
      (EXCHANGE.decodeFunctionResult("exchangeIntoHolds", innerAnswer(noted(rows), answer))[0] as bigint[][]).flat(),
  };
}

function fxHoldBatch({ first, rows }: Group<ExchangedRow & HoldToOpen>): Record<string, unknown> {
  const { quote, refundRule, refundDeadline } = first.fx;
  const { payee, splits } = first.terms;
  return {
    ...quoted(quote),
    refundRule: REFUND_RULES.indexOf(refundRule ?? "settlement_currency"),
    refundDeadline,
    amounts: rows.map(({ amount }) => amount),
    holds: {
      ...{ payee, splits, token: quote.settleToken },
      rows: rows.map((row) => ({ hold: holdRow({ ...row, ...settledBy(row) }), r: row.r, vs: row.vs })),
    },
  };
}
