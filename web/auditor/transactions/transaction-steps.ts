import type { RecordContracts } from "../../../sdk/record/contracts.ts";
import { RecordError } from "../../../sdk/record/record-error.ts";
import { decodeStep, type RecordStep } from "../../../sdk/record/record-steps.ts";
import { readBlock, readReceiptLogs } from "../../../sdk/record/rpc-answers.ts";
import type { RpcCall } from "../../../sdk/record/rpc.ts";

/** The contracts' events in a transaction, in order; null if it is not in the chain. @throws RpcError; RecordError */
export async function readTransactionSteps(
  rpc: RpcCall,
  contracts: RecordContracts,
  hash: string,
): Promise<readonly RecordStep[] | null> {
  const logs = await readReceiptLogs(rpc, hash);
  if (logs === null) return null;
  const [first] = logs;
  if (first === undefined) return [];
  const block = await readBlock(rpc, first.blockNumber);
  if (block?.hash !== first.blockHash) throw new RecordError("reorged", `Block ${first.blockNumber} was replaced`);
  return logs.flatMap((log) => decodeStep(contracts, log, block.timestamp) ?? []);
}
