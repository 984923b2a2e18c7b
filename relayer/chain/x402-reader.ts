import { Interface, type JsonRpcProvider, type Log } from "ethers";

import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import { IX402Settler__factory } from "../../typechain-types/factories/contracts/interfaces/IX402Settler__factory.ts";

const SETTLER = new Interface(IX402Settler__factory.abi);

interface Place {
  readonly id: string;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
}

/** What the settler's logs of a range of blocks say. */
export interface X402Logs {
  readonly settled: readonly Place[];
  readonly rejected: readonly (Place & { readonly code: RowCode })[];
  readonly blockHashes: ReadonlyMap<bigint, string>;
}

export interface X402Reader {
  logs(from: bigint, to: bigint): Promise<X402Logs>;
}

/** A reader of a deployment without a settler. */
export const NO_X402: X402Reader = {
  logs: () => Promise.resolve({ settled: [], rejected: [], blockHashes: new Map() }),
};

export function createX402Reader(provider: Pick<JsonRpcProvider, "getLogs">, settler: string): X402Reader {
  return {
    async logs(from, to) {
      return readX402Logs(await provider.getLogs({ address: settler, fromBlock: from, toBlock: to }));
    },
  };
}

/** Pure: what the logs say, in their order. */
export function readX402Logs(logs: readonly Log[]): X402Logs {
  const settled: Place[] = [];
  const rejected: X402Logs["rejected"][number][] = [];
  const blockHashes = new Map<bigint, string>();
  for (const log of logs) {
    const event = SETTLER.parseLog(log);
    if (event === null) continue;
    const { id, code } = event.args.toObject() as { id: string; code?: bigint };
    const place = { id, transactionHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
    blockHashes.set(place.blockNumber, log.blockHash);
    if (event.name === "Settled") settled.push(place);
    else if (event.name === "Rejected") rejected.push({ ...place, code: rowCode(code ?? 0n) });
  }
  return { settled, rejected, blockHashes };
}
