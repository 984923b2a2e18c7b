import { Interface, type JsonRpcApiProvider } from "ethers";

import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import type { IExchange } from "../../typechain-types/contracts/interfaces/IExchange.ts";
import { IExchange__factory } from "../../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { type ChainLog, createEventReader } from "./chain-log.ts";
import { callAt, type ChainBlock } from "./chain-reader.ts";

interface Place {
  readonly transactionHash: string;
  readonly blockNumber: bigint;
}

export interface ExchangedLog {
  readonly id: string;
  readonly paid: bigint;
  /** In the settlement token; into a hold there is none. */
  readonly fee: bigint;
}

export interface RefundLog extends Place {
  readonly id: string;
  readonly amount: bigint;
  readonly refunded: bigint;
  readonly cost: bigint;
  readonly returned: bigint;
  readonly quote: string;
  readonly maker: string;
}

/** What the Exchange's logs of a range of blocks say. */
export interface ExchangeLogs {
  readonly exchanged: readonly ExchangedLog[];
  readonly refunds: readonly RefundLog[];
  /** Rows that the Exchange refused. */
  readonly rejected: readonly (Place & { readonly id: string; readonly code: RowCode })[];
  /** Quotes that were filled or cancelled, and makers who voided all of theirs. */
  readonly quotes: readonly string[];
  readonly makers: readonly string[];
}

export interface QuoteState {
  readonly id: string;
  readonly filled: bigint;
  readonly cancelled: boolean;
}

export interface ExchangeReader {
  /** Pure: what those of the logs that are the Exchange's say. */
  read(logs: readonly ChainLog[]): ExchangeLogs;
  quotes(
    quotes: readonly { readonly id: string; readonly maker: string; readonly generation: bigint }[],
    at: ChainBlock,
  ): Promise<QuoteState[]>;
}

/** A reader of a deployment without an Exchange: nothing is exchanged. */
export const NO_EXCHANGE: ExchangeReader = {
  read: () => ({ exchanged: [], refunds: [], rejected: [], quotes: [], makers: [] }),
  quotes: () => Promise.resolve([]),
};

export function createExchangeReader(provider: Pick<JsonRpcApiProvider, "send">, address: string): ExchangeReader {
  const abi = new Interface(IExchange__factory.abi);
  const ask = async (name: string, args: [string], at: ChainBlock): Promise<unknown> =>
    abi.decodeFunctionResult(name, await callAt(provider, address, abi.encodeFunctionData(name, args), at));
  return {
    read(logs) {
      const ours = logs.filter((log) => log.address === address);
      return readExchangeLogs(abi, ours);
    },
    async quotes(quotes, at) {
      const generations = new Map<string, bigint>();
      for (const { maker } of quotes) {
        if (!generations.has(maker)) {
          generations.set(maker, ...((await ask("generationOf", [maker], at)) as [bigint]));
        }
      }
      const states: QuoteState[] = [];
      for (const { id, maker, generation } of quotes) {
        const [fill] = (await ask("fillOf", [id], at)) as [Awaited<ReturnType<IExchange["fillOf"]>>];
        const { filled, isCancelled } = fill;
        states.push({ id, filled, cancelled: isCancelled || generation !== generations.get(maker) });
      }
      return states;
    },
  };
}

/** Pure: what the logs say, in their order. */
export function readExchangeLogs(abi: Interface, logs: readonly ChainLog[]): ExchangeLogs {
  const readEvent = createEventReader(abi);
  const exchanged: ExchangedLog[] = [];
  const refunds: RefundLog[] = [];
  const rejected: ExchangeLogs["rejected"][number][] = [];
  const quotes = new Set<string>();
  const makers = new Set<string>();
  /** A refund whose quote the next event tells. */
  let refund: Omit<RefundLog, "quote" | "maker"> | undefined;
  for (const log of logs) {
    const event = readEvent(log);
    if (event === undefined) continue;
    const place = { transactionHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
    const args = event.args.toObject();
    const [text, whole] = [(name: string) => String(args[name]), (name: string) => args[name] as bigint];
    switch (event.name) {
      case "Exchanged":
        exchanged.push({ id: text("id"), paid: whole("paid"), fee: whole("fee") });
        break;
      case "Held":
        exchanged.push({ id: text("id"), paid: whole("paid"), fee: 0n });
        break;
      case "Refunded":
        refund = {
          ...{ id: text("id"), amount: whole("amount"), refunded: whole("refunded") },
          ...{ cost: whole("cost"), returned: whole("returned") },
          ...place,
        };
        break;
      case "QuoteFilled":
        quotes.add(text("id"));
        if (refund !== undefined) refunds.push({ ...refund, quote: text("id"), maker: text("maker") });
        refund = undefined;
        break;
      case "QuoteCancelled":
        quotes.add(text("id"));
        break;
      case "GenerationRaised":
        makers.add(text("maker"));
        break;
      case "Rejected":
        rejected.push({ id: text("id"), code: rowCode(whole("code")), ...place });
        break;
      default:
    }
  }
  return { exchanged, refunds, rejected, quotes: [...quotes], makers: [...makers] };
}
