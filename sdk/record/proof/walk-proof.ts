import { RLP } from "@ethereumjs/rlp";
import { getBytes, hexlify, keccak256 } from "ethers";

/** A node, or one that is so short that its parent holds it and not its hash. */
type Item = Uint8Array | readonly Item[];

/**
 * What a Merkle-Patricia trie has at a place of an ordered list, by a proof. Each node must be the one whose hash its parent has, and
 * the last one must be reached: a node too many is refused like one too few.
 * @param root 32 bytes in hex. @param nodes From the root on, in hex. @returns the value; `undefined` if the proof does not hold.
 */
export function walkProof(root: string, index: number, nodes: readonly string[]): Uint8Array | undefined {
  if (!Number.isSafeInteger(index) || index < 0) return undefined;
  try {
    return walk(root, nibblesOf(RLP.encode(index)), nodes);
  } catch {
    // No RLP, or none that a node has.
    return undefined;
  }
}

function walk(root: string, path: readonly number[], nodes: readonly string[]): Uint8Array | undefined {
  let [at, used] = [0, 0];
  let next: Item = getBytes(root);
  for (;;) {
    let node: Item = next;
    if (node instanceof Uint8Array) {
      const text = nodes[used];
      if (node.length !== 32 || text === undefined || keccak256(text) !== hexlify(node)) return undefined;
      used += 1;
      node = RLP.decode(getBytes(text));
    }
    if (node instanceof Uint8Array) return undefined;
    if (node.length === 17) {
      const nibble = path[at];
      const child: Item | undefined = nibble === undefined ? undefined : node[nibble];
      // No place's path ends where another one's goes on, so no branch has a value of its own.
      if (child === undefined || child.length === 0) return undefined;
      at += 1;
      next = child;
      continue;
    }
    const [encoded, value]: readonly (Item | undefined)[] = node;
    if (node.length !== 2 || !(encoded instanceof Uint8Array) || value === undefined) return undefined;
    const { isLeaf, nibbles } = readPath(encoded);
    if (nibbles.some((nibble, offset) => path[at + offset] !== nibble)) return undefined;
    at += nibbles.length;
    if (!isLeaf) {
      next = value;
      continue;
    }
    const isEnd = at === path.length && used === nodes.length;
    return isEnd && value instanceof Uint8Array ? value : undefined;
  }
}

function nibblesOf(bytes: Uint8Array): readonly number[] {
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
}

/** By the yellow paper's hex prefix: a flag for leaves, and one for odd lengths. @throws RangeError on any other prefix. */
function readPath(encoded: Uint8Array): { isLeaf: boolean; nibbles: readonly number[] } {
  const [flag = 4, padding = 0, ...rest] = nibblesOf(encoded);
  const isOdd = (flag & 1) === 1;
  if (flag > 3 || (!isOdd && padding !== 0)) throw new RangeError("no path");
  return { isLeaf: flag >= 2, nibbles: isOdd ? [padding, ...rest] : rest };
}
