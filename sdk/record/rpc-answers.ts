import { isHexString } from "ethers";

import { type RpcCall, RpcError } from "./rpc.ts";

/** An event as a node tells it; hexadecimal digits in small letters. */
export interface ChainLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
}

export interface BlockHeader {
  readonly number: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface ChainTransaction {
  readonly hash: string;
  readonly from: string;
  /** Null: it deployed a contract. */
  readonly to: string | null;
  readonly input: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** @returns null if the chain has no such block. @throws RpcError */
export async function readBlock(rpc: RpcCall, block: number | "latest" | "finalized"): Promise<BlockHeader | null> {
  const answer = await rpc("eth_getBlockByNumber", [blockTag(block), false]);
  if (answer === null) return null;
  const fields = fieldsOf(answer);
  const [number, hash, timestamp] = [
    wholeOf(fields, "number"),
    hexOf(fields, "hash", 32),
    wholeOf(fields, "timestamp"),
  ];
  if (typeof block === "number" && number !== block) throw malformed("another block than was asked for");
  return { number, hash, timestamp };
}

/** @returns null if the chain has no such transaction. @throws RpcError */
export async function readTransaction(rpc: RpcCall, hash: string): Promise<ChainTransaction | null> {
  const answer = await rpc("eth_getTransactionByHash", [hash]);
  if (answer === null) return null;
  const fields = fieldsOf(answer);
  if (hexOf(fields, "hash", 32) !== hash.toLowerCase()) throw malformed("another transaction than was asked for");
  const to = fields.to === null || fields.to === undefined ? null : hexOf(fields, "to", 20);
  return { hash: hash.toLowerCase(), from: hexOf(fields, "from", 20), to, input: hexOf(fields, "input") };
}

/** The events of a transaction; null if it is not mined. @throws RpcError */
export async function readReceiptLogs(rpc: RpcCall, hash: string): Promise<readonly ChainLog[] | null> {
  const answer = await rpc("eth_getTransactionReceipt", [hash]);
  if (answer === null) return null;
  const logs = parseLogs(fieldsOf(answer).logs);
  if (logs.some((log) => log.transactionHash !== hash.toLowerCase())) throw malformed("another transaction's events");
  return logs;
}

/** @throws RpcError */
export async function callContract(rpc: RpcCall, to: string, data: string, block: number): Promise<string> {
  const answer = await rpc("eth_call", [{ to, data }, blockTag(block)]);
  if (!isHexString(answer)) throw malformed("no bytes");
  return answer;
}

/** @throws RpcError */
export function parseLogs(answer: unknown): readonly ChainLog[] {
  if (!Array.isArray(answer)) throw malformed("no list of events");
  return answer.map((item: unknown) => {
    const fields = fieldsOf(item);
    const topics: readonly unknown[] = Array.isArray(fields.topics) ? (fields.topics as unknown[]) : [];
    if (fields.removed === true) throw malformed("an event that a reorg took back");
    return {
      address: hexOf(fields, "address", 20),
      topics: topics.map((topic) => hexOf({ topic }, "topic", 32)),
      data: hexOf(fields, "data"),
      blockNumber: wholeOf(fields, "blockNumber"),
      blockHash: hexOf(fields, "blockHash", 32),
      transactionHash: hexOf(fields, "transactionHash", 32),
      logIndex: wholeOf(fields, "logIndex"),
    };
  });
}

export function blockTag(block: number | "latest" | "finalized"): string {
  return typeof block === "number" ? `0x${block.toString(16)}` : block;
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw malformed("no object");
  return value as Fields;
}

function hexOf(fields: Fields, name: string, length?: number): string {
  const value = fields[name];
  if (!isHexString(value, length ?? true)) throw malformed(`no ${name}`);
  return value.toLowerCase();
}

function wholeOf(fields: Fields, name: string): number {
  const value = fields[name];
  const number = isHexString(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number)) throw malformed(`no ${name}`);
  return number;
}

function malformed(what: string): RpcError {
  return new RpcError("malformed", `The node answers with ${what}`);
}
