import type { HoldStatus } from "../sdk/hold.ts";
import type { StoredQuote } from "./stored-quote.ts";

/** What can be done with a hold, by the words of the contract. */
export const VERBS = [
  "capture",
  "void",
  "refund",
  "reclaim",
  "dispute",
  "evidence",
  "rule",
  "resolve",
  "settle",
  "fx_refund",
] as const;

export type Verb = (typeof VERBS)[number];

/** A signature of any kind over a digest, as the contracts' `SignedDigest`. */
export interface SignedDigest {
  readonly signer: string;
  readonly digest: string;
  readonly signature: string;
}

/** An actor's signature over an act, checked. */
export interface StoredConsent {
  readonly deadline: number;
  readonly r: string;
  readonly vs: string;
  /** A signature that is not sent as compact ECDSA; `r` and `vs` are zero words then. */
  readonly signed?: SignedDigest;
}

/** An actor's signature over an act, as it was handed in. */
export interface GivenConsent {
  readonly deadline: number;
  readonly signature: string;
}

/**
 * What an act says; amounts in smallest units, as decimal strings. `sum` is what was captured (or refunded) before: the
 * signatures are over it.
 */
export type ActContent<C = StoredConsent> =
  | {
      readonly verb: "capture" | "refund";
      readonly amount: string;
      readonly sum: string;
      readonly consent: C;
    }
  | { readonly verb: "void"; readonly consent: C }
  | {
      readonly verb: "dispute" | "evidence";
      readonly actor: string;
      readonly evidence: string;
      readonly consent: C;
    }
  | { readonly verb: "rule"; readonly payerBps: number; readonly consent: C }
  | {
      readonly verb: "settle";
      readonly toPayer: string;
      readonly payerConsent: C;
      readonly payeeConsent: C;
    }
  | { readonly verb: "reclaim" | "resolve" }
  | {
      /** In the pay currency, by the rule that the payer signed. `amount` and `sum` are of what was captured. */
      readonly verb: "fx_refund";
      readonly amount: string;
      readonly sum: string;
      /** The id of the new quote. */
      readonly quote: string;
      /** The quote itself, once it was looked up. */
      readonly offer?: StoredQuote;
      readonly maxCost: string;
      readonly consent: C;
    };

/** The consents of an act, and what of it they belong to. */
export type ConsentField = "consent" | "payerConsent" | "payeeConsent";

/** The act with each of its consents as `map` makes it. */
export function mapConsents<A, B>(content: ActContent<A>, map: (consent: A, field: ConsentField) => B): ActContent<B> {
  switch (content.verb) {
    case "capture":
    case "refund":
      return { ...content, consent: map(content.consent, "consent") };
    case "void":
      return { ...content, consent: map(content.consent, "consent") };
    case "dispute":
    case "evidence":
      return { ...content, consent: map(content.consent, "consent") };
    case "rule":
      return { ...content, consent: map(content.consent, "consent") };
    case "fx_refund":
      return { ...content, consent: map(content.consent, "consent") };
    case "settle":
      return {
        ...content,
        payerConsent: map(content.payerConsent, "payerConsent"),
        payeeConsent: map(content.payeeConsent, "payeeConsent"),
      };
    case "reclaim":
    case "resolve":
      return content;
  }
}

/** The signatures of an act that it cannot carry itself. */
export function signedBeside(content: ActContent): SignedDigest[] {
  const found: SignedDigest[] = [];
  mapConsents(content, (consent) => {
    if (consent.signed !== undefined) found.push(consent.signed);
  });
  return found;
}

/**
 * Names what the chain logs once the act took effect, whoever sent it. One effect, one act: whoever asks for it again is
 * given the first one's record. @param id The hold's; of a refund in the pay currency the payment's.
 */
export function effectOf(id: string, content: ActContent<unknown>): string {
  switch (content.verb) {
    case "capture":
    case "refund":
      return `${id}:${content.verb}:${content.amount}:${BigInt(content.sum) + BigInt(content.amount)}`;
    case "dispute":
    case "evidence":
      return `${id}:${content.verb}:${content.actor}:${content.evidence}`;
    case "rule":
      return `${id}:rule:${content.payerBps}`;
    case "settle":
      return `${id}:settle:${content.toPayer}`;
    case "fx_refund":
      return fxRefundEffect(id, BigInt(content.amount), BigInt(content.sum) + BigInt(content.amount));
    case "void":
    case "reclaim":
    case "resolve":
      return `${id}:${content.verb}`;
  }
}

/** The effect of a refund by the Exchange; `refunded` is the sum with it. */
export function fxRefundEffect(id: string, amount: bigint, refunded: bigint): string {
  return `${id}:fx_refund:${amount}:${refunded}`;
}

/** {@link effectOf} from the Escrow's event; `undefined` if it is of no act. */
export function effectOfEvent(name: string, args: Readonly<Record<string, unknown>>): string | undefined {
  const text = (member: string): string => String(args[member]);
  const id = text("id");
  switch (name) {
    case "Captured":
      return `${id}:capture:${text("amount")}:${text("captured")}`;
    case "Refunded":
      return `${id}:refund:${text("amount")}:${text("refunded")}`;
    case "Voided":
      return `${id}:void`;
    case "Reclaimed":
      return `${id}:reclaim`;
    case "Disputed":
      return `${id}:dispute:${text("by")}:${text("evidence")}`;
    case "EvidenceSubmitted":
      return `${id}:evidence:${text("by")}:${text("evidence")}`;
    case "Ruled":
      return `${id}:rule:${text("payerBps")}`;
    case "Resolved":
      return `${id}:resolve`;
    case "SettledByAgreement":
      return `${id}:settle:${text("toPayer")}`;
    default:
      return undefined;
  }
}

/** The statuses of a hold in which the contract allows the act. */
export const ALLOWED_IN: Readonly<Record<Verb, readonly HoldStatus[]>> = {
  capture: ["open"],
  void: ["open"],
  reclaim: ["open"],
  refund: ["open", "disputed", "captured", "voided", "reclaimed", "ruled", "resolved", "agreed"],
  dispute: ["open"],
  evidence: ["disputed"],
  rule: ["disputed"],
  resolve: ["disputed"],
  settle: ["open", "disputed"],
  fx_refund: ["open", "disputed", "captured", "voided", "reclaimed", "ruled", "resolved", "agreed"],
};
