import { type BlockProof, readBlockProof } from "../../sdk/record/proof/block-proof.ts";
import { RpcError, type RpcCall } from "../../sdk/record/rpc.ts";
import { AppError } from "../app-error.ts";
import type { ChainSource } from "../chain/chain-reader.ts";

/** Blocks that are kept: payments of one batch, and those who come back, ask for the same. */
const KEPT = 8;
/** Blocks that are read at a time: each is some megabytes of receipts and transactions. */
const AT_A_TIME = 2;

export interface BlockProofs {
  /**
   * @param hash Of the block as the chain has it now.
   * @returns `undefined` if as many blocks are being read as may be: come again. @throws ProofError; RpcError; RecordError; AppError
   */
  of(number: number, hash: string): Promise<BlockProof> | undefined;
}

/** Reads blocks with what proves them, a few at a time, and keeps the last ones. */
export function createBlockProofs(rpc: RpcCall): BlockProofs {
  const kept = new Map<string, Promise<BlockProof>>();
  let reading = 0;
  return {
    of(number, hash) {
      const known = kept.get(hash);
      if (known !== undefined) return known;
      if (reading >= AT_A_TIME) return undefined;
      reading += 1;
      const read = readBlockProof(rpc, number).finally(() => {
        reading -= 1;
      });
      kept.set(hash, read);
      // What failed is not kept, nor is another block than was meant.
      read.then(
        (proof) => proof.hash !== hash && kept.delete(hash),
        () => kept.delete(hash),
      );
      const [oldest] = kept.keys();
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      return read;
    },
  };
}

/** Asks the relayer's nodes as the SDK asks one. */
export function rpcOf(source: Pick<ChainSource, "send">): RpcCall {
  return async (method, params) => {
    try {
      return await source.send(method, [...params]);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new RpcError("refused", `The node refuses ${method}`, null, { cause });
    }
  };
}
