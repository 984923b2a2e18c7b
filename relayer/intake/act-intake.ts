import { randomUUID } from "node:crypto";

import { type ActContent, effectOf, type GivenConsent } from "../hold-effects.ts";
import { type ActRecord, findActByEffect, insertAct } from "../store/acts.ts";
import type { Database } from "../store/database.ts";
import { readRefunds } from "../store/fx.ts";
import { findHold } from "../store/holds.ts";
import type { PaymentRecord } from "../store/payments.ts";
import { findQuote } from "../store/quotes.ts";
import type { ActRefusal } from "./act-refusal.ts";
import { checkAct, type ConsentDomains } from "./check-act.ts";
import { currentTime } from "./intake.ts";
import type { SignatureChecks } from "./signature-checks.ts";

export type ActResult =
  | { readonly kind: "accepted" | "known"; readonly act: ActRecord }
  | { readonly kind: "refused"; readonly refusal: ActRefusal };

export interface ActIntake {
  /**
   * Checks an act on a payment's hold and stores it. Its effect is the idempotency key: whoever asks for the same effect
   * again gets the first one's record. When this resolves with `accepted`, the act survives a crash.
   */
  accept(payment: PaymentRecord, content: ActContent<GivenConsent>): Promise<ActResult>;
}

export interface ActIntakeDependencies {
  readonly database: Database;
  readonly domains: ConsentDomains;
  readonly signatures: SignatureChecks;
  /** Brings the record of the chain up to date; called when the hold seems not to allow the act. */
  readonly catchUp: () => Promise<void>;
  readonly onAccepted: () => void;
}

export function createActIntake(deps: ActIntakeDependencies): ActIntake {
  const { database, domains } = deps;

  async function check(payment: PaymentRecord, content: ActContent<GivenConsent>): Promise<ActContent | ActRefusal> {
    const hold = await findHold(database, payment);
    if (payment.terms === null || hold === undefined) {
      return { code: "no_hold", field: "id", expected: "a payment to the Escrow that has settled" };
    }
    const subject = {
      ...{ payment, terms: payment.terms, hold },
      fxRefunded: (await readRefunds(database, [payment.id])).get(payment.id)?.refunded ?? 0n,
      offer: content.verb === "fx_refund" ? await findQuote(database, content.quote) : undefined,
    };
    return checkAct(content, subject, domains, await currentTime(database), deps.signatures);
  }

  return {
    async accept(payment, given) {
      const effect = effectOf(given.verb === "fx_refund" ? payment.id : (payment.holdId ?? payment.id), given);
      // What is known is answered before it is checked: an act that took effect no longer passes the checks.
      const known = await findActByEffect(database, effect);
      if (known !== undefined) return { kind: "known", act: known };
      let content = await check(payment, given);
      if ("code" in content) {
        await deps.catchUp();
        content = await check(payment, given);
      }
      if ("code" in content) return { kind: "refused", refusal: content };
      const stored = await insertAct(database, { id: randomUUID(), paymentId: payment.id, content, effect });
      switch (stored.kind) {
        case "stored":
          deps.onAccepted();
          return { kind: "accepted", act: stored.act };
        case "known":
          return { kind: "known", act: stored.act };
        case "busy":
          return {
            kind: "refused",
            refusal: {
              code: "act_pending",
              field: "id",
              expected: `the end of the ${stored.act.content.verb} that is under way`,
              actId: stored.act.id,
            },
          };
      }
    },
  };
}
