import { Contract, type Provider } from "ethers";

import type { Quote } from "../../sdk/quote.ts";
import { rowCode } from "../../sdk/row-codes.ts";
import type { CompactSignature } from "../../sdk/signature.ts";
import type { IExchange } from "../../typechain-types/contracts/interfaces/IExchange.ts";
import { IExchange__factory } from "../../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { AppError } from "../app-error.ts";
import { inTime } from "./timeout.ts";

/** Asks the Exchange whether it would fill a quote now. Rejects, retriable, if the chain does not answer. */
export function createQuoteQuestion(
  provider: Provider,
  exchangeAddress: string,
): (quote: Quote & CompactSignature, settleAmount: bigint) => Promise<boolean> {
  const exchange = new Contract(exchangeAddress, IExchange__factory.abi, provider) as unknown as IExchange;
  return async ({ r, vs, ...quote }, settleAmount) => {
    try {
      return rowCode((await inTime(exchange.check(quote, r, vs, settleAmount))).code) === "settled";
    } catch (cause) {
      throw new AppError("chain_unreachable", "The chain could not be asked about a quote.", {
        retriable: true,
        cause,
      });
    }
  };
}
