import { hexlify } from "ethers";

import { RecordError } from "../record-error.ts";
import { type RpcCall, RpcError } from "../rpc.ts";
import { blockTag } from "../rpc-answers.ts";
import { encodeHeader, readHeader } from "./block-header.ts";
import { kindOf, malformed, nodeBytes, type NodeFields, nodeFields, nodeList } from "./node-fields.ts";
import { type OrderedTrie, orderedTrie } from "./ordered-trie.ts";
import { ProofError } from "./proof-error.ts";
import { encodeReceipt, isKnownKind } from "./receipt-envelope.ts";
import { encodeTransaction } from "./transaction-envelope.ts";

/** A block with all that proves what stands in it. */
export interface BlockProof {
  readonly number: number;
  readonly hash: string;
  /** RLP in hex; its keccak is `hash`. */
  readonly header: string;
  readonly receipts: OrderedTrie;
  /** Null of a block with kinds of transactions that are not encoded here. */
  readonly transactions: OrderedTrie | null;
  /** The places of its transactions by their hashes. */
  readonly places: ReadonlyMap<string, number>;
}

/** Receipts that are asked for one by one are asked for so many at a time. */
const AT_A_TIME = 16;

/**
 * Reads a whole block, and its receipts in one answer or else one by one, and makes the tries of both anew.
 * @throws ProofError if they do not come to what the header has; RpcError; RecordError `no_block`, `reorged`
 */
export async function readBlockProof(rpc: RpcCall, number: number): Promise<BlockProof> {
  const answer = await rpc("eth_getBlockByNumber", [blockTag(number), true]);
  if (answer === null) throw new RecordError("no_block", `The node has no block ${number}`);
  const block = nodeFields(answer);
  const header = encodeHeader(block);
  const hash = hexlify(nodeBytes(block, "hash"));
  if (readHeader(hexlify(header))?.number !== BigInt(number)) throw malformed("another block than was asked for");
  const transactions = nodeList(block, "transactions");
  const hashes = transactions.map((transaction) => hexlify(nodeBytes(transaction, "hash")));
  const answered = await readReceipts(rpc, number, hash, hashes);
  const receipts = await orderedTrie(answered.map(encodeReceipt));
  if (receipts.root !== hexlify(nodeBytes(block, "receiptsRoot"))) throw otherReceipts(number, answered);
  return {
    ...{ number, hash, header: hexlify(header), receipts },
    transactions: await transactionTrie(block, transactions),
    places: new Map(hashes.map((one, index) => [one, index])),
  };
}

async function readReceipts(
  rpc: RpcCall,
  number: number,
  blockHash: string,
  hashes: readonly string[],
): Promise<readonly NodeFields[]> {
  const receipts = (await readAtOnce(rpc, number)) ?? (await readOneByOne(rpc, hashes));
  if (receipts.length !== hashes.length) throw new RecordError("reorged", `Block ${number} changed while it was read`);
  return receipts.map((receipt, index) => {
    const isOf = hexlify(nodeBytes(receipt, "blockHash")) === blockHash;
    const isAt = hexlify(nodeBytes(receipt, "transactionHash")) === hashes[index];
    if (!isOf || !isAt) throw new RecordError("reorged", `Block ${number} changed while it was read`);
    return receipt;
  });
}

/** @returns `undefined` if the node does not know the question. */
async function readAtOnce(rpc: RpcCall, number: number): Promise<readonly NodeFields[] | undefined> {
  try {
    const answer = await rpc("eth_getBlockReceipts", [blockTag(number)]);
    return Array.isArray(answer) ? answer.map(nodeFields) : undefined;
  } catch (error) {
    if (error instanceof RpcError && error.failure !== "unreachable") return undefined;
    throw error;
  }
}

async function readOneByOne(rpc: RpcCall, hashes: readonly string[]): Promise<readonly NodeFields[]> {
  const receipts: NodeFields[] = [];
  for (let at = 0; at < hashes.length; at += AT_A_TIME) {
    const part = hashes.slice(at, at + AT_A_TIME).map((hash) => rpc("eth_getTransactionReceipt", [hash]));
    for (const answer of await Promise.all(part)) {
      // The block had it a moment ago.
      if (answer === null) throw new RecordError("reorged", "A transaction left its block while it was read");
      receipts.push(nodeFields(answer));
    }
  }
  return receipts;
}

async function transactionTrie(block: NodeFields, transactions: readonly NodeFields[]): Promise<OrderedTrie | null> {
  let encoded: readonly Uint8Array[];
  try {
    encoded = transactions.map(encodeTransaction);
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
  const trie = await orderedTrie(encoded);
  if (trie.root === hexlify(nodeBytes(block, "transactionsRoot"))) return trie;
  throw new ProofError("other_transactions", "The node tells other transactions than the block's header has");
}

function otherReceipts(number: number, receipts: readonly NodeFields[]): ProofError {
  const strange = [...new Set(receipts.map(kindOf).filter((kind) => !isKnownKind(kind)))];
  if (strange.length > 0) {
    const kinds = strange.map((kind) => `0x${kind.toString(16)}`).join(", ");
    return new ProofError("unknown_receipt_kind", `Block ${number} has receipts of kinds not encoded here: ${kinds}`);
  }
  return new ProofError("other_receipts", `The node tells other receipts than the header of block ${number} has`);
}
