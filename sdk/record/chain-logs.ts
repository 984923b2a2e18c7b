import { RecordError } from "./record-error.ts";
import { type RpcCall, RpcError } from "./rpc.ts";
import { type BlockHeader, blockTag, type ChainLog, parseLogs, readBlock } from "./rpc-answers.ts";

/** As `eth_getLogs` takes it; null: any topic. */
export interface LogFilter {
  readonly address: readonly string[];
  readonly topics: readonly (string | readonly string[] | null)[];
}

export interface ReadLogsOptions {
  /** How many blocks are asked for at first. */
  readonly firstStep?: number;
  readonly onProgress?: (progress: {
    readonly fromBlock: number;
    readonly done: number;
    readonly toBlock: number;
  }) => void;
  readonly signal?: AbortSignal;
}

export interface LogStepsOptions extends Omit<ReadLogsOptions, "onProgress"> {
  /** Steps with more events than this make the next one smaller, so that no answer outgrows the memory. By default no bound. */
  readonly mostLogs?: number;
}

/** All events of some blocks, both ends inclusive, in the chain's order. */
export interface LogStep {
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly logs: readonly ChainLog[];
}

const FIRST_STEP = 10_000;
const LARGEST_STEP = 1_000_000;

/** The block up to which something is read. @throws RecordError `no_block` */
export async function readEnd(rpc: RpcCall, block: number | "latest" | "finalized"): Promise<BlockHeader> {
  const end = await readBlock(rpc, block);
  if (end === null) throw new RecordError("no_block", `The node has no block ${block}`);
  return end;
}

/** @throws RecordError `reorged` if `end` is no longer in the chain. */
export async function requireSameEnd(rpc: RpcCall, end: BlockHeader): Promise<void> {
  const now = await readBlock(rpc, end.number);
  if (now?.hash !== end.hash) throw new RecordError("reorged", `Block ${end.number} was replaced while it was read`);
}

/**
 * All events from `fromBlock` to `end`, inclusive, in the chain's order. Steps are halved where the node refuses and grow again.
 * @throws RpcError if it refuses even a single block; RecordError; the reason of an abort.
 */
export async function readLogs(
  rpc: RpcCall,
  filter: LogFilter,
  fromBlock: number,
  end: BlockHeader,
  { onProgress, ...options }: ReadLogsOptions = {},
): Promise<readonly ChainLog[]> {
  const logs: ChainLog[] = [];
  for await (const step of readLogSteps(rpc, filter, fromBlock, end, options)) {
    // A call with that many arguments would overflow the stack.
    for (const log of step.logs) logs.push(log);
    onProgress?.({ fromBlock, done: step.toBlock, toBlock: end.number });
  }
  return logs;
}

/**
 * {@link readLogs} step by step, for more than the memory holds. What was yielded is of the end's chain only once all of it was: the
 * last step comes after the end was looked at again. @throws RpcError, RecordError, as that.
 */
export async function* readLogSteps(
  rpc: RpcCall,
  filter: LogFilter,
  fromBlock: number,
  end: BlockHeader,
  { firstStep = FIRST_STEP, mostLogs = Infinity, signal }: LogStepsOptions = {},
): AsyncGenerator<LogStep, void, undefined> {
  let step = firstStep;
  for (let at = fromBlock; at <= end.number;) {
    signal?.throwIfAborted();
    const last = Math.min(end.number, at + step - 1);
    const range = { ...filter, fromBlock: blockTag(at), toBlock: blockTag(last) };
    let logs: readonly ChainLog[];
    try {
      logs = parseLogs(await rpc("eth_getLogs", [range]));
      requireAnswer(filter, at, last, logs);
    } catch (error) {
      const isRefusal =
        error instanceof RpcError && (error.failure === "range_too_large" || error.failure === "refused");
      if (!isRefusal || last === at) throw error;
      step = Math.max(1, Math.floor((last - at + 1) / 2));
      continue;
    }
    if (last === end.number) {
      signal?.throwIfAborted();
      await requireSameEnd(rpc, end);
      if (logs.some((log) => log.blockNumber === end.number && log.blockHash !== end.hash)) {
        throw new RecordError("reorged", `Block ${end.number} was replaced while it was read`);
      }
    }
    yield { fromBlock: at, toBlock: last, logs: inOrder(logs) };
    at = last + 1;
    const isFull = logs.length > mostLogs;
    step = isFull ? Math.max(1, Math.floor(step / 2)) : logs.length * 2 > mostLogs ? step : step * 2;
    step = Math.min(LARGEST_STEP, step);
  }
}

/** @throws RecordError `contradiction` if an event stands twice at one place. */
function inOrder(logs: readonly ChainLog[]): readonly ChainLog[] {
  const sorted = [...logs].sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
  for (const [index, log] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next?.blockNumber !== log.blockNumber) continue;
    if (next.logIndex === log.logIndex) throw contradiction(`two events at one place of block ${log.blockNumber}`);
    if (next.blockHash !== log.blockHash) throw new RecordError("reorged", `Block ${log.blockNumber} has two hashes`);
  }
  return sorted;
}

/** A node that answers with other events than it was asked for is not believed. */
function requireAnswer(filter: LogFilter, first: number, last: number, logs: readonly ChainLog[]): void {
  const addresses = new Set(filter.address.map((address) => address.toLowerCase()));
  for (const log of logs) {
    if (log.blockNumber < first || log.blockNumber > last) throw contradiction("an event of another block");
    if (!addresses.has(log.address)) throw contradiction("an event of another contract");
    for (const [index, wanted] of filter.topics.entries()) {
      if (wanted === null) continue;
      const choices = (typeof wanted === "string" ? [wanted] : wanted).map((topic) => topic.toLowerCase());
      if (!choices.includes(log.topics[index] ?? "")) throw contradiction("an event about something else");
    }
  }
}

function contradiction(what: string): RecordError {
  return new RecordError("contradiction", `The node answers with ${what}`);
}
