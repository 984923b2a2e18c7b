import { Interface, type Provider } from "ethers";

import { ISignatureVerifier__factory } from "../../typechain-types/factories/contracts/interfaces/ISignatureVerifier__factory.ts";
import { AppError } from "../app-error.ts";
import { inTime } from "./timeout.ts";

const VERIFIER = new Interface(ISignatureVerifier__factory.abi);

/** A wallet's share, what the verifier keeps beside it, and a long signature's calldata. */
const QUESTION_GAS = 600_000;

export type AskContract = (signer: string, digest: string, signature: string) => Promise<boolean>;

/**
 * Asks the chain's own verifier whose signature it is, as it is now.
 * @throws AppError `chain_unavailable`, retriable, if the node does not answer: that says nothing about the signature.
 */
export function createSignatureQuestion(provider: Pick<Provider, "call">, verifier: string): AskContract {
  return async (signer, digest, signature) => {
    try {
      const answer = await inTime(
        provider.call({
          to: verifier,
          data: VERIFIER.encodeFunctionData("isValid", [signer, digest, signature]),
          gasLimit: QUESTION_GAS,
        }),
      );
      return VERIFIER.decodeFunctionResult("isValid", answer)[0] === true;
    } catch (cause) {
      // A revert is none, either: the verifier never reverts on a signature, only where it runs out of gas.
      throw new AppError("chain_unavailable", "The chain could not be asked about a signature.", {
        retriable: true,
        cause,
      });
    }
  };
}
