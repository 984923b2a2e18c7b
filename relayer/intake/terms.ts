import { ZeroAddress } from "ethers";

import { BPS, type HoldTerms, MAX_HOLD_AMOUNT, MAX_RULING_PERIOD } from "../../sdk/hold.ts";
import type { StoredTerms } from "../store/payments.ts";
import type { CheckContext } from "./check-context.ts";
import type { Refusal } from "./refusal.ts";

export function toStoredTerms(terms: HoldTerms): StoredTerms {
  return {
    ...terms,
    captureDeadline: Number(terms.captureDeadline),
    refundDeadline: Number(terms.refundDeadline),
    rulingPeriod: Number(terms.rulingPeriod),
  };
}

export function fromStoredTerms(terms: StoredTerms): HoldTerms {
  return {
    ...terms,
    captureDeadline: BigInt(terms.captureDeadline),
    refundDeadline: BigInt(terms.refundDeadline),
    rulingPeriod: BigInt(terms.rulingPeriod),
  };
}

interface HeldPayment {
  readonly payer: string;
  readonly payee: string;
  readonly amount: bigint;
}

/** The contract's own conditions for opening a hold, each refusal with the field that breaks it. */
export function checkTerms(
  payment: HeldPayment,
  terms: HoldTerms,
  { ledger, escrow, exchange, now }: Pick<CheckContext, "ledger" | "escrow" | "exchange" | "now">,
): Refusal | undefined {
  if (escrow === undefined || payment.payee !== escrow) {
    return {
      code: "invalid_payee",
      field: "payment.payee",
      expected: escrow === undefined ? "a payment without terms: holds are not served here" : `the Escrow, ${escrow}`,
    };
  }
  if (payment.amount > MAX_HOLD_AMOUNT) {
    return { code: "amount_too_high", field: "payment.amount", expected: `at most ${MAX_HOLD_AMOUNT} in a hold` };
  }
  const invalid = findInvalid(
    payment,
    terms,
    [ZeroAddress, ledger, escrow, ...(exchange === undefined ? [] : [exchange])],
    now,
  );
  return invalid === undefined
    ? undefined
    : { code: "invalid_terms", field: `payment.terms.${invalid[0]}`, expected: invalid[1] };
}

function findInvalid(
  { payer }: HeldPayment,
  terms: HoldTerms,
  unpayable: readonly string[],
  now: bigint,
): [string, string] | undefined {
  const { payee, splits, arbiter, captureDeadline, refundDeadline, rulingPeriod, defaultPayerBps } = terms;
  const payable = "an account that can take its money out again";
  if (unpayable.includes(payee)) return ["payee", payable];
  const recipients = splits.map(({ recipient }) => recipient);
  if (recipients.some((recipient) => unpayable.includes(recipient))) return ["splits", payable];
  if (new Set([payee, ...recipients]).size <= recipients.length) return ["splits", "no recipient twice, nor the payee"];
  if (splits.some(({ shareBps }) => shareBps === 0)) return ["splits", "a share above zero each"];
  if (splits.reduce((sum, { shareBps }) => sum + shareBps, 0) > BPS)
    return ["splits", `shares of at most ${BPS} together`];
  if (captureDeadline < now) return ["captureDeadline", `${now} or later`];
  if (refundDeadline < captureDeadline && refundDeadline !== 0n) {
    return ["refundDeadline", `${captureDeadline} (captureDeadline) or later, or 0 for no refunds`];
  }
  if (arbiter === ZeroAddress) {
    if (rulingPeriod !== 0n) return ["rulingPeriod", "0 without an arbiter"];
    return defaultPayerBps === 0 ? undefined : ["defaultPayerBps", "0 without an arbiter"];
  }
  if (arbiter === payer || arbiter === payee) return ["arbiter", "neither payer nor payee"];
  if (rulingPeriod === 0n || rulingPeriod > MAX_RULING_PERIOD)
    return ["rulingPeriod", `from 1 to ${MAX_RULING_PERIOD}`];
  return undefined;
}
