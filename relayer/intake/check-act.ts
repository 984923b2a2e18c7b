import { ZeroAddress } from "ethers";

import {
  type ExchangeDomain,
  FX_REFUND_TYPES,
  type FxRefundConsent,
  fxRefundDigest,
} from "../../sdk/exchange-typed-data.ts";
import {
  CAPTURE_TYPES,
  consentDigest,
  DISPUTE_TYPES,
  type EscrowDomain,
  EVIDENCE_TYPES,
  REFUND_TYPES,
  RULING_TYPES,
  SETTLEMENT_TYPES,
  VOID_TYPES,
} from "../../sdk/hold-typed-data.ts";
import type { Types } from "../../sdk/typed-data.ts";
import {
  type ActContent,
  ALLOWED_IN,
  type ConsentField,
  type GivenConsent,
  mapConsents,
  type StoredConsent,
} from "../hold-effects.ts";
import { type PaymentRecord, settledBy, type StoredTerms } from "../store/payments.ts";
import type { ActRefusal, Subject } from "./act-refusal.ts";
import { checkFxRefund, checkRule } from "./check-fx-refund.ts";
import { toStoredQuote } from "./fx.ts";
import { readSignature, type SignatureChecks } from "./signature-checks.ts";

/** Where consents are good. */
export interface ConsentDomains {
  readonly escrow: EscrowDomain;
  /** `undefined` where there is no Exchange. */
  readonly exchange: ExchangeDomain | undefined;
}

/**
 * The contract's own conditions for an act, in its order; a refusal names the field that breaks them.
 * @returns the act as it is sent. Rejects, retriable, if a contract has to be asked and the chain does not answer.
 */
export async function checkAct(
  content: ActContent<GivenConsent>,
  subject: Subject,
  domains: ConsentDomains,
  now: bigint,
  checks: SignatureChecks,
): Promise<ActContent | ActRefusal> {
  return checkState(content, subject, now) ?? checkConsents(content, subject, domains, now, checks);
}

function checkState(content: ActContent<unknown>, subject: Subject, now: bigint): ActRefusal | undefined {
  const { payment, terms, hold } = subject;
  const { verb } = content;
  const elsewhere = checkRule(verb, payment);
  if (elsewhere !== undefined) return elsewhere;
  if (verb === "dispute" && terms.arbiter === ZeroAddress) {
    return { code: "no_arbiter", field: "id", expected: "a hold whose terms name an arbiter" };
  }
  if (!ALLOWED_IN[verb].includes(hold.status)) {
    return {
      code: "wrong_status",
      field: "id",
      expected: `a hold that is ${ALLOWED_IN[verb].join(" or ")}, not ${hold.status}`,
    };
  }
  const end = lastMoment(content, subject);
  if (end !== undefined && now > BigInt(end))
    return { code: "too_late", field: "id", expected: `the act until ${end}` };
  switch (content.verb) {
    case "capture":
      return checkAmount("captured", content, hold.captured, settledBy(payment).amount - hold.captured);
    case "refund":
      return checkAmount("refunded", content, hold.refunded, hold.captured - hold.refunded);
    case "settle": {
      const left = settledBy(payment).amount - hold.captured;
      if (BigInt(content.toPayer) <= left) return undefined;
      return { code: "amount_too_high", field: "toPayer", expected: `at most ${left}, which is left` };
    }
    case "dispute":
    case "evidence":
      if ([payment.payer, terms.payee].includes(content.actor)) return undefined;
      return { code: "not_party", field: "actor", expected: `payer ${payment.payer} or payee ${terms.payee}` };
    case "fx_refund":
      return (
        checkAmount("refunded", content, subject.fxRefunded, hold.captured - subject.fxRefunded) ??
        checkFxRefund(content, subject, now)
      );
    case "void":
    case "rule":
    case "reclaim":
    case "resolve":
      return undefined;
  }
}

/** The last second at which the contract takes the act. */
function lastMoment({ verb }: ActContent<unknown>, { payment, terms, hold }: Subject): number | undefined {
  if (verb === "fx_refund") return payment.fx?.refundDeadline;
  if (verb === "capture" || verb === "dispute") return terms.captureDeadline;
  if (verb === "refund") return terms.refundDeadline;
  if (verb === "rule") return Number(hold.disputedAt) + terms.rulingPeriod;
  return undefined;
}

function checkAmount(
  sumField: string,
  content: { readonly amount: string; readonly sum: string },
  sum: bigint,
  left: bigint,
): ActRefusal | undefined {
  if (BigInt(content.sum) !== sum) {
    return { code: "stale_sum", field: sumField, expected: `${sum}, the sum so far, signed over` };
  }
  if (BigInt(content.amount) > left) {
    return { code: "amount_too_high", field: "amount", expected: `at most ${left}, which is left` };
  }
  return undefined;
}

interface Signed {
  readonly field: ConsentField;
  readonly actor: string;
  readonly consent: GivenConsent;
  readonly types: Types;
  readonly value: Record<string, unknown>;
}

async function checkConsents(
  content: ActContent<GivenConsent>,
  subject: Subject,
  domains: ConsentDomains,
  now: bigint,
  checks: SignatureChecks,
): Promise<ActContent | ActRefusal> {
  const { payment, terms, hold } = subject;
  const stored = new Map<ConsentField, StoredConsent>();
  for (const { field, actor, consent, types, value } of signedParts(content, payment, terms)) {
    const { deadline } = consent;
    if (now > BigInt(deadline)) return { code: "expired", field: `${field}.deadline`, expected: `${now} or later` };
    const sums = sumsOf(content.verb, subject);
    const digest =
      content.verb === "fx_refund"
        ? refundDigest(domains, {
            id: payment.id,
            ...content,
            refunded: subject.fxRefunded,
            deadline: BigInt(deadline),
          })
        : consentDigest(domains.escrow, types, { id: hold.id, ...sums, ...value, deadline });
    const read = await readSignature(checks, actor, digest, consent.signature);
    if (read === undefined) {
      const over = Object.entries(sums).map(([name, sum]) => `${name} ${sum}`);
      return {
        code: "bad_signature",
        field: `${field}.signature`,
        expected: `the signature of ${actor} over this act and ${over.join("")} (digest ${digest})`,
      };
    }
    const { r, vs, signature } = read;
    stored.set(field, {
      ...{ deadline, r, vs },
      ...(signature === null ? {} : { signed: { signer: actor, digest, signature } }),
    });
  }
  const checked = mapConsents(content, (_given, field) => {
    const consent = stored.get(field);
    if (consent === undefined) throw new Error(`The ${field} was not checked`);
    return consent;
  });
  if (checked.verb !== "fx_refund" || subject.offer === undefined) return checked;
  return { ...checked, offer: toStoredQuote(subject.offer) };
}

/** The sum that an act moves, and that its signatures are over. */
function sumsOf(verb: ActContent["verb"], { hold, fxRefunded }: Subject): Record<string, bigint> {
  if (verb === "fx_refund") return { refunded: fxRefunded };
  return verb === "refund" ? { refunded: hold.refunded } : { captured: hold.captured };
}

function refundDigest(
  { exchange }: ConsentDomains,
  consent: Omit<FxRefundConsent, "amount" | "maxCost"> & { readonly amount: string; readonly maxCost: string },
): string {
  if (exchange === undefined) throw new Error("A refund by an Exchange that is not there");
  const { id, refunded, quote, deadline } = consent;
  const [amount, maxCost] = [BigInt(consent.amount), BigInt(consent.maxCost)];
  return fxRefundDigest(exchange, { id, amount, refunded, quote, maxCost, deadline });
}

/** Who has to have signed what. */
function signedParts(content: ActContent<GivenConsent>, payment: PaymentRecord, terms: StoredTerms): Signed[] {
  const field: ConsentField = "consent";
  switch (content.verb) {
    case "capture":
    case "refund": {
      const { consent, amount, verb } = content;
      const types = verb === "capture" ? CAPTURE_TYPES : REFUND_TYPES;
      return [{ field, actor: terms.payee, consent, types, value: { amount } }];
    }
    case "void":
      return [{ field, actor: terms.payee, consent: content.consent, types: VOID_TYPES, value: {} }];
    case "dispute":
    case "evidence": {
      const { actor, consent, evidence, verb } = content;
      return [
        { field, actor, consent, types: verb === "dispute" ? DISPUTE_TYPES : EVIDENCE_TYPES, value: { evidence } },
      ];
    }
    case "rule": {
      const { payerBps, consent } = content;
      return [{ field, actor: terms.arbiter, consent, types: RULING_TYPES, value: { payerBps } }];
    }
    case "settle": {
      const common = { types: SETTLEMENT_TYPES, value: { toPayer: content.toPayer } };
      return [
        { field: "payerConsent", actor: payment.payer, consent: content.payerConsent, ...common },
        { field: "payeeConsent", actor: terms.payee, consent: content.payeeConsent, ...common },
      ];
    }
    case "fx_refund":
      return [{ field, actor: terms.payee, consent: content.consent, types: FX_REFUND_TYPES, value: {} }];
    case "reclaim":
    case "resolve":
      return [];
  }
}
