import type { EventFragment } from "ethers";

import { type ContractName, nameOf, type RecordContracts } from "../sdk/record/contracts.ts";
import { decodeStep, type FieldValue, INTERFACES } from "../sdk/record/record-steps.ts";
import type { ChainLog } from "../sdk/record/rpc-answers.ts";

/** An event of one of the contracts, its hexadecimal digits in small letters. */
export interface ChainEvent {
  readonly contract: ContractName;
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly log: ChainLog;
}

interface Layout {
  readonly name: string;
  /** Null: an event with members of no fixed size, left to ethers. */
  readonly members: readonly { readonly name: string; readonly type: string; readonly indexed: boolean }[] | null;
}

const WORD = 64;
const STATIC = /^(address|bool|bytes32|u?int\d+)$/;

/**
 * Reads events: words at fixed places, where ethers takes a hundred times as long, which for most events is more than to check a
 * signature. `undefined`: an event of none of the interfaces. `null`: one that cannot be read as its interface says.
 */
export function createEventReader(contracts: RecordContracts): (log: ChainLog) => ChainEvent | null | undefined {
  const names = new Map<string, ContractName | undefined>();
  const layouts = new Map<string, Layout>();
  for (const [contract, abi] of Object.entries(INTERFACES)) {
    abi.forEachEvent((event) => layouts.set(`${contract}${event.topicHash}`, layoutOf(event)));
  }
  return (log) => {
    const { address } = log;
    if (!names.has(address)) names.set(address, nameOf(contracts, address));
    const contract = names.get(address);
    if (contract === undefined) return undefined;
    const layout = layouts.get(`${contract}${log.topics[0] ?? ""}`);
    if (layout === undefined) return undefined;
    if (layout.members === null) return readByEthers(contracts, contract, log);
    const fields: Record<string, FieldValue> = {};
    let [topic, word] = [1, 0];
    for (const { name, type, indexed } of layout.members) {
      const text = indexed ? log.topics[topic]?.slice(2) : log.data.slice(2 + word * WORD, 2 + (word + 1) * WORD);
      if (indexed) topic += 1;
      else word += 1;
      if (text?.length !== WORD) return null;
      fields[name] = valueOf(type, text);
    }
    if (topic !== log.topics.length || log.data.length !== 2 + word * WORD) return null;
    return { contract, name: layout.name, fields, log };
  };
}

/** @throws TypeError if the event has no such text. */
export function text({ name: event, fields }: ChainEvent, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new TypeError(`${event} has no text ${name}`);
  return value;
}

/** @throws TypeError if the event has no such whole number. */
export function whole({ name: event, fields }: ChainEvent, name: string): bigint {
  const value = fields[name];
  if (typeof value !== "bigint") throw new TypeError(`${event} has no whole number ${name}`);
  return value;
}

/** The token that an ERC-6909 id names. */
export function tokenOf(id: bigint): string {
  return `0x${id.toString(16).padStart(40, "0")}`;
}

function layoutOf(event: EventFragment): Layout {
  const members = event.inputs.map(({ name, type, indexed }) => ({ name, type, indexed: indexed === true }));
  return { name: event.name, members: members.every(({ type }) => STATIC.test(type)) ? members : null };
}

function valueOf(type: string, word: string): FieldValue {
  if (type === "address") return `0x${word.slice(24)}`;
  if (type === "bytes32") return `0x${word}`;
  if (type === "bool") return !/^0+$/.test(word);
  return BigInt(`0x${word}`);
}

function readByEthers(contracts: RecordContracts, contract: ContractName, log: ChainLog): ChainEvent | null {
  const step = decodeStep(contracts, log, 0);
  if (step === undefined) return null;
  const fields = small(step.fields) as ChainEvent["fields"];
  return { contract, name: step.event, fields, log };
}

function small(value: FieldValue): FieldValue {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value)) return (value as readonly FieldValue[]).map(small);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, small(member)]));
}
