import type { Interface, JsonRpcApiProvider } from "ethers";

import { type HoldStatus, holdStatus } from "../../sdk/hold.ts";
import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import type { Escrow } from "../../typechain-types/contracts/schemes/Escrow.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { effectOfEvent } from "../hold-effects.ts";
import { type ChainLog, createEventReader } from "./chain-log.ts";
import { callAt, type ChainBlock } from "./chain-reader.ts";

/** What the Escrow's logs of a range of blocks say. */
export interface EscrowLogs {
  /** Every hold that one of the logs may have changed. */
  readonly touched: readonly string[];
  /** Acts that took effect. */
  readonly effects: readonly { id: string; transactionHash: string; blockNumber: bigint }[];
  /** Rows that the Escrow refused. */
  readonly rejected: readonly { id: string; transactionHash: string; blockNumber: bigint; code: RowCode }[];
}

export interface EscrowHold {
  readonly id: string;
  readonly status: HoldStatus;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly disputedAt: bigint;
}

const HOLDS_PER_CALL = 1_000;

export interface EscrowReader {
  /** Pure: what those of the logs that are the Escrow's say. */
  read(logs: readonly ChainLog[]): EscrowLogs;
  holds(ids: readonly string[], at: Pick<ChainBlock, "hash">): Promise<EscrowHold[]>;
}

/** A reader of a deployment without an Escrow: there are no holds. */
export const NO_ESCROW: EscrowReader = {
  read: () => ({ touched: [], effects: [], rejected: [] }),
  holds: () => Promise.resolve([]),
};

export function createEscrowReader(provider: Pick<JsonRpcApiProvider, "send">, escrowAddress: string): EscrowReader {
  const abi = Escrow__factory.createInterface();
  return {
    read(logs) {
      const ours = logs.filter(({ address }) => address === escrowAddress);
      return readEscrowLogs(abi, ours);
    },
    async holds(ids, at) {
      const found: EscrowHold[] = [];
      for (let start = 0; start < ids.length; start += HOLDS_PER_CALL) {
        const part = ids.slice(start, start + HOLDS_PER_CALL);
        const answer = await callAt(provider, escrowAddress, abi.encodeFunctionData("holdsOf", [part]), at);
        const [views] = abi.decodeFunctionResult("holdsOf", answer) as unknown as [
          Awaited<ReturnType<Escrow["holdsOf"]>>,
        ];
        part.forEach((id, index) => {
          const view = views[index];
          if (view === undefined) throw new Error("holdsOf answered fewer holds than asked");
          found.push({
            id,
            status: holdStatus(view.status),
            captured: view.captured,
            refunded: view.refunded,
            disputedAt: view.disputedAt,
          });
        });
      }
      return found;
    },
  };
}

/** Pure: what the logs say, in their order. */
export function readEscrowLogs(abi: Interface, logs: readonly ChainLog[]): EscrowLogs {
  const readEvent = createEventReader(abi);
  const touched = new Set<string>();
  const effects: EscrowLogs["effects"][number][] = [];
  const rejected: EscrowLogs["rejected"][number][] = [];
  for (const log of logs) {
    const event = readEvent(log);
    if (event === undefined) continue;
    const place = { transactionHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
    const args = event.args.toObject();
    if (event.name === "Rejected") {
      rejected.push({ id: String(args.id), code: rowCode(args.code as bigint), ...place });
      continue;
    }
    const effect = effectOfEvent(event.name, args);
    if (effect !== undefined) effects.push({ id: effect, ...place });
    if (effect !== undefined || event.name === "Opened") touched.add(String(args.id));
  }
  return { touched: [...touched], effects, rejected };
}
