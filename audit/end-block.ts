import { readEnd } from "../sdk/record/chain-logs.ts";
import { RecordError } from "../sdk/record/record-error.ts";
import { type RpcCall, RpcError } from "../sdk/record/rpc.ts";
import { type BlockHeader, readBlock } from "../sdk/record/rpc-answers.ts";
import { readCode } from "./find-contracts.ts";

/** How far behind the head an audit ends where the node does not know what is final. */
export const DEFAULT_DEPTH = 64;

/**
 * The block that an audit ends with, by its hash. By default the last one that is final, else one so deep below the head.
 * @throws RpcError; RecordError `no_block`
 */
export async function fixEnd(rpc: RpcCall, to: number | "latest" | "finalized" | null): Promise<BlockHeader> {
  if (to !== null) return readEnd(rpc, to);
  const final = await readFinal(rpc);
  if (final !== null) return final;
  const head = await readEnd(rpc, "latest");
  return readEnd(rpc, Math.max(0, head.number - DEFAULT_DEPTH));
}

async function readFinal(rpc: RpcCall): Promise<BlockHeader | null> {
  try {
    return await readBlock(rpc, "finalized");
  } catch (error) {
    if (error instanceof RpcError && error.failure !== "unreachable") return null;
    throw error;
  }
}

/**
 * The block that a contract was deployed in: what is told of it, if it is told, else by halving; 0 from a node that keeps no old state, where nothing is left out by it.
 * @throws RpcError; RecordError `no_block` if it is not there at the end
 */
export async function findBirth(
  rpc: RpcCall,
  address: string,
  end: BlockHeader,
  told: number | null = null,
): Promise<number> {
  const isThere = async (number: number): Promise<boolean> =>
    (await readCode(rpc, address, { ...end, number })) !== "0x";
  if (!(await isThere(end.number))) {
    throw new RecordError("no_block", `There is no contract at ${address} in block ${end.number}`);
  }
  // Told too late, events are missing and the storage differs: the audit says so.
  if (told !== null) return Math.min(told, end.number);
  let [before, by] = [-1, end.number];
  try {
    while (by - before > 1) {
      const middle = Math.floor((before + by) / 2);
      if (await isThere(middle)) by = middle;
      else before = middle;
    }
    return by;
  } catch (error) {
    if (error instanceof RpcError && error.failure !== "unreachable") return 0;
    throw error;
  }
}
