import { decodeExchangeError } from "../../sdk/contract-errors.ts";
import { REFUND_RULES } from "../../sdk/fx.ts";
import { rowCode } from "../../sdk/row-codes.ts";
import { signatureGas } from "../batching/signature-gas.ts";
import type { ActToSend } from "../store/acts.ts";
import { type ActCalls, signaturesOf } from "./act-calls.ts";
import { EXCHANGE, quoted } from "./exchanging.ts";
import { holdRow } from "./opening.ts";

/** Gas above the worst case: two price feeds, two transfers to new accounts, a slot of its own. */
const REFUND_GAS = 350_000;

/** Refunds in the pay currency, which the Exchange takes one at a time. */
export function fxRefundCalls(exchange: string, hasP256Precompile: boolean): ActCalls {
  return {
    to: exchange,
    verbs: ["fx_refund"],
    rows: () => undefined,
    single: refundData,
    gas: (acts) =>
      acts.length * REFUND_GAS +
      signaturesOf(acts).reduce((sum, signed) => sum + signatureGas(signed, hasP256Precompile), 0),
    codeOf,
    tryEach: (calls) => EXCHANGE.encodeFunctionData("tryEach", [calls]),
  };
}

function refundData(act: ActToSend): string {
  const { content, fx, terms } = act;
  if (content.verb !== "fx_refund" || content.offer === undefined || fx === null) {
    throw new Error(`${content.verb} is no refund by the Exchange`);
  }
  const ref = {
    quote: fx.quote,
    refundRule: REFUND_RULES.indexOf(fx.refundRule ?? "settlement_currency"),
    refundDeadline: fx.refundDeadline,
    amount: act.ceiling,
    hold: { payee: terms.payee, token: act.token, splits: terms.splits, hold: holdRow(act) },
  };
  const { amount, maxCost, consent, offer } = content;
  return EXCHANGE.encodeFunctionData("refund", [{ ref, amount, maxCost, consent, ...quoted(offer) }]);
}

const CODES: Readonly<Record<string, string>> = {
  ExchangeRefundElsewhere: "refund_elsewhere",
  ExchangeTooLate: "too_late",
  ExchangeRefundTooHigh: "amount_too_high",
  ExchangeQuoteMismatch: "invalid_terms",
  ExchangeCostTooHigh: "cost_too_high",
  ExchangeConsentExpired: "expired",
  ExchangeBadConsent: "bad_signature",
  ExchangeNotActor: "bad_signature",
  LedgerAccountFrozen: "frozen",
  LedgerInsufficientBalance: "insufficient_balance",
  LedgerInsufficientAllowance: "insufficient_allowance",
};

function codeOf(data: string | null): string {
  const error = data === null ? undefined : decodeExchangeError(data);
  if (error === undefined) return "simulation_reverted";
  // The quote's own code: expired, exhausted, its maker short, outside the guard.
  if (error.name === "ExchangeRefused") return rowCode(error.args.code as bigint);
  return CODES[error.name] ?? "simulation_reverted";
}
