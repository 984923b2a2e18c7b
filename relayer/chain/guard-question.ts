import { Contract, type Provider } from "ethers";

import type { IExchange } from "../../typechain-types/contracts/interfaces/IExchange.ts";
import { IExchange__factory } from "../../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { AppError } from "../app-error.ts";
import { inTime } from "./timeout.ts";

/** Asks whether quotes of a pair are held against price feeds. Rejects, retriable, if the chain does not answer. */
export function createGuardQuestion(
  provider: Provider,
  exchangeAddress: string,
): (payToken: string, settleToken: string) => Promise<boolean> {
  const exchange = new Contract(exchangeAddress, IExchange__factory.abi, provider) as unknown as IExchange;
  return async (payToken, settleToken) => {
    try {
      return (await inTime(exchange.guardOf(payToken, settleToken))).isSet;
    } catch (cause) {
      throw new AppError("chain_unreachable", "The chain could not be asked about a guard.", {
        retriable: true,
        cause,
      });
    }
  };
}
