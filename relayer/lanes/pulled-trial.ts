import { type Provider, ZeroHash } from "ethers";

import { type CompactSignature, toCompactSignature } from "../../sdk/signature.ts";
import { AppError } from "../app-error.ts";
import { inTime } from "../chain/timeout.ts";
import type { HoldToOpen } from "../batching/batches.ts";
import type { NewPayment } from "../store/payments.ts";
import { pulledOpeningCall, pullingCall } from "./pulling.ts";
import { simulate, type Simulation } from "./simulation.ts";

/** Gas for one row, its batch and all that the Gateway keeps ready. */
const TRIAL_GAS = 2_000_000;

type Unsigned = Omit<NewPayment, "r" | "vs" | "signature" | "signer" | "deployment">;
type Form = CompactSignature & { readonly signature: string | null };
type Code = Simulation<never>["bad"][number]["code"] | "settled";

export interface TrialDependencies {
  readonly provider: Pick<Provider, "call" | "getCode">;
  readonly gateway: string;
  /** Who would send it. */
  readonly from: string;
}

/** Runs a pulled payment by `eth_call`, alone, as the Gateway would. */
export function createPulledTrial(deps: TrialDependencies) {
  const simulator = { provider: deps.provider, from: deps.from };

  async function tryForm(payment: NewPayment): Promise<Code> {
    if (payment.funding === "account") throw new Error("A payment from an account is not pulled");
    const { good, bad } = hasTerms(payment)
      ? await simulate(simulator, pulledOpeningCall<HoldToOpen>(deps.gateway, payment.funding, TRIAL_GAS), [payment])
      : await simulate(simulator, pullingCall<NewPayment>(deps.gateway, payment.funding, TRIAL_GAS), [payment]);
    return good.length === 1 ? "settled" : (bad[0]?.code ?? "simulation_reverted");
  }

  /**
   * The forms in which a token may take the signature. A payer with code may be a wallet that reads it as it was made;
   * anybody else signs by ECDSA.
   */
  async function formsOf(payer: string, signature: string): Promise<Form[]> {
    const compact = toCompactSignature(signature);
    const full: Form = { r: ZeroHash, vs: ZeroHash, signature };
    if (compact === undefined) return [full];
    const plain = { ...compact, signature: null };
    return (await deps.provider.getCode(payer)) === "0x" ? [plain] : [full, plain];
  }

  async function tryEach(draft: Unsigned, signature: string): Promise<{ code: Code; signature: Form }> {
    const forms = await formsOf(draft.payer, signature);
    let first: { code: Code; signature: Form } | undefined;
    for (const form of forms) {
      const code = await tryForm({ ...draft, ...form, signer: null, deployment: null });
      if (code === "settled") return { code, signature: form };
      first ??= { code, signature: form };
    }
    if (first === undefined) throw new Error("A signature has no form");
    return first;
  }

  return async (draft: Unsigned, signature: string): Promise<{ code: Code; signature: Form }> => {
    try {
      return await inTime(tryEach(draft, signature));
    } catch (cause) {
      throw new AppError("chain_unavailable", "The chain could not be asked about an authorization.", {
        retriable: true,
        cause,
      });
    }
  };
}

function hasTerms(payment: NewPayment): payment is HoldToOpen {
  return payment.terms !== null;
}
