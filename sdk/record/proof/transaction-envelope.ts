import { type Input, RLP } from "@ethereumjs/rlp";
import { hexlify, keccak256 } from "ethers";

import { envelope, has, kindOf, nodeBytes, type NodeFields, nodeList, nodeWhole } from "./node-fields.ts";
import { ProofError } from "./proof-error.ts";
import { DEPOSIT_KIND } from "./receipt-envelope.ts";

type Read = (transaction: NodeFields) => Input;

const whole =
  (name: string): Read =>
  (transaction) =>
    nodeWhole(transaction, name);
const bytes =
  (name: string): Read =>
  (transaction) =>
    nodeBytes(transaction, name);

/** None of a transaction that deploys a contract. */
const to: Read = (transaction) => (has(transaction, "to") ? nodeBytes(transaction, "to") : new Uint8Array());
const accessList: Read = (transaction) =>
  nodeList(transaction, "accessList").map((entry) => {
    const keys = Array.isArray(entry.storageKeys) ? (entry.storageKeys as unknown[]) : [];
    return [nodeBytes(entry, "address"), keys.map((key) => nodeBytes({ key }, "key"))];
  });
const blobHashes: Read = ({ blobVersionedHashes: hashes }) =>
  (Array.isArray(hashes) ? (hashes as unknown[]) : []).map((hash) => nodeBytes({ hash }, "hash"));
const authorizations: Read = (transaction) =>
  nodeList(transaction, "authorizationList").map((signed) => [
    ...[nodeWhole(signed, "chainId"), nodeBytes(signed, "address"), nodeWhole(signed, "nonce")],
    ...signature(signed),
  ]);

/** Nodes call it `yParity`, or `v` as before. */
function signature(signed: NodeFields): Uint8Array[] {
  return [nodeWhole(signed, has(signed, "yParity") ? "yParity" : "v"), nodeWhole(signed, "r"), nodeWhole(signed, "s")];
}

const target = [whole("gas"), to, whole("value"), bytes("input")];
const fees = [whole("maxPriorityFeePerGas"), whole("maxFeePerGas")];

/** The members of each kind before its signature: EIP-155, 2930, 1559, 4844, 7702. */
const SIGNED: ReadonlyMap<number, readonly Read[]> = new Map([
  [0, [whole("nonce"), whole("gasPrice"), ...target]],
  [1, [whole("chainId"), whole("nonce"), whole("gasPrice"), ...target, accessList]],
  [2, [whole("chainId"), whole("nonce"), ...fees, ...target, accessList]],
  [3, [whole("chainId"), whole("nonce"), ...fees, ...target, accessList, whole("maxFeePerBlobGas"), blobHashes]],
  [4, [whole("chainId"), whole("nonce"), ...fees, ...target, accessList, authorizations]],
]);

const DEPOSIT: readonly Read[] = [
  ...[bytes("sourceHash"), bytes("from"), to],
  (transaction) => (has(transaction, "mint") ? nodeWhole(transaction, "mint") : new Uint8Array()),
  ...[whole("value"), whole("gas")],
  ({ isSystemTx }) => (isSystemTx === true ? Uint8Array.of(1) : new Uint8Array()),
  bytes("input"),
];

/**
 * A transaction as its block's trie has it. @param transaction As `eth_getBlockByNumber` answers it within a block.
 * @throws ProofError `unknown_transaction_kind` if its hash is not that of what is encoded; RpcError `malformed`
 */
export function encodeTransaction(transaction: NodeFields): Uint8Array {
  const kind = kindOf(transaction);
  const hash = hexlify(nodeBytes(transaction, "hash"));
  const members = kind === DEPOSIT_KIND ? DEPOSIT : SIGNED.get(kind);
  if (members === undefined) throw unknown(kind, hash);
  const fields = members.map((read) => read(transaction));
  const sealed = kind === DEPOSIT_KIND ? fields : [...fields, ...(kind === 0 ? legacy : signature)(transaction)];
  const encoded = envelope(kind, sealed);
  if (keccak256(encoded) !== hash) throw unknown(kind, hash);
  return encoded;
}

/** `v` is more than a parity here: it names the chain (EIP-155). */
function legacy(signed: NodeFields): Uint8Array[] {
  return ["v", "r", "s"].map((name) => nodeWhole(signed, name));
}

/** Where the members that matter stand in each kind: whom it calls, and with what. */
const PLACES: ReadonlyMap<number, readonly [to: number, input: number]> = new Map([
  [0, [3, 5]],
  [1, [4, 6]],
  [2, [5, 7]],
  [3, [5, 7]],
  [4, [5, 7]],
  [DEPOSIT_KIND, [2, 7]],
]);

export interface ProvenCall {
  readonly hash: string;
  /** Null: it deployed a contract. */
  readonly to: string | null;
  readonly input: string;
}

/** Reads a transaction as the trie has it. @returns `undefined` if it is none of a known kind. */
export function decodeTransaction(encoded: Uint8Array): ProvenCall | undefined {
  try {
    const [first = 0] = encoded;
    const kind = first < 0xc0 ? first : 0;
    const places = PLACES.get(kind);
    const fields: unknown = RLP.decode(kind === 0 ? encoded : encoded.subarray(1));
    if (places === undefined || !Array.isArray(fields)) return undefined;
    const [called, input] = places.map((place) => (fields as unknown[])[place]);
    if (!(called instanceof Uint8Array) || !(input instanceof Uint8Array)) return undefined;
    const address = called.length === 0 ? null : hexlify(called);
    return { hash: keccak256(encoded), to: address, input: hexlify(input) };
  } catch {
    return undefined;
  }
}

function unknown(kind: number, hash: string): ProofError {
  return new ProofError(
    "unknown_transaction_kind",
    `Transaction ${hash} is of kind ${kind}, which is not encoded here`,
  );
}
