import { Interface, isHexString } from "ethers";

import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import type { AuditOptions } from "./accounts.ts";
import { readEnd, readLogs } from "./chain-logs.ts";
import { topicOf } from "./payment-signature.ts";
import { RecordError } from "./record-error.ts";
import type { RpcCall } from "./rpc.ts";
import { type ChainLog, readBlock } from "./rpc-answers.ts";

const LEDGER = new Interface(ILedger__factory.abi);
const TRANSFER = new Interface(["event Transfer(address indexed from, address indexed to, uint256 value)"]);
const LEDGER_TRANSFER = LEDGER.getEvent("Transfer")?.topicHash ?? "";
const TOKEN_TRANSFER = TRANSFER.getEvent("Transfer")?.topicHash ?? "";
const NOBODY = topicOf("0x0");

/** What stood against what, after a block. In smallest units. */
export interface ReservesPoint {
  readonly blockNumber: number;
  /** Unix seconds. */
  readonly timestamp: number;
  /** What the accounts sum to. */
  readonly supply: bigint;
  /** What the Ledger got of the token less what it gave, by the token's own events. */
  readonly held: bigint;
}

export interface ReservesOptions extends AuditOptions {
  /** How many points to keep at most; the last is always there. By default 200. */
  readonly points?: number;
}

/**
 * How supply and holdings of a token went, block by block, from where the events begin. @throws RangeError on fewer than two
 * points; RpcError; RecordError
 */
export async function reservesHistory(
  rpc: RpcCall,
  ledger: string,
  token: string,
  { fromBlock, toBlock = "latest", points = 200, ...reading }: ReservesOptions,
): Promise<readonly ReservesPoint[]> {
  if (points < 2) throw new RangeError("A history has two points at least");
  const end = await readEnd(rpc, toBlock);
  const read = (address: string, topics: readonly (string | null)[]): Promise<readonly ChainLog[]> =>
    readLogs(rpc, { address: [address], topics }, fromBlock, end, reading);
  const own = topicOf(ledger);
  const supply = [
    ...changes(await read(ledger, [LEDGER_TRANSFER, NOBODY]), (log) => minted(log, token)),
    ...changes(await read(ledger, [LEDGER_TRANSFER, null, NOBODY]), (log) => -minted(log, token)),
  ];
  const held = [
    ...changes(await read(token, [TOKEN_TRANSFER, null, own]), moved),
    ...changes(await read(token, [TOKEN_TRANSFER, own]), (log) => -moved(log)),
  ];
  const kept = downsample(sumByBlock(supply, held), points);
  return Promise.all(
    kept.map(async (point) => {
      const block = await readBlock(rpc, point.blockNumber);
      if (block === null) throw new RecordError("reorged", `Block ${point.blockNumber} was replaced`);
      return { ...point, timestamp: block.timestamp };
    }),
  );
}

interface Change {
  readonly blockNumber: number;
  readonly amount: bigint;
}

type Sums = Omit<ReservesPoint, "timestamp">;

function changes(logs: readonly ChainLog[], amountOf: (log: ChainLog) => bigint): readonly Change[] {
  return logs.map((log) => ({ blockNumber: log.blockNumber, amount: amountOf(log) }));
}

/** Of a mint or burn in the Ledger; those of other tokens count for nothing. */
function minted(log: ChainLog, token: string): bigint {
  const args = LEDGER.parseLog(log)?.args;
  if (args === undefined) throw new RecordError("contradiction", "A transfer of the Ledger cannot be read");
  return args.id === BigInt(token) ? (args.amount as bigint) : 0n;
}

/** Tokens name their indexed parameters as they like, but the amount is all of the data. */
function moved({ data }: ChainLog): bigint {
  if (!isHexString(data, 32)) throw new RecordError("contradiction", "A transfer of the token has no amount");
  return BigInt(data);
}

function sumByBlock(supply: readonly Change[], held: readonly Change[]): readonly Sums[] {
  const byBlock = new Map<number, { supply: bigint; held: bigint }>();
  const at = (block: number): { supply: bigint; held: bigint } => {
    const sums = byBlock.get(block) ?? { supply: 0n, held: 0n };
    byBlock.set(block, sums);
    return sums;
  };
  for (const { blockNumber, amount } of supply) at(blockNumber).supply += amount;
  for (const { blockNumber, amount } of held) at(blockNumber).held += amount;
  const total = { supply: 0n, held: 0n };
  const blocks = [...byBlock].sort(([a], [b]) => a - b);
  const sums: Sums[] = [];
  for (const [blockNumber, change] of blocks) {
    total.supply += change.supply;
    total.held += change.held;
    const before = sums.at(-1);
    // A mint of another token.
    if (before?.supply === total.supply && before.held === total.held) continue;
    sums.push({ blockNumber, ...total });
  }
  return sums;
}

/**
 * At most `points`, evenly spread, and of each stretch the one with the least cover: a gap must not hide between points. The last
 * stays, as it is what stands now.
 */
export function downsample<T extends Pick<ReservesPoint, "supply" | "held">>(
  all: readonly T[],
  points: number,
): readonly T[] {
  if (all.length <= points) return all;
  const [rest, last] = [all.slice(0, -1), all.slice(-1)];
  const kept = Array.from({ length: points - 1 }, (_, index) => {
    const from = Math.floor((index * rest.length) / (points - 1));
    const stretch = rest.slice(from, Math.floor(((index + 1) * rest.length) / (points - 1)));
    return stretch.reduce((least, point) => (point.held - point.supply < least.held - least.supply ? point : least));
  });
  return [...kept, ...last];
}
