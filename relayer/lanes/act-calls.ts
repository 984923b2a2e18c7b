import { Interface } from "ethers";

import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { sharedBy, TRANSACTION_GAS } from "../batching/batches.ts";
import { signatureGas } from "../batching/signature-gas.ts";
import { type ActContent, signedBeside, type SignedDigest, type StoredConsent } from "../hold-effects.ts";
import type { ActToSend } from "../store/acts.ts";
import { holdRow } from "./opening.ts";
import { innerAnswer, withSignatures } from "./signatures.ts";
import type { RowCall } from "./simulation.ts";

export const ESCROW = new Interface(Escrow__factory.abi);

/** Acts that the contract takes in rows, each with a code of its own. */
const ROW_VERBS = ["capture", "void", "refund", "reclaim"] as const;
type RowVerb = (typeof ROW_VERBS)[number];

export function isRowVerb(verb: ActContent["verb"]): verb is RowVerb {
  return (ROW_VERBS as readonly string[]).includes(verb);
}

/** Gas above the worst case: a row with eight splits; a batch or single act that pays eight new accounts. */
const ROW_GAS = 60_000;
const CALL_GAS = 150_000;
const SPLIT_GAS = 40_000;

/** What a call of the Escrow may use. */
export function actGas(acts: readonly ActToSend[], hasP256Precompile: boolean): number {
  const shared = new Map(acts.map((act) => [sharedBy(act.token, act.terms), act.terms.splits.length]));
  const calls = [...shared.values()].reduce((sum, splits) => sum + CALL_GAS + splits * SPLIT_GAS, 0);
  const signatures = signaturesOf(acts).reduce((sum, signed) => sum + signatureGas(signed, hasP256Precompile), 0);
  return calls + acts.length * ROW_GAS + signatures;
}

/** The acts that fit into one transaction, oldest first. */
export function fitting(acts: readonly ActToSend[], maxGas: number, hasP256Precompile: boolean): ActToSend[] {
  const taken: ActToSend[] = [];
  let gas = TRANSACTION_GAS;
  for (const act of acts) {
    gas += actGas([act], hasP256Precompile);
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
export function rowActCall(escrow: string, verb: RowVerb, hasP256Precompile: boolean): RowCall<ActToSend> {
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
export function rowActData(
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
      throw new Error(`${content.verb} is no act in rows`);
  }
}

/** Of captures and refunds the contract takes the consents beside the rows. */
function consentsOf({ content }: ActToSend): StoredConsent[] {
  return content.verb === "capture" || content.verb === "refund" ? [content.consent] : [];
}

/** The call of an act that stands alone. */
export function singleActData(act: ActToSend): string {
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
      throw new Error(`${content.verb} is an act in rows`);
  }
}
