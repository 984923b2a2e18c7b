import { Interface } from "ethers";

import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import { IX402Settler__factory } from "../../typechain-types/factories/contracts/interfaces/IX402Settler__factory.ts";
import { type ChainLog, createEventReader } from "./chain-log.ts";

const readEvent = createEventReader(new Interface(IX402Settler__factory.abi));

interface Place {
  readonly id: string;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
}

/** What the settler's logs of a range of blocks say. */
export interface X402Logs {
  readonly settled: readonly Place[];
  readonly rejected: readonly (Place & { readonly code: RowCode })[];
}

export interface X402Reader {
  /** Pure: what those of the logs that are the settler's say. */
  read(logs: readonly ChainLog[]): X402Logs;
}

/** A reader of a deployment without a settler. */
export const NO_X402: X402Reader = {
  read: () => ({ settled: [], rejected: [] }),
};

export function createX402Reader(settler: string): X402Reader {
  return { read: (logs) => readX402Logs(logs.filter(({ address }) => address === settler)) };
}

/** Pure: what the logs say, in their order. */
export function readX402Logs(logs: readonly ChainLog[]): X402Logs {
  const settled: Place[] = [];
  const rejected: X402Logs["rejected"][number][] = [];
  for (const log of logs) {
    const event = readEvent(log);
    if (event === undefined) continue;
    const { id, code } = event.args.toObject() as { id: string; code?: bigint };
    const place = { id, transactionHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
    if (event.name === "Settled") settled.push(place);
    else if (event.name === "Rejected") rejected.push({ ...place, code: rowCode(code ?? 0n) });
  }
  return { settled, rejected };
}
