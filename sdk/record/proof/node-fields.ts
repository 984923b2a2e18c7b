import { type Input, RLP } from "@ethereumjs/rlp";
import { getBytes, isHexString } from "ethers";

import { RpcError } from "../rpc.ts";

/** An object as a node answers it. */
export type NodeFields = Readonly<Record<string, unknown>>;

/** @throws RpcError `malformed` */
export function nodeFields(value: unknown): NodeFields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("no object");
  return value as NodeFields;
}

/** @throws RpcError `malformed` */
export function nodeList(fields: NodeFields, name: string): readonly NodeFields[] {
  const list = fields[name];
  if (!Array.isArray(list)) throw malformed(`no list ${name}`);
  return list.map(nodeFields);
}

/** Bytes as they stand. @throws RpcError `malformed` */
export function nodeBytes(fields: NodeFields, name: string): Uint8Array {
  const value = fields[name];
  if (!isHexString(value, true)) throw malformed(`no bytes ${name}`);
  return getBytes(value);
}

/** A whole number without leading zeros, as RLP has it; zero is no bytes. @throws RpcError `malformed` */
export function nodeWhole(fields: NodeFields, name: string): Uint8Array {
  const value = fields[name];
  if (!isHexString(value)) throw malformed(`no number ${name}`);
  const number = BigInt(value);
  const digits = number.toString(16);
  return number === 0n ? new Uint8Array() : getBytes(`0x${digits.length % 2 === 0 ? digits : `0${digits}`}`);
}

export function has(fields: NodeFields, name: string): boolean {
  return fields[name] !== undefined && fields[name] !== null;
}

/** A kind by EIP-2718 in front of a list; of kind 0 the list alone. */
export function envelope(kind: number, fields: Input): Uint8Array {
  const list = RLP.encode(fields);
  return kind === 0 ? list : new Uint8Array([kind, ...list]);
}

/** By EIP-2718; 0 where nothing is said. @throws RpcError `malformed` */
export function kindOf(fields: NodeFields): number {
  const { type = "0x0" } = fields;
  const kind = isHexString(type) ? Number(type) : NaN;
  if (!Number.isSafeInteger(kind) || kind > 0x7f) throw malformed("no kind of transaction");
  return kind;
}

export function malformed(what: string): RpcError {
  return new RpcError("malformed", `The node answers with ${what}`);
}
