import { Contract, type JsonRpcProvider } from "ethers";

import type { IExchange } from "../typechain-types/contracts/interfaces/IExchange.ts";
import { IExchange__factory } from "../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { ILedger__factory } from "../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import { TestToken__factory } from "../typechain-types/factories/contracts/mocks/TestToken__factory.ts";

/** What a maker needs to know of the chain. */
export interface MakerChain {
  readonly chainId: bigint;
  /** Decimals by token. */
  readonly decimals: ReadonlyMap<string, number>;
  /** Unix seconds: the later of this machine's clock and the chain's. */
  now(): Promise<bigint>;
  generation(): Promise<bigint>;
  /** How much of a quote was given, and whether it was cancelled. */
  fill(quote: string): Promise<{ readonly filled: bigint; readonly isCancelled: boolean }>;
  /** What the maker has of a token and allows the Exchange. */
  inventory(token: string): Promise<bigint>;
}

/** @throws Error if there is no Exchange, or a token without decimals. */
export async function readMakerChain(
  provider: JsonRpcProvider,
  exchangeAddress: string,
  maker: string,
  tokens: readonly string[],
): Promise<MakerChain> {
  const exchange = new Contract(exchangeAddress, IExchange__factory.abi, provider) as unknown as IExchange;
  const ledger = ILedger__factory.connect(await exchange.ledger(), provider);
  const { chainId } = await provider.getNetwork();
  const decimals = new Map<string, number>();
  for (const token of tokens) {
    decimals.set(token, Number(await TestToken__factory.connect(token, provider).decimals()));
  }
  return {
    chainId,
    decimals,
    async now() {
      const wall = BigInt(Math.floor(Date.now() / 1000));
      const chain = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0);
      return chain > wall ? chain : wall;
    },
    generation: () => exchange.generationOf(maker),
    fill: (quote) => exchange.fillOf(quote),
    inventory: (token) => ledger.spendable(maker, exchangeAddress, token),
  };
}
