import { isHexString } from "ethers";

import { type LogFilter, readEnd, readLogs, type ReadLogsOptions } from "./chain-logs.ts";
import { addressesOf, type ContractName, nameOf, type RecordContracts } from "./contracts.ts";
import { topicOf } from "./payment-signature.ts";
import { INTERFACES } from "./record-steps.ts";
import type { RpcCall } from "./rpc.ts";
import { type BlockHeader, type ChainLog, readReceiptLogs } from "./rpc-answers.ts";

/** Something that a search found; `id` leads to its record. */
export interface FoundPayment {
  readonly id: string;
  readonly as: "payment" | "memo" | "transaction" | "payer" | "payee";
  readonly blockNumber: number;
  readonly transactionHash: string;
}

export interface SearchPage {
  /** The newest first. */
  readonly found: readonly FoundPayment[];
  /** Where the next page ends; null: there is no more. */
  readonly next: number | null;
}

export interface SearchOptions extends ReadLogsOptions {
  /** Where the contracts' events begin. */
  readonly fromBlock: number;
  /** The newest block to look at; `next` of the page before. */
  readonly toBlock?: number | "latest" | "finalized";
  /** As soon as there are so many, the page ends; it may have some more, as blocks stay together. */
  readonly limit?: number;
}

const topic = (contract: ContractName, event: string): string => INTERFACES[contract].getEvent(event)?.topicHash ?? "";

/** Ledger and Gateway share theirs. */
const SETTLED = [topic("ledger", "Settled"), topic("x402", "Settled")];
const EXCHANGED = [topic("exchange", "Exchanged")];
const HELD = [topic("exchange", "Held")];
/** Those that have a payee as their third topic. */
const CREDITED = [...SETTLED, topic("escrow", "Opened")];
const WITH_MEMO = [topic("ledger", "Settled"), topic("escrow", "Opened"), ...EXCHANGED];

/** How many blocks are looked at before a page can end. */
const STRETCH = 50_000;

/** What a text can be looked up as; `undefined`: it is neither 32 bytes nor an address in hex. */
export function searchKindOf(text: string): "hash" | "address" | undefined {
  if (isHexString(text.trim(), 32)) return "hash";
  return isHexString(text.trim(), 20) ? "address" : undefined;
}

/**
 * Looks up a payment's id, a memo, a transaction's hash (all are 32 bytes, so all are tried) or an address that paid or was paid.
 * @throws RangeError on another text; RpcError; RecordError
 */
export async function search(
  rpc: RpcCall,
  contracts: RecordContracts,
  text: string,
  options: SearchOptions,
): Promise<SearchPage> {
  const [kind, value] = [searchKindOf(text), text.trim().toLowerCase()];
  if (kind === undefined) throw new RangeError("Only 32 bytes or an address can be looked up");
  if (kind === "address") {
    return inPages(rpc, options, async (from, end) => {
      const owner = topicOf(value);
      const asPayer = await readLogs(rpc, filterOf(contracts, SETTLED, [null, owner]), from, end, options);
      const asPayee = await readLogs(rpc, filterOf(contracts, CREDITED, [null, null, owner]), from, end, options);
      const exchanged = await readLogs(rpc, filterOf(contracts, EXCHANGED, [null, owner]), from, end, options);
      return [
        ...asPayer.map((log) => found(log, "payer")),
        ...[...asPayee, ...exchanged].map((log) => found(log, "payee")),
      ];
    });
  }
  const direct = await byHash(rpc, contracts, value, options);
  if (direct.length > 0) return { found: distinct(direct), next: null };
  return inPages(rpc, options, async (from, end) => {
    const all = await readLogs(rpc, filterOf(contracts, WITH_MEMO, []), from, end, options);
    return all.filter((log) => memoIn(contracts, log) === value).map((log) => found(log, "memo"));
  });
}

/** By an index of the chain: an id, or a transaction. */
async function byHash(
  rpc: RpcCall,
  contracts: RecordContracts,
  hash: string,
  { fromBlock, toBlock = "latest", ...reading }: SearchOptions,
): Promise<readonly FoundPayment[]> {
  const receipt = await readReceiptLogs(rpc, hash);
  if (receipt !== null) {
    return receipt.filter((log) => isOfPayment(contracts, log)).map((log) => found(log, "transaction"));
  }
  const end = await readEnd(rpc, toBlock);
  const logs = await readLogs(rpc, { address: addressesOf(contracts), topics: [null, hash] }, fromBlock, end, reading);
  const asHold = await readLogs(rpc, filterOf(contracts, HELD, [null, hash]), fromBlock, end, reading);
  // Acts have no settlement of their own, so any event about the id will do; the hold of an exchanged payment leads to that.
  return (asHold.length > 0 ? asHold : logs).slice(0, 1).map((log) => found(log, "payment"));
}

/** Looks back from the newest block in stretches until a page is full. */
async function inPages(
  rpc: RpcCall,
  { fromBlock, toBlock = "latest", limit = 50 }: SearchOptions,
  look: (from: number, end: BlockHeader) => Promise<readonly FoundPayment[]>,
): Promise<SearchPage> {
  let end = await readEnd(rpc, toBlock);
  const all: FoundPayment[] = [];
  for (;;) {
    const from = Math.max(fromBlock, end.number - STRETCH + 1);
    const part = [...(await look(from, end))].sort((a, b) => b.blockNumber - a.blockNumber);
    for (const [index, item] of part.entries()) {
      const isNewBlock = item.blockNumber !== (part[index - 1] ?? all.at(-1))?.blockNumber;
      if (distinct(all).length >= limit && isNewBlock) return { found: distinct(all), next: item.blockNumber };
      all.push(item);
    }
    if (from <= fromBlock) return { found: distinct(all), next: null };
    end = await readEnd(rpc, from - 1);
  }
}

function filterOf(contracts: RecordContracts, events: readonly string[], rest: LogFilter["topics"]): LogFilter {
  return { address: addressesOf(contracts), topics: [events, ...rest] };
}

/** Of a transaction: what settled in it, and what else was done about payments. */
function isOfPayment(contracts: RecordContracts, log: ChainLog): boolean {
  const contract = nameOf(contracts, log.address);
  if (contract === undefined) return false;
  const event = INTERFACES[contract].getEvent(log.topics[0] ?? "");
  return event?.inputs[0]?.name === "id" && event.inputs[0].indexed === true;
}

/** The memo that an event names; of a payment with terms the Ledger's event has their hash. */
function memoIn(contracts: RecordContracts, log: ChainLog): string | undefined {
  const contract = nameOf(contracts, log.address);
  const args = contract === undefined ? null : INTERFACES[contract].parseLog(log)?.args;
  return args === null || args === undefined ? undefined : String(args.memo).toLowerCase();
}

/** A payment once, by what was found first. */
function distinct(all: readonly FoundPayment[]): readonly FoundPayment[] {
  const byId = new Map<string, FoundPayment>();
  for (const item of all) if (!byId.has(item.id)) byId.set(item.id, item);
  return [...byId.values()];
}

function found(log: ChainLog, as: FoundPayment["as"]): FoundPayment {
  const { blockNumber, transactionHash } = log;
  return { id: log.topics[1] ?? "", as, blockNumber, transactionHash };
}
