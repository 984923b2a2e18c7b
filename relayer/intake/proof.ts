import { splitNonce } from "../../sdk/device-nonce.ts";
import { unwrapSignature } from "../../sdk/erc6492.ts";
import type { RowCode } from "../../sdk/row-codes.ts";
import type { AskDevice, DeviceAtBlock } from "../device-state.ts";
import type { NewPayment } from "../store/payments.ts";
import type { Draft } from "./check.ts";
import type { Refusal } from "./refusal.ts";
import { checkDevice, leftToday } from "./check-device.ts";
import { proveCounterfactual, type CounterfactualDependencies } from "./counterfactual.ts";
import { readSignature, type SignatureChecks, type StoredSignature, unwrapDeployed } from "./signature-checks.ts";

/** What a pulled payment would do now, and in which form its signature works. Rejects, retriable, without an answer. */
export type TryPulling = (
  draft: Draft,
  signature: string,
) => Promise<{ readonly code: RowCode | "simulation_reverted"; readonly signature: StoredSignature }>;

export interface ProofDependencies extends CounterfactualDependencies {
  readonly signatures: SignatureChecks;
  readonly askDevice: AskDevice;
  /** Whether quotes of the pair are held against price feeds. */
  readonly isGuarded: (payToken: string, settleToken: string) => Promise<boolean>;
  /** `undefined` where there is no Gateway. */
  readonly tryPulling: TryPulling | undefined;
}

/** A payment that whoever pays agreed to. */
export interface Proven {
  readonly payment: NewPayment;
  /** Of a device's payment: what the device could still pay that day, by the chain at that block. */
  readonly device: { readonly index: number; readonly left: bigint; readonly block: bigint } | undefined;
}

/** The block that the store follows, and the time that payments are judged by. */
export interface Moment {
  readonly head: { readonly number: bigint; readonly timestamp: bigint };
  readonly now: bigint;
}

/** Whether whoever pays agreed to it, by whichever signature. Needs no account. Rejects if the chain does not answer. */
export async function prove(
  draft: Draft,
  signature: string,
  deps: ProofDependencies,
  moment: Moment,
): Promise<Proven | Refusal> {
  const unguarded = await checkGuard(draft, deps);
  if (unguarded !== undefined) return unguarded;
  if (draft.funding !== "account") return provePulled(draft, signature, deps);
  const { index } = splitNonce(draft.nonce);
  return index === 0 ? proveOwner(draft, signature, deps) : proveDevice(draft, index, signature, deps, moment);
}

/** A payer who bears what the rate moves is exchanged back only within a guard. */
async function checkGuard({ fx }: Draft, { isGuarded }: ProofDependencies): Promise<Refusal | undefined> {
  if (fx?.refundRule !== "payer_bears") return undefined;
  const { payToken, settleToken } = fx.quote;
  if (await isGuarded(settleToken, payToken)) return undefined;
  const expected = `another rule: no price feeds guard the way back from ${settleToken} to ${payToken}`;
  return { code: "invalid_terms", field: "payment.terms.refundRule", expected };
}

async function proveOwner(draft: Draft, signature: string, deps: ProofDependencies): Promise<Proven | Refusal> {
  const wrapped = unwrapSignature(signature);
  if (wrapped !== undefined && !(await deps.signatures.hasCode(draft.payer))) {
    const payment = await proveCounterfactual(draft, wrapped, deps);
    return "code" in payment ? payment : { payment, device: undefined };
  }
  const read = await readSignature(deps.signatures, draft.payer, draft.id, signature);
  if (read === undefined) return badSignature(draft.id, "the payer's");
  return { payment: { ...draft, ...read, signer: null, deployment: null }, device: undefined };
}

async function proveDevice(
  draft: Draft,
  index: number,
  signature: string,
  deps: ProofDependencies,
  { head, now }: Moment,
): Promise<Proven | Refusal> {
  const { payer: owner, token, payee } = draft;
  const device: DeviceAtBlock = await deps.askDevice({ owner, token, index, payee }, head.number);
  const left = leftToday(device, head.timestamp, now);
  const refusal = checkDevice(draft, device, left, now);
  if (refusal !== undefined) return refusal;
  const read = await readSignature(deps.signatures, device.key, draft.id, signature);
  if (read === undefined) return badSignature(draft.id, `that of the device ${index}, ${device.key},`);
  const payment = { ...draft, ...read, signer: device.key, deployment: null };
  return { payment, device: { index, left, block: head.number } };
}

async function provePulled(draft: Draft, signature: string, deps: ProofDependencies): Promise<Proven | Refusal> {
  if (deps.tryPulling === undefined) return NO_GATEWAY;
  const inner = await unwrapDeployed(deps.signatures, draft.payer, signature);
  if (inner === undefined) return notDeployed(`a payment by ${draft.funding}`);
  const { code, signature: read } = await deps.tryPulling(draft, inner);
  if (code === "settled") {
    return { payment: { ...draft, ...read, signer: null, deployment: null }, device: undefined };
  }
  return refusePulled(draft, code);
}

export const NO_GATEWAY: Refusal = {
  code: "invalid_field",
  field: "funding",
  expected: "account: nothing is pulled from tokens here",
};

/** What clients are told for the Gateway's codes. All others mean that the token did not move the money. */
const PULLED_REFUSALS: Readonly<Partial<Record<RowCode | "simulation_reverted", Refusal>>> = {
  authorization_used: {
    code: "authorization_used",
    field: "payment.nonce",
    expected: "an authorization that was neither used nor cancelled",
  },
  expired: { code: "expired", field: "payment.deadline", expected: "a later time" },
  invalid_payee: {
    code: "invalid_payee",
    field: "payment.payee",
    expected: "an account that can take its money out again",
  },
  invalid_terms: {
    code: "invalid_terms",
    field: "payment.terms",
    expected: "terms that the Escrow takes, and a payer who can be paid back",
  },
  amount_too_high: { code: "amount_too_high", field: "payment.amount", expected: "what fits into a hold" },
  wrong_status: { code: "nonce_used", field: "payment.nonce", expected: "a hold that was not opened before" },
};

/** The refusal of what the Gateway would not settle. */
export function refusePulled({ id, amount, funding }: Draft, code: RowCode | "simulation_reverted"): Refusal {
  return (
    PULLED_REFUSALS[code] ?? {
      code: "transfer_failed",
      field: "signature",
      expected: `the payer's authorization of this payment by ${funding} (id ${id}), and ${amount} that she can spend so`,
    }
  );
}

/** The refusal of a signature wrapped by ERC-6492 where no wallet is deployed. @param what It is over. */
export function notDeployed(what: string): Refusal & { readonly code: "bad_signature" } {
  return {
    code: "bad_signature",
    field: "signature",
    expected: `the signature of a wallet that is there: none is deployed for ${what}`,
  };
}

function badSignature(id: string, whose: string): Refusal {
  return {
    code: "bad_signature",
    field: "signature",
    expected: `${whose} signature over this payment, for this chain and Ledger (digest ${id})`,
  };
}
