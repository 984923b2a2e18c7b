import type { ActBodies, NetworkView, PaymentView } from "../../../sdk/client.ts";
import {
  CAPTURE_TYPES,
  DISPUTE_TYPES,
  EVIDENCE_TYPES,
  REFUND_TYPES,
  signConsent,
  VOID_TYPES,
} from "../../../sdk/hold-typed-data.ts";
import type { Types } from "../../../sdk/typed-data.ts";
import type { Wallet } from "../../wallets/wallet.ts";

/** What a merchant decided; amounts in smallest units, evidence the hash of a document. */
export type Decision =
  | { readonly verb: "capture" | "refund"; readonly amount: bigint }
  | { readonly verb: "void" }
  | { readonly verb: "dispute" | "evidence"; readonly evidence: string };

export type SignedAct = {
  readonly [V in "capture" | "void" | "refund" | "dispute" | "evidence"]: {
    readonly verb: V;
    readonly body: ActBodies[V];
  };
}["capture" | "void" | "refund" | "dispute" | "evidence"];

/** How long a consent is good: the relayer carries it in seconds, and a wallet's owner may take her time. */
const CONSENT_SECONDS = 3_600n;

/** Signs over the sums that the payment shows, so that nothing else than what was seen is agreed to. @throws WalletError */
export async function signAct(
  wallet: Wallet,
  { chainId, escrow }: Pick<NetworkView, "chainId" | "escrow">,
  { hold }: PaymentView,
  decision: Decision,
  now: bigint,
): Promise<SignedAct> {
  if (escrow === null || hold === null) throw new Error("There is no hold to act on");
  const { id, captured, refunded } = hold;
  const deadline = now + CONSENT_SECONDS;
  const consent = async (types: Types, value: Record<string, unknown>) => {
    const domain = { chainId: BigInt(chainId), escrow };
    return {
      deadline: deadline.toString(),
      signature: await signConsent(wallet, domain, types, { id, ...value, deadline }),
    };
  };
  switch (decision.verb) {
    case "capture": {
      const sums = { amount: decision.amount.toString(), captured };
      return { verb: "capture", body: { ...sums, consent: await consent(CAPTURE_TYPES, sums) } };
    }
    case "void":
      return { verb: "void", body: { consent: await consent(VOID_TYPES, { captured }) } };
    case "refund": {
      const sums = { amount: decision.amount.toString(), refunded };
      return { verb: "refund", body: { ...sums, consent: await consent(REFUND_TYPES, sums) } };
    }
    case "dispute":
    case "evidence": {
      const { verb, evidence } = decision;
      const types = verb === "dispute" ? DISPUTE_TYPES : EVIDENCE_TYPES;
      return { verb, body: { actor: wallet.address, evidence, consent: await consent(types, { evidence, captured }) } };
    }
  }
}
