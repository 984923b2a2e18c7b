import type { SignatureAnswer } from "../sdk/signature-check.ts";
import type { FieldValue } from "../sdk/record/record-steps.ts";
import { checkSignature } from "../native/check-signature.ts";
import type { Counters } from "./books.ts";
import { type ChainEvent, text } from "./chain-events.ts";
import type { ExceptionLog } from "./exceptions.ts";
import type { Moment } from "./ledger-accounts.ts";
import type { SettledPayment } from "./ledger-book.ts";
import type { SentPayment } from "./signed-payments.ts";
import type { AuditedTransaction } from "./transactions.ts";

/** What a contract account, or the hash of a token's authorization, has to be asked for. */
export interface OpenQuestion {
  readonly signer: string;
  readonly sent: SentPayment;
  readonly signature: string;
  readonly isPulled: boolean;
  readonly at: Moment;
}

/** Checks settled payments against what was sent to be settled. */
export interface PaymentChecks {
  check(payment: SettledPayment, transaction: AuditedTransaction, at: Moment): void;
  /** What the schemes' own events say, against the terms that were signed. */
  checkTerms(event: ChainEvent, transaction: AuditedTransaction, at: Moment): void;
  /** What mathematics cannot say, to be asked. */
  takeQuestions(): readonly OpenQuestion[];
}

export function createPaymentChecks(counters: Counters, { note }: ExceptionLog): PaymentChecks {
  let questions: OpenQuestion[] = [];

  /** Whether one of the signatures that travel for the payment is its signer's. */
  function answer(
    payment: SettledPayment,
    sent: readonly SentPayment[],
    transaction: AuditedTransaction,
    at: Moment,
  ): void {
    const noted = transaction.noted.get(payment.id) ?? [];
    const signatures = new Set(sent.flatMap(({ signature }) => (signature === null ? noted : [signature])));
    const [first] = sent;
    if (first === undefined || signatures.size === 0) {
      note("signature_not_found", payment.id, at, "no signature travels with it");
      return;
    }
    let best: SignatureAnswer = "invalid";
    const asked: OpenQuestion[] = [];
    for (const signature of signatures) {
      const { signer, isPulled } = payment;
      // Of a pulled payment the token's authorization is signed, whose hash is the token's to tell.
      best = isPulled ? "ask_contract" : checkSignature(signer, payment.id, signature);
      if (best === "valid") break;
      if (best === "ask_contract") asked.push({ signer, sent: first, signature, isPulled, at });
    }
    if (best === "valid") counters.signatures += 1;
    else if (asked.length > 0) questions.push(...asked.slice(0, 4));
    else note("signature_invalid", payment.id, at, `it is not ${payment.signer}'s`);
  }

  return {
    check(payment, transaction, at) {
      const sent = transaction.sent.get(payment.id);
      if (sent === undefined) {
        const why = transaction.isKnown
          ? "the call has no such payment"
          : "it was called by a contract that is not known";
        note("signature_not_found", payment.id, at, why);
        return;
      }
      const [signed] = sent;
      if (signed !== undefined) {
        for (const wrong of differences(payment, signed)) note("event_not_as_signed", payment.id, at, wrong);
        if (at.timestamp > signed.deadline) note("settled_late", payment.id, at, `its deadline was ${signed.deadline}`);
      }
      answer(payment, sent, transaction, at);
    },
    checkTerms(event, transaction, at) {
      if (event.name !== "Opened" && event.name !== "Exchanged" && event.name !== "Held") return;
      const id = text(event, "id");
      const signed = transaction.sent.get(id)?.[0]?.signed?.signed;
      if (signed === undefined) return;
      const wrong = termsOf(event, signed).filter(([name, value]) => same(event.fields[name]) !== same(value));
      for (const [name, value] of wrong) {
        note(
          "event_not_as_signed",
          id,
          at,
          `${name}: the event says ${same(event.fields[name])}, signed was ${same(value)}`,
        );
      }
    },
    takeQuestions() {
      const found = questions;
      questions = [];
      return found;
    },
  };
}

type Terms = NonNullable<SentPayment["signed"]>["signed"];

/** The members of an event that the payer signed. */
function termsOf(event: ChainEvent, signed: Terms): readonly (readonly [string, string | bigint | number])[] {
  if (signed.kind === "plain") return [];
  if (event.name === "Opened") {
    if (signed.kind !== "held") return [];
    const { payee, captureDeadline, refundDeadline, arbiter, rulingPeriod, defaultPayerBps, memo } = signed.terms;
    return Object.entries({ payee, captureDeadline, refundDeadline, arbiter, rulingPeriod, defaultPayerBps, memo });
  }
  if (signed.kind === "exchanged" && event.name === "Exchanged") {
    return Object.entries({ payee: signed.terms.payee, settled: signed.terms.settleAmount, memo: signed.terms.memo });
  }
  if (signed.kind !== "exchanged_held" || event.name !== "Held") return [];
  return Object.entries({ settled: signed.terms.settleAmount, refundDeadline: signed.terms.refundDeadline });
}

function same(value: FieldValue | string | bigint | number | undefined): string {
  return typeof value === "object" ? "" : String(value).toLowerCase();
}

function differences(payment: SettledPayment, sent: SentPayment): readonly string[] {
  const kind = sent.signed?.signed.kind;
  const isCeiling =
    sent.signed === null ? payment.operator === payment.payee : kind === "exchanged" || kind === "exchanged_held";
  const isAmountGood = isCeiling ? payment.amount <= sent.amount : payment.amount === sent.amount;
  const pairs = [
    ["payer", payment.payer, sent.payer],
    ["payee", payment.payee, sent.payee],
    ["token", payment.token, sent.token],
    ["nonce", String(payment.nonce), String(sent.nonce)],
    ["memo", payment.memo, sent.memo],
  ] as const;
  const wrong = pairs.filter(([, event, signed]) => event !== signed);
  return [
    ...wrong.map(([name, event, signed]) => `${name}: the event says ${event}, signed was ${signed}`),
    ...(isAmountGood ? [] : [`amount: the event says ${payment.amount}, signed was ${sent.amount}`]),
  ];
}
