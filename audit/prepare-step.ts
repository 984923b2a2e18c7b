import type { LogStep } from "../sdk/record/chain-logs.ts";
import { addressesOf, type RecordContracts } from "../sdk/record/contracts.ts";
import { INTERFACES } from "../sdk/record/record-steps.ts";
import { RecordError } from "../sdk/record/record-error.ts";
import type { RpcCall } from "../sdk/record/rpc.ts";
import { type BlockHeader, type ChainLog, readBlock } from "../sdk/record/rpc-answers.ts";
import type { ExceptionLog } from "./exceptions.ts";
import type { TransactionEvents } from "./replay.ts";
import { createSentReader } from "./signed-payments.ts";
import { type AuditedTransaction, createTransactionReader } from "./transactions.ts";

/** The events of some blocks, with what is needed to check them. */
export interface PreparedStep {
  readonly fromBlock: number;
  readonly toBlock: number;
  /** The header of the last block. */
  readonly last: BlockHeader;
  readonly transactions: readonly TransactionEvents[];
}

/** How many transactions are read at once. */
const AT_ONCE = 16;

/** Reads headers, transactions and receipts for events. @throws RpcError; RecordError `reorged` if a block is gone */
export function createPreparation(
  rpc: RpcCall,
  contracts: RecordContracts,
  verifier: string,
  exceptions: ExceptionLog,
): (step: LogStep, isChecked: boolean) => Promise<PreparedStep> {
  const topics = (names: readonly string[]): Set<string> =>
    new Set(
      Object.values(INTERFACES).flatMap((abi) =>
        names.flatMap((name) => (abi.hasEvent(name) ? (abi.getEvent(name)?.topicHash ?? []) : [])),
      ),
    );
  const addresses = new Set(addressesOf(contracts).map((address) => address.toLowerCase()));
  const deciding = { decided: topics(["Settled", "Rejected"]), failed: topics(["CallFailed"]) };
  const reader = createTransactionReader(rpc, createSentReader(contracts, verifier), addresses, deciding, exceptions);

  return async ({ fromBlock, toBlock, logs }, isChecked) => {
    const groups = byTransaction(logs);
    const blocks = await readBlocks(rpc, [...logs.map(({ blockNumber }) => blockNumber), toBlock]);
    const transactions: TransactionEvents[] = [];
    for (let start = 0; start < groups.length; start += AT_ONCE) {
      const part = groups.slice(start, start + AT_ONCE);
      const read = await Promise.all(
        part.map(([hash, own]): Promise<AuditedTransaction | null> => {
          return isChecked ? reader.read(hash, own) : Promise.resolve(null);
        }),
      );
      for (const [index, [transactionHash, own]] of part.entries()) {
        const { blockNumber = 0, blockHash = "" } = own[0] ?? {};
        const block = blocks.get(blockNumber);
        const at = { transactionHash, blockNumber, timestamp: BigInt(block?.timestamp ?? 0) };
        if (block?.hash !== blockHash) {
          exceptions.note(
            "block_differs",
            String(blockNumber),
            at,
            `${block?.hash} by its number, ${blockHash} by its events`,
          );
        }
        transactions.push({ at, logs: own, transaction: read[index] ?? null });
      }
    }
    const last = blocks.get(toBlock);
    if (last === undefined) throw new RecordError("reorged", `Block ${toBlock} is gone`);
    return { fromBlock, toBlock, last, transactions };
  };
}

function byTransaction(logs: readonly ChainLog[]): [string, ChainLog[]][] {
  const groups: [string, ChainLog[]][] = [];
  for (const log of logs) {
    const last = groups.at(-1);
    if (last?.[0] === log.transactionHash) last[1].push(log);
    else groups.push([log.transactionHash, [log]]);
  }
  return groups;
}

async function readBlocks(rpc: RpcCall, numbers: readonly number[]): Promise<ReadonlyMap<number, BlockHeader>> {
  const blocks = new Map<number, BlockHeader>();
  const distinct = [...new Set(numbers)];
  for (let start = 0; start < distinct.length; start += AT_ONCE * 4) {
    const found = await Promise.all(distinct.slice(start, start + AT_ONCE * 4).map((number) => readBlock(rpc, number)));
    for (const block of found) {
      if (block === null) throw new RecordError("reorged", "A block that has events is gone");
      blocks.set(block.number, block);
    }
  }
  return blocks;
}
