import { RLP } from "@ethereumjs/rlp";
import { getBytes, hexlify, keccak256 } from "ethers";

import { has, nodeBytes, type NodeFields, nodeWhole } from "./node-fields.ts";
import { ProofError } from "./proof-error.ts";

type Member = readonly [name: string, read: (fields: NodeFields, name: string) => Uint8Array];

/** By the yellow paper, in its order. */
const MEMBERS: readonly Member[] = [
  ...(["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"] as const).map(
    (name): Member => [name, nodeBytes],
  ),
  ...(["difficulty", "number", "gasLimit", "gasUsed", "timestamp"] as const).map((name): Member => [name, nodeWhole]),
  ...(["extraData", "mixHash", "nonce"] as const).map((name): Member => [name, nodeBytes]),
];

/** What forks have put behind: EIP-1559, 4895, 4844, 4788, 7685, 7928, 7843. */
const LATER: readonly Member[] = [
  ["baseFeePerGas", nodeWhole],
  ["withdrawalsRoot", nodeBytes],
  ["blobGasUsed", nodeWhole],
  ["excessBlobGas", nodeWhole],
  ["parentBeaconBlockRoot", nodeBytes],
  ["requestsHash", nodeBytes],
  ["blockAccessListHash", nodeBytes],
  ["slotNumber", nodeWhole],
];

/**
 * The header of a block, encoded, from what a node says of it; whatever fork it is of.
 * @param block As `eth_getBlockByNumber` answers. @returns RLP whose keccak is the block's hash.
 * @throws ProofError `unknown_header` if it is not; RpcError `malformed`
 */
export function encodeHeader(block: NodeFields): Uint8Array {
  const hash = hexlify(nodeBytes(block, "hash"));
  const common = MEMBERS.map(([name, read]) => read(block, name));
  const later = LATER.filter(([name]) => has(block, name)).map(([name, read]) => read(block, name));
  // A node may tell more of a block than was hashed; what was hashed stands in front.
  for (let count = later.length; count >= 0; count -= 1) {
    const header = RLP.encode([...common, ...later.slice(0, count)]);
    if (keccak256(header) === hash) return header;
  }
  throw new ProofError("unknown_header", `No header that is known here has the hash ${hash}`);
}

export interface ProvenHeader {
  readonly hash: string;
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly transactionsRoot: string;
  readonly receiptsRoot: string;
}

/** Reads what anybody may have written. @param header RLP in hex. @returns `undefined` if it is no header. */
export function readHeader(header: string): ProvenHeader | undefined {
  const items = decodeList(header);
  const [, , , , transactionsRoot, receiptsRoot, , , number, , , timestamp] = items ?? [];
  if (items === undefined || items.length < MEMBERS.length) return undefined;
  if (!isBytes(transactionsRoot, 32) || !isBytes(receiptsRoot, 32)) return undefined;
  const [height, time] = [wholeOf(number), wholeOf(timestamp)];
  if (height === undefined || time === undefined) return undefined;
  return {
    ...{ hash: keccak256(header), number: height, timestamp: time },
    ...{ transactionsRoot: hexlify(transactionsRoot), receiptsRoot: hexlify(receiptsRoot) },
  };
}

function decodeList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = RLP.decode(getBytes(text));
    return Array.isArray(value) ? (value as unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

function wholeOf(value: unknown): bigint | undefined {
  if (!(value instanceof Uint8Array) || value.length > 8) return undefined;
  return value.length === 0 ? 0n : BigInt(hexlify(value));
}
