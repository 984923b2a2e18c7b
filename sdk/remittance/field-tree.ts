import { keccak_256 } from "@noble/hashes/sha3.js";
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { computeHmac, concat, getBytes, hexlify, isHexString, keccak256, toBeHex, toUtf8Bytes } from "ethers";

import { type RecordField, requireText } from "./fields.ts";
import { RemittanceError } from "./remittance-error.ts";

/** What each kind of hash begins with, so that none can be taken for another. */
const [LEAF_TAG, NODE_TAG, MEMO_TAG] = ["leaf", "node", "memo"].map((kind) =>
  keccak_256(toUtf8Bytes(`corridor.remittance.${kind}.v1`)),
) as [Uint8Array, Uint8Array, Uint8Array];
const SALT_LABEL = toUtf8Bytes("corridor.remittance.salt.v1");

/** A leaf with the salt that hides it. */
export interface SaltedField extends RecordField {
  readonly salt: string;
}

/**
 * The salt of one field: HMAC-SHA-256 of its pointer under the record's salt. Who has one field's salt learns nothing of the record's, nor of
 * another field's. @throws RemittanceError `invalid_salt` unless the record's salt has 32 bytes, in hex.
 */
export function fieldSalt(recordSalt: string, pointer: string): string {
  if (!isHexString(recordSalt, 32)) throw new RemittanceError("invalid_salt", "", "0x and 64 hex digits");
  return computeHmac("sha256", recordSalt, concat([SALT_LABEL, toUtf8Bytes(pointer)]));
}

/** keccak256(tag ‖ salt ‖ keccak256(pointer) ‖ keccak256(value)), 128 bytes before hashing. */
export function leafHash({ pointer, value, salt }: SaltedField): string {
  const [at, what] = [pointer, value].map((text) => keccak_256(toUtf8Bytes(text))) as [Uint8Array, Uint8Array];
  return hashOf(LEAF_TAG, getBytes(salt), at, what);
}

/**
 * The hash of two nodes in their order. The library's own sorts them, so that a proof would not say where its leaf stands, and a record
 * made with one field twice could be shown with either value.
 */
function nodeHash(left: string, right: string): string {
  return hashOf(NODE_TAG, getBytes(left), getBytes(right));
}

/** keccak256(tag ‖ number of fields ‖ keccak256(all pointers) ‖ root). @param pointers Of all fields, in order. */
export function memoOf(pointers: readonly string[], root: string): string {
  const outline = keccak256(toUtf8Bytes(requireText(pointers)));
  return keccak256(concat([MEMO_TAG, toBeHex(pointers.length, 32), outline, root]));
}

/** The tree as an array: the root first, the children of `i` at `2i + 1` and `2i + 2`, the first leaf last. */
export function buildTree(leaves: readonly string[]): readonly string[] {
  return SimpleMerkleTree.of([...leaves], {
    sortLeaves: false,
    nodeHash: (left, right) => nodeHash(hexOf(left), hexOf(right)),
  }).dump().tree;
}

/** The nodes that whoever has the leaves at these places needs to find the root, from the leaves up. */
export function openTree(tree: readonly string[], places: readonly number[]): readonly string[] {
  const proof: string[] = [];
  climb(tree.length, places, (index) => {
    const node = tree[index];
    if (node === undefined) throw new RangeError("The tree has no such node");
    proof.push(node);
  });
  return proof;
}

/** @param leaves By their places. @returns the root; undefined if the proof has too few nodes, or too many. */
export function rootOf(
  count: number,
  leaves: ReadonlyMap<number, string>,
  proof: readonly string[],
): string | undefined {
  const size = 2 * count - 1;
  const nodes = new Map([...leaves].map(([place, leaf]) => [size - 1 - place, leaf]));
  let used = 0;
  climb(
    size,
    [...leaves.keys()],
    (index) => {
      const node = proof[used++];
      if (node !== undefined) nodes.set(index, node);
    },
    (parent) => {
      const [left, right] = [nodes.get(2 * parent + 1), nodes.get(2 * parent + 2)];
      if (left !== undefined && right !== undefined) nodes.set(parent, nodeHash(left, right));
    },
  );
  return used === proof.length ? nodes.get(0) : undefined;
}

/** Goes from known leaves to the root. @param onMissing A node that is needed. @param onParent One that can be made then. */
function climb(
  size: number,
  places: readonly number[],
  onMissing: (index: number) => void,
  onParent: (index: number) => void = () => undefined,
): void {
  const known = new Set(places.map((place) => size - 1 - place));
  for (let right = size - 1; right > 0; right -= 2) {
    const pair = [right, right - 1];
    if (!pair.some((index) => known.has(index))) continue;
    for (const index of pair) if (!known.has(index)) onMissing(index);
    const parent = right / 2 - 1;
    known.add(parent);
    onParent(parent);
  }
}

/** Of parts of 32 bytes each. A record has thousands: they are hashed as bytes. */
function hashOf(...parts: readonly Uint8Array[]): string {
  const whole = new Uint8Array(32 * parts.length);
  for (const [index, part] of parts.entries()) whole.set(part, 32 * index);
  return hexlify(keccak_256(whole));
}

function hexOf(node: string | Uint8Array | readonly number[]): string {
  return typeof node === "string" ? node : concat([Uint8Array.from(node)]);
}
