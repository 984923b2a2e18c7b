import type { WrappedSignature } from "../../sdk/erc6492.ts";
import type { NewPayment } from "../store/payments.ts";
import type { WalletQuestions } from "../wallet-deployment.ts";
import type { Draft } from "./check.ts";
import type { Refusal } from "./refusal.ts";
import { inFull } from "./signature-checks.ts";

export interface CounterfactualDependencies {
  /** Whose wallets are deployed here. */
  readonly walletFactories: readonly string[];
  readonly tryWallet: WalletQuestions["tryWallet"];
}

/**
 * Whether the payer's wallet, which is not there yet, would take the signature (ERC-6492). What is asked is a simulation, and
 * only of a factory that the operator chose: never is anything called that the payer chose.
 */
export async function proveCounterfactual(
  draft: Draft,
  { factory, factoryCalldata: data, signature }: WrappedSignature,
  { walletFactories, tryWallet }: CounterfactualDependencies,
): Promise<NewPayment | Refusal> {
  if (!walletFactories.includes(factory)) return factoryNotAllowed(walletFactories);
  const outcome = await tryWallet({ factory, data, signer: draft.payer, digest: draft.id, signature });
  switch (outcome) {
    case "valid":
      return { ...draft, ...inFull(signature), signer: null, deployment: { factory, data } };
    case "factory_failed":
    case "no_code":
      return badSignature(`factory calldata that deploys the wallet ${draft.payer}`);
    case "bad_signature":
      return badSignature(`a signature over this payment that the wallet ${draft.payer} takes (digest ${draft.id})`);
  }
}

function factoryNotAllowed(factories: readonly string[]): Refusal {
  const expected =
    factories.length === 0
      ? "the signature of a wallet that is there: none is deployed here"
      : `a wallet that is there, or one by a factory of these: ${factories.join(", ")}`;
  return { code: "factory_not_allowed", field: "signature", expected };
}

function badSignature(expected: string): Refusal {
  return { code: "bad_signature", field: "signature", expected };
}
