import { getAddress, type EventFragment, type Interface, type Result } from "ethers";

/** A log as a node tells it. */
export interface ChainLog {
  /** With its checksum. */
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
  readonly blockHash: string;
  readonly blockNumber: number;
  /** Its place among the logs of the block. */
  readonly logIndex: number;
}

export interface Event {
  readonly name: string;
  readonly args: Result;
}

/** Reads events of one ABI. ethers' `parseLog` hashes every event's text anew for each log, which costs more than the rest. */
export function createEventReader(abi: Interface): (log: Pick<ChainLog, "topics" | "data">) => Event | undefined {
  const events = new Map<string, EventFragment>();
  abi.forEachEvent((event) => {
    events.set(event.topicHash, event);
  });
  return ({ topics, data }) => {
    const event = events.get(topics[0] ?? "");
    if (event === undefined) return undefined;
    return { name: event.name, args: abi.decodeEventLog(event, data, [...topics]) };
  };
}

const MAX_CHECKSUMS = 100_000;
const checksums = new Map<string, string>();

/** The address in a word of 32 bytes, with its checksum: a hash, so those seen lately are kept. */
export function addressIn(word: string): string {
  const known = checksums.get(word);
  if (known !== undefined) return known;
  const address = getAddress(`0x${word.slice(-40)}`);
  if (checksums.size >= MAX_CHECKSUMS) checksums.clear();
  checksums.set(word, address);
  return address;
}
