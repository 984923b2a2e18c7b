import { RLP } from "@ethereumjs/rlp";
import { hexlify } from "ethers";

import { envelope, has, kindOf, nodeBytes, type NodeFields, nodeFields, nodeList, nodeWhole } from "./node-fields.ts";

/** Of the OP stack: a transaction that its L1 put into the chain. */
export const DEPOSIT_KIND = 0x7e;

const KNOWN_KINDS: readonly number[] = [0, 1, 2, 3, 4, DEPOSIT_KIND];

export function isKnownKind(kind: number): boolean {
  return KNOWN_KINDS.includes(kind);
}

/**
 * A transaction's receipt as its block's trie has it (EIP-2718, EIP-658). Kinds that are not known here are encoded as all but deposits
 * are: whether that was right is told by the trie's root.
 * @param receipt As `eth_getTransactionReceipt` answers. @throws RpcError `malformed`
 */
export function encodeReceipt(receipt: NodeFields): Uint8Array {
  const kind = kindOf(receipt);
  const logs = nodeList(receipt, "logs").map((log) => {
    const topics = Array.isArray(log.topics) ? (log.topics as unknown[]) : [];
    return [
      nodeBytes(log, "address"),
      topics.map((topic) => nodeBytes(nodeFields({ topic }), "topic")),
      nodeBytes(log, "data"),
    ];
  });
  // Before Byzantium there was the state's root in the place of the status.
  const outcome = has(receipt, "status") ? nodeWhole(receipt, "status") : nodeBytes(receipt, "root");
  const common = [outcome, nodeWhole(receipt, "cumulativeGasUsed"), nodeBytes(receipt, "logsBloom"), logs];
  // Since Canyon, which numbers the form, the nonce is hashed too; before, nodes told it and did not hash it.
  const isNumbered = kind === DEPOSIT_KIND && has(receipt, "depositReceiptVersion");
  const deposit = isNumbered ? ["depositNonce", "depositReceiptVersion"].map((name) => nodeWhole(receipt, name)) : [];
  return envelope(kind, [...common, ...deposit]);
}

/** An event out of a receipt that is proven; hexadecimal digits in small letters. */
export interface ProvenLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface ProvenOutcome {
  /** Whether the transaction did what it was to do; of one before Byzantium nobody knows. */
  readonly succeeded: boolean;
  readonly logs: readonly ProvenLog[];
}

/** Reads a receipt as the trie has it. @returns `undefined` if it is none. */
export function decodeReceipt(bytes: Uint8Array): ProvenOutcome | undefined {
  try {
    const [first = 0] = bytes;
    const fields: unknown = RLP.decode(first < 0xc0 ? bytes.subarray(1) : bytes);
    if (!Array.isArray(fields)) return undefined;
    const [status, , , logs] = fields as unknown[];
    if (!(status instanceof Uint8Array) || !Array.isArray(logs)) return undefined;
    return { succeeded: hexlify(status) === "0x01", logs: logs.map(decodeLog) };
  } catch {
    return undefined;
  }
}

/** @throws TypeError if it is none. */
function decodeLog(log: unknown): ProvenLog {
  const [address, topics, data] = Array.isArray(log) ? (log as unknown[]) : [];
  if (!(address instanceof Uint8Array) || !Array.isArray(topics) || !(data instanceof Uint8Array)) {
    throw new TypeError("no event");
  }
  return {
    address: hexlify(address),
    topics: (topics as unknown[]).map((topic) => {
      if (!(topic instanceof Uint8Array)) throw new TypeError("no topic");
      return hexlify(topic);
    }),
    data: hexlify(data),
  };
}
