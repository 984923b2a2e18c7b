import { z } from "zod";

import { BPS, MAX_HOLD_AMOUNT } from "../../sdk/hold.ts";
import { MAX_DEADLINE } from "../../sdk/typed-data.ts";
import type { ActContent, GivenConsent } from "../hold-effects.ts";
import { address, type FieldProblem, hex, integer, readProblem, signature } from "./authorization.ts";

/** The acts that somebody asks for; the others the relayer does by itself when they are due. */
export const REQUESTED_VERBS = [
  "capture",
  "void",
  "refund",
  "dispute",
  "evidence",
  "rule",
  "settle",
  "fx-refund",
] as const;

export type RequestedVerb = (typeof REQUESTED_VERBS)[number];

const consent = z
  .strictObject({ deadline: integer("invalid_field", 0n, MAX_DEADLINE), signature }, "a deadline and a signature")
  .transform((given): GivenConsent => ({ ...given, deadline: Number(given.deadline) }));

const amount = integer("amount_out_of_range", 1n, MAX_HOLD_AMOUNT);
const sum = integer("amount_out_of_range", 0n, MAX_HOLD_AMOUNT);
const hash = hex(32).transform((text) => text.toLowerCase());

const schemas: Readonly<Record<RequestedVerb, z.ZodType<ActContent<GivenConsent>>>> = {
  capture: z.strictObject({ amount, captured: sum, consent }, "a JSON object").transform((body) => ({
    verb: "capture",
    amount: String(body.amount),
    sum: String(body.captured),
    consent: body.consent,
  })),
  refund: z.strictObject({ amount, refunded: sum, consent }, "a JSON object").transform((body) => ({
    verb: "refund",
    amount: String(body.amount),
    sum: String(body.refunded),
    consent: body.consent,
  })),
  void: z.strictObject({ consent }, "a JSON object").transform((body) => ({ verb: "void", ...body })),
  dispute: z
    .strictObject({ actor: address, evidence: hash, consent }, "a JSON object")
    .transform((body) => ({ verb: "dispute", ...body })),
  evidence: z
    .strictObject({ actor: address, evidence: hash, consent }, "a JSON object")
    .transform((body) => ({ verb: "evidence", ...body })),
  rule: z
    .strictObject({ payerBps: z.int(`a whole number from 0 to ${BPS}`).min(0).max(BPS), consent }, "a JSON object")
    .transform((body) => ({ verb: "rule", ...body })),
  settle: z
    .strictObject({ toPayer: sum, payerConsent: consent, payeeConsent: consent }, "a JSON object")
    .transform((body) => ({ ...body, verb: "settle", toPayer: String(body.toPayer) })),
  "fx-refund": z
    .strictObject({ amount, refunded: sum, quote: hash, maxCost: amount, consent }, "a JSON object")
    .transform((body) => ({
      verb: "fx_refund",
      amount: String(body.amount),
      sum: String(body.refunded),
      quote: body.quote,
      maxCost: String(body.maxCost),
      consent: body.consent,
    })),
};

/** Reads the body of a request for an act. Never throws. */
export function parseAct(
  verb: RequestedVerb,
  body: unknown,
):
  | { readonly ok: true; readonly content: ActContent<GivenConsent> }
  | { readonly ok: false; readonly problem: FieldProblem } {
  const result = schemas[verb].safeParse(body);
  if (result.success) return { ok: true, content: result.data };
  return { ok: false, problem: readProblem(result.error, "an act") };
}
