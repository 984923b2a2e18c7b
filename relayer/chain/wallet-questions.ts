import { concat, Interface, type Provider } from "ethers";

import { WalletTrial__factory } from "../../typechain-types/factories/contracts/WalletTrial__factory.ts";
import { AppError } from "../app-error.ts";
import { WALLET_OUTCOMES, type WalletQuestions, type WalletToTry } from "../wallet-deployment.ts";
import { inTime } from "./timeout.ts";

const TRIAL = new Interface(WalletTrial__factory.abi);

/** The factory's share, the verifier's, and the calldata of all of it. */
const TRIAL_GAS = 5_000_000;

/**
 * Asks the chain about contract wallets, deployed or not.
 * @param verifier Who says whose a signature is.
 * @param from Who would send the deployment; nobody in particular if absent.
 */
export function createWalletQuestions(
  provider: Pick<Provider, "call" | "getCode">,
  verifier: string,
  from?: string,
): WalletQuestions {
  return {
    hasCode: (account) => answerOf(async () => (await provider.getCode(account)) !== "0x"),
    tryWallet: (wallet) =>
      answerOf(async () => {
        // Creation code and no address: it runs, answers and is gone. The factory is called from inside of it.
        const data = concat([WalletTrial__factory.bytecode, trialArguments(verifier, wallet)]);
        const answer = await provider.call({ data, gasLimit: TRIAL_GAS, ...(from === undefined ? {} : { from }) });
        const outcome = WALLET_OUTCOMES[Number(BigInt(answer))];
        if (outcome === undefined) throw new Error(`A wallet's trial answered ${answer}`);
        return outcome;
      }),
  };
}

function trialArguments(verifier: string, { factory, data, signer, digest, signature }: WalletToTry): string {
  return TRIAL.encodeDeploy([factory, data, verifier, signer, digest, signature]);
}

/** Even a revert is no answer: the trial reverts only where the node gives it too little gas. */
async function answerOf<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await inTime(ask());
  } catch (cause) {
    throw new AppError("chain_unavailable", "The chain could not be asked about a wallet.", { retriable: true, cause });
  }
}
