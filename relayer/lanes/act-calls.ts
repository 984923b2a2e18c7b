import { Interface } from "ethers";

import { decodeEscrowError } from "../../sdk/contract-errors.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { sharedBy, TRANSACTION_GAS } from "../batching/batches.ts";
import { signatureGas } from "../batching/signature-gas.ts";
import {
  type ActContent,
  signedBeside,
  type SignedDigest,
  type StoredConsent,
  type Verb,
  VERBS,
} from "../hold-effects.ts";
import type { ActToSend } from "../store/acts.ts";
import { holdRow } from "./opening.ts";
import { innerAnswer, withSignatures } from "./signatures.ts";
import type { RowCall } from "./simulation.ts";

const ESCROW = new Interface(Escrow__factory.abi);

/** Acts that the contract takes in rows, each with a code of its own. */
const ROW_VERBS = ["capture", "void", "refund", "reclaim"] as const;
type RowVerb = (typeof ROW_VERBS)[number];

function isRowVerb(verb: ActContent["verb"]): verb is RowVerb {
  return (ROW_VERBS as readonly string[]).includes(verb);
}

/** How acts of some verbs are sent. */
export interface ActCalls {
  readonly to: string;
  readonly verbs: readonly Verb[];
  /** A call of many acts of one verb, if the contract takes it in rows. */
  rows(verb: Verb): { readonly call: RowCall<ActToSend>; data(acts: readonly ActToSend[]): string } | undefined;
  /** The call of an act that stands alone. */
  single(act: ActToSend): string;
  /** What a call of these acts may use. */
  gas(acts: readonly ActToSend[]): number;
  /** The stable code of a single act's revert. */
  codeOf(data: string | null): string;
  tryEach(calls: readonly string[]): string;
}

/** Acts that the Escrow takes. */
export function escrowActCalls(escrow: string, hasP256Precompile: boolean): ActCalls {
  return {
    to: escrow,
    verbs: VERBS.filter((verb) => verb !== "fx_refund"),
    rows(verb) {
      if (!isRowVerb(verb)) return undefined;
      return { call: rowActCall(escrow, verb, hasP256Precompile), data: (acts) => rowActData(verb, acts).data };
    },
    single: singleActData,
    gas: (acts) => actGas(acts, hasP256Precompile),
    codeOf(data) {
      const error = data === null ? undefined : decodeEscrowError(data);
      return (error === undefined ? undefined : CODES[error.name]) ?? "simulation_reverted";
    },
    tryEach: (calls) => ESCROW.encodeFunctionData("tryEach", [calls]),
  };
}

const CODES: Readonly<Record<string, string>> = {
  EscrowWrongStatus: "wrong_status",
  EscrowTooLate: "too_late",
  EscrowTooEarly: "too_early",
  EscrowNoArbiter: "no_arbiter",
  EscrowNotParty: "not_party",
  EscrowNotActor: "bad_signature",
  EscrowConsentExpired: "expired",
  EscrowBadConsent: "bad_signature",
  EscrowShareTooHigh: "amount_too_high",
  EscrowAmountTooHigh: "amount_too_high",
  LedgerAccountFrozen: "frozen",
};

/** Gas above the worst case: a row with eight splits; a batch or single act that pays eight new accounts. */
const ROW_GAS = 60_000;
const CALL_GAS = 150_000;
const SPLIT_GAS = 40_000;

/** What a call of the Escrow may use. */
function actGas(acts: readonly ActToSend[], hasP256Precompile: boolean): number {
  const shared = new Map(acts.map((act) => [sharedBy(act.token, act.terms), act.terms.splits.length]));
  const calls = [...shared.values()].reduce((sum, splits) => sum + CALL_GAS + splits * SPLIT_GAS, 0);
  const signatures = signaturesOf(acts).reduce((sum, signed) => sum + signatureGas(signed, hasP256Precompile), 0);
  return calls + acts.length * ROW_GAS + signatures;
}

/** The acts that fit into one transaction, oldest first. */
export function fitting(acts: readonly ActToSend[], maxGas: number, calls: ActCalls): ActToSend[] {
  const taken: ActToSend[] = [];
  let gas = TRANSACTION_GAS;
  for (const act of acts) {
    gas += calls.gas([act]);
    if (gas > maxGas) break;
    taken.push(act);
  }
  return taken;
}

/** Signatures that travel beside acts. */
export function signaturesOf(acts: readonly ActToSend[]): SignedDigest[] {
  return acts.flatMap(({ content }) => signedBeside(content));
}

/** A row verb's call for many holds, with its signatures. */
function rowActCall(escrow: string, verb: RowVerb, hasP256Precompile: boolean): RowCall<ActToSend> {
  return {
    to: escrow,
    encode(acts) {
      const { rows, data } = rowActData(verb, acts);
      return {
        rows,
        data: withSignatures(signaturesOf(acts), data),
        gasLimit: TRANSACTION_GAS + actGas(acts, hasP256Precompile),
      };
    },
    decode: (answer, acts) =>
      (ESCROW.decodeFunctionResult(verb, innerAnswer(signaturesOf(acts), answer))[0] as bigint[][]).flat(),
  };
}

/** The call without its signatures, in batches that share merchant, token and splits. */
function rowActData(
  verb: RowVerb,
  acts: readonly ActToSend[],
): { readonly rows: readonly ActToSend[]; readonly data: string } {
  const groups = new Map<string, ActToSend[]>();
  for (const act of acts) {
    const key = sharedBy(act.token, act.terms);
    groups.set(key, [...(groups.get(key) ?? []), act]);
  }
  const batches = [...groups.values()].flatMap((group) => {
    const first = group[0];
    if (first === undefined) return [];
    const { payee, splits } = first.terms;
    return [{ payee, splits, token: first.token, rows: group.map(rowOf), consents: group.flatMap(consentsOf) }];
  });
  return { rows: [...groups.values()].flat(), data: ESCROW.encodeFunctionData(verb, [batches]) };
}

function rowOf(act: ActToSend): Record<string, unknown> {
  const { content } = act;
  const hold = holdRow(act);
  switch (content.verb) {
    case "capture":
    case "refund":
      return { hold, amount: content.amount };
    case "void":
      return { hold, consent: content.consent };
    case "reclaim":
      return hold;
    case "dispute":
    case "evidence":
    case "rule":
    case "resolve":
    case "settle":
    case "fx_refund":
      throw new Error(`${content.verb} is no act in rows`);
  }
}

/** Of captures and refunds the contract takes the consents beside the rows. */
function consentsOf({ content }: ActToSend): StoredConsent[] {
  return content.verb === "capture" || content.verb === "refund" ? [content.consent] : [];
}

/** The call of an act that stands alone. */
function singleActData(act: ActToSend): string {
  const { content } = act;
  const ref = { payee: act.terms.payee, token: act.token, splits: act.terms.splits, hold: holdRow(act) };
  switch (content.verb) {
    case "dispute":
      return ESCROW.encodeFunctionData("dispute", [ref, content.actor, content.evidence, content.consent]);
    case "evidence":
      return ESCROW.encodeFunctionData("submitEvidence", [ref, content.actor, content.evidence, content.consent]);
    case "rule":
      return ESCROW.encodeFunctionData("rule", [ref, content.payerBps, content.consent]);
    case "resolve":
      return ESCROW.encodeFunctionData("resolve", [ref]);
    case "settle":
      return ESCROW.encodeFunctionData("settleByAgreement", [
        ref,
        content.toPayer,
        content.payerConsent,
        content.payeeConsent,
      ]);
    case "capture":
    case "void":
    case "refund":
    case "reclaim":
    case "fx_refund":
      throw new Error(`${content.verb} is no single act of the Escrow`);
  }
}
