import { ZeroAddress } from "ethers";

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
import type { HoldRecord } from "../store/holds.ts";
import type { PaymentRecord, StoredTerms } from "../store/payments.ts";
import { readSignature, type SignatureChecks } from "./signature-checks.ts";

/** Why a well-formed act is not accepted. Stable. */
export const ACT_REFUSAL_CODES = [
  "no_hold",
  "wrong_status",
  "too_late",
  "amount_too_high",
  "stale_sum",
  "no_arbiter",
  "not_party",
  "expired",
  "bad_signature",
  "act_pending",
] as const;

export type ActRefusalCode = (typeof ACT_REFUSAL_CODES)[number];

export interface ActRefusal {
  readonly code: ActRefusalCode;
  readonly field: string;
  readonly expected: string;
  /** The act that is under way, where that is the reason. */
  readonly actId?: string;
}

export interface Subject {
  readonly payment: PaymentRecord;
  readonly terms: StoredTerms;
  readonly hold: HoldRecord;
}

/**
 * The contract's own conditions for an act, in its order; a refusal names the field that breaks them.
 * @returns the act as it is sent. Rejects, retriable, if a contract has to be asked and the chain does not answer.
 */
export async function checkAct(
  content: ActContent<GivenConsent>,
  subject: Subject,
  domain: EscrowDomain,
  now: bigint,
  checks: SignatureChecks,
): Promise<ActContent | ActRefusal> {
  return checkState(content, subject, now) ?? checkConsents(content, subject, domain, now, checks);
}

function checkState(
  content: ActContent<unknown>,
  { payment, terms, hold }: Subject,
  now: bigint,
): ActRefusal | undefined {
  const { verb } = content;
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
  const end = lastMoment(content, terms, hold);
  if (end !== undefined && now > BigInt(end))
    return { code: "too_late", field: "id", expected: `the act until ${end}` };
  switch (content.verb) {
    case "capture":
      return checkAmount("captured", content, hold.captured, payment.amount - hold.captured);
    case "refund":
      return checkAmount("refunded", content, hold.refunded, hold.captured - hold.refunded);
    case "settle": {
      const left = payment.amount - hold.captured;
      if (BigInt(content.toPayer) <= left) return undefined;
      return { code: "amount_too_high", field: "toPayer", expected: `at most ${left}, which is left` };
    }
    case "dispute":
    case "evidence":
      if ([payment.payer, terms.payee].includes(content.actor)) return undefined;
      return { code: "not_party", field: "actor", expected: `payer ${payment.payer} or payee ${terms.payee}` };
    case "void":
    case "rule":
    case "reclaim":
    case "resolve":
      return undefined;
  }
}

/** The last second at which the contract takes the act. */
function lastMoment({ verb }: ActContent<unknown>, terms: StoredTerms, hold: HoldRecord): number | undefined {
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
  { payment, terms, hold }: Subject,
  domain: EscrowDomain,
  now: bigint,
  checks: SignatureChecks,
): Promise<ActContent | ActRefusal> {
  const stored = new Map<ConsentField, StoredConsent>();
  for (const { field, actor, consent, types, value } of signedParts(content, payment, terms)) {
    const { deadline } = consent;
    if (now > BigInt(deadline)) return { code: "expired", field: `${field}.deadline`, expected: `${now} or later` };
    const sums = content.verb === "refund" ? { refunded: hold.refunded } : { captured: hold.captured };
    const digest = consentDigest(domain, types, { id: payment.id, ...sums, ...value, deadline });
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
  return mapConsents(content, (_given, field) => {
    const consent = stored.get(field);
    if (consent === undefined) throw new Error(`The ${field} was not checked`);
    return consent;
  });
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
    case "reclaim":
    case "resolve":
      return [];
  }
}
