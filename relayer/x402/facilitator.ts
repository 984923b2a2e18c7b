import type { Logger } from "pino";

import type { RowCode } from "../../sdk/row-codes.ts";
import { currentTime } from "../intake/intake.ts";
import { readSignature, type SignatureChecks, unwrapDeployed } from "../intake/signature-checks.ts";
import type { Database } from "../store/database.ts";
import {
  bindIdentifier,
  findX402,
  insertX402,
  isIdentifierFree,
  isNonceFree,
  type NewX402,
  noteVerified,
  type X402Record,
} from "../store/x402.ts";
import { type X402Row, type X402Terms, x402Id } from "../x402-payment.ts";
import { type SettleAnswer, settleAnswer, type SupportedAnswer, type VerifyAnswer } from "./answers.ts";
import { checkTimes, type MatchedX402, matchX402, refusal } from "./check.ts";
import { createDecisions } from "./decisions.ts";
import { digestOf } from "./payload.ts";
import { failureOf, type X402Refusal } from "./reasons.ts";
import { PAYMENT_IDENTIFIER, X402_VERSION, type X402Request } from "./request.ts";

/** An x402 facilitator, version 2, of scheme `exact` on one chain. */
export interface Facilitator {
  /**
   * Whether a payment would settle now. Throws, retriable, if the chain does not answer.
   * @returns `conflict` if the payment identifier is another payload's.
   */
  verify(request: X402Request): Promise<VerifyAnswer | "conflict">;
  /**
   * Settles a payment and waits for the chain's word, up to a limit. Its terms are the idempotency key: whoever hands it in
   * again gets the first one's record, before anything of it is checked again. Throws, retriable, if it is not known
   * whether it was taken.
   */
  settle(request: X402Request): Promise<SettleAnswer | "conflict">;
  supported(): SupportedAnswer;
  readonly network: string;
  /** Answers whoever waits. */
  stop(): Promise<void>;
}

export interface FacilitatorDependencies {
  readonly database: Database;
  readonly signatures: SignatureChecks;
  readonly chainId: bigint;
  /** x402's Permit2 proxy, and Permit2. */
  readonly place: { readonly proxy: string; readonly permit2: string };
  readonly tokens: readonly string[];
  /** The lanes' addresses. */
  readonly signers: readonly string[];
  /** What the settler would do now, and how the signature is sent. Throws if the chain does not answer. */
  readonly tryPayment: (
    terms: X402Terms,
    signature: string,
  ) => Promise<{ readonly code: RowCode | "simulation_reverted"; readonly row: X402Row }>;
  /** What Permit2 may take of a payer's tokens. */
  readonly allowanceOf: (token: string, payer: string) => Promise<bigint>;
  readonly catchUp: () => Promise<void>;
  readonly onAccepted: () => void;
  readonly waitMs: number;
  readonly pollMs: number;
  readonly log: Logger;
}

/** A payment that is good, or why it is not. */
type Examined =
  | { readonly kind: "good"; readonly payment: NewX402 }
  | { readonly kind: "bad"; readonly refusal: X402Refusal; readonly code: string; readonly row?: X402Row };

export function createFacilitator(deps: FacilitatorDependencies): Facilitator {
  const { database, chainId, place } = deps;
  const network = `eip155:${chainId}`;
  const service = { network, tokens: new Set(deps.tokens), proxy: place.proxy };
  const decisions = createDecisions(database, deps.pollMs, deps.log);

  /** What needs the present: times, signature, and what the chain would do. */
  async function examine(matched: MatchedX402, identifier: X402Request["identifier"]): Promise<Examined> {
    const { terms, signature: given, domain } = matched;
    const untimely = checkTimes(terms, await currentTime(database));
    const signature = await unwrapDeployed(deps.signatures, terms.payer, given);
    if (signature === undefined) {
      const message = "The payer's wallet is not there. Factories are not called here.";
      const why = { reason: "eip6492_factory_not_allowed", message, payer: terms.payer };
      return { kind: "bad", refusal: untimely ?? why, code: "no_wallet" };
    }
    const digest = digestOf(terms, chainId, place, domain);
    if ((await readSignature(deps.signatures, terms.payer, digest, signature)) === undefined) {
      const why = untimely ?? refusal(terms, "signature", `The signature is not the payer's over ${digest}`);
      return { kind: "bad", refusal: why, code: "bad_signature" };
    }
    // Even one that is out of time, as it may have been used while it was not.
    const { code, row } = await deps.tryPayment(terms, signature);
    if (code === "settled" && untimely === undefined) {
      return { kind: "good", payment: { row, givenSignature: given, identifier } };
    }
    const isUsed = code === "authorization_used";
    const why = isUsed || untimely === undefined ? await explain(terms, code) : untimely;
    return { kind: "bad", refusal: why, code, row };
  }

  async function explain(terms: X402Terms, code: RowCode | "simulation_reverted"): Promise<X402Refusal> {
    const isRefusedByToken = terms.kind === "permit2" && code === "transfer_failed";
    if (isRefusedByToken && (await deps.allowanceOf(terms.token, terms.payer)) < terms.amount) {
      return refusal(terms, "allowance", `Permit2 (${place.permit2}) may take less of the payer's tokens`);
    }
    return refusal(terms, failureOf(code), `The settler says ${code}`);
  }

  /** The record that this very payload made, if it was to be settled. */
  async function findKnown(id: string, { signature }: MatchedX402): Promise<X402Record | undefined> {
    const record = await findX402(database, id);
    return record?.state !== "verified" && record?.givenSignature === signature ? record : undefined;
  }

  async function answerKnown(
    record: X402Record,
    identifier: X402Request["identifier"],
  ): Promise<SettleAnswer | "conflict"> {
    if (identifier !== undefined && !(await bindIdentifier(database, record, identifier))) return "conflict";
    return settleAnswer(await decisions.wait(record, deps.waitMs), network);
  }

  function refused({ reason, message, payer }: X402Refusal): SettleAnswer {
    return {
      ...{ success: false, errorReason: reason, errorMessage: message, transaction: "", network },
      ...(payer === undefined ? {} : { payer }),
    };
  }

  /** Stores what is to be settled, and waits. */
  async function take(
    payment: NewX402,
    state: "accepted" | "used",
    matched: MatchedX402,
  ): Promise<SettleAnswer | "conflict"> {
    const stored = await insertX402(database, payment, state);
    switch (stored.kind) {
      case "identifier_taken":
        return "conflict";
      case "nonce_taken":
        return refused(refusal(matched.terms, "used", "Another payment holds the nonce"));
      case "stored":
      case "known":
        deps.onAccepted();
        return answerKnown(stored.record, payment.identifier);
    }
  }

  return {
    network,
    async verify(request) {
      const matched = matchX402(request, service);
      if ("reason" in matched) return invalid(matched);
      const { identifier } = request;
      if (identifier !== undefined && !(await isIdentifierFree(database, matched.terms.payee, identifier))) {
        return "conflict";
      }
      const known = await findKnown(x402Id(matched.terms), matched);
      if (known?.state === "rejected" || known?.state === "expired") {
        // So it stays: its record is what whoever settles it gets.
        return invalid(refusal(matched.terms, failureOf(known.code ?? known.state), "It was refused before"));
      }
      const examined = await examine(matched, identifier);
      if (examined.kind === "bad") return invalid(examined.refusal);
      if (!(await isNonceFree(database, examined.payment.row))) {
        return invalid(refusal(matched.terms, "used", "Another payment holds the nonce"));
      }
      await noteVerified(database, examined.payment);
      return { isValid: true, payer: matched.terms.payer };
    },

    async settle(request) {
      // The requirements are the server's: they must hold for a known payment, too.
      const matched = matchX402(request, service);
      if ("reason" in matched) return refused(matched);
      const { identifier } = request;
      if (identifier !== undefined && !(await isIdentifierFree(database, matched.terms.payee, identifier))) {
        return "conflict";
      }
      const id = x402Id(matched.terms);
      const known = await findKnown(id, matched);
      if (known !== undefined) return answerKnown(known, identifier);
      const examined = await examine(matched, identifier);
      if (examined.kind === "good") return take(examined.payment, "accepted", matched);
      if (examined.code !== "authorization_used" || examined.row === undefined) return refused(examined.refusal);
      // Used by now: by a request like this one, which was faster, or by a stranger since it was verified.
      await deps.catchUp();
      const settled = await findKnown(id, matched);
      if (settled !== undefined) return answerKnown(settled, identifier);
      if ((await findX402(database, id))?.state !== "verified") return refused(examined.refusal);
      return take({ row: examined.row, givenSignature: matched.signature, identifier }, "used", matched);
    },

    supported: () => ({
      kinds: [{ x402Version: X402_VERSION, scheme: "exact", network }],
      extensions: [PAYMENT_IDENTIFIER],
      signers: { "eip155:*": deps.signers },
    }),

    stop: () => decisions.stop(),
  };
}

function invalid({ reason, message, payer }: X402Refusal): VerifyAnswer {
  return { isValid: false, invalidReason: reason, invalidMessage: message, ...(payer === undefined ? {} : { payer }) };
}
