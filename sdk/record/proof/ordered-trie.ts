import { createMerkleProof, createMPT } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { hexlify } from "ethers";

/** A block's receipts or transactions, each under its place. */
export interface OrderedTrie {
  readonly root: string;
  readonly size: number;
  /** The nodes on the way from the root to what stands at `index`, in hex. */
  proofOf(index: number): Promise<readonly string[]>;
}

/** The Merkle-Patricia trie over a list, as block headers have its root. */
export async function orderedTrie(values: readonly Uint8Array[]): Promise<OrderedTrie> {
  const trie = await createMPT();
  for (const [index, value] of values.entries()) await trie.put(RLP.encode(index), value);
  return {
    ...{ root: hexlify(trie.root()), size: values.length },
    async proofOf(index) {
      return (await createMerkleProof(trie, RLP.encode(index))).map((node) => hexlify(node));
    },
  };
}
