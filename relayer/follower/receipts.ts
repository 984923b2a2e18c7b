import type { ChainBlock, ChainReader, Receipt } from "../chain/chain-reader.ts";
import type { Queryable } from "../store/database.ts";
import { liveBids, type LiveBid, recordOutcome } from "../store/transactions.ts";

/** A transaction of this relayer's lanes that was mined. */
export interface Mined {
  readonly lane: string;
  readonly rows: number;
  readonly gasUsed: bigint;
  readonly succeeded: boolean;
}

interface MinedBid {
  readonly bid: LiveBid;
  readonly receipt: Receipt;
}

/** A bid that was sent so long ago is asked for even if no block was seen to carry it. */
const OLD_MS = 4_000;

/**
 * Receipts of the lanes' transactions, in blocks up to `to` that are on the chain now. No receipt says nothing.
 * @param only The block, if only one is recorded: what it does not carry need not be asked for yet.
 */
export async function readReceipts(
  db: Queryable,
  reader: ChainReader,
  only: ChainBlock | undefined,
  to: bigint,
): Promise<MinedBid[]> {
  const carried = new Set(only?.transactions);
  const found: MinedBid[] = [];
  for (const bid of await liveBids(db, OLD_MS)) {
    if (only !== undefined && !bid.isOld && !carried.has(bid.hash)) continue;
    const receipt = await reader.receipt(bid.hash);
    if (receipt === undefined || receipt.blockNumber > to) continue;
    const hash = receipt.blockNumber === only?.number ? only.hash : (await reader.block(receipt.blockNumber))?.hash;
    if (hash === receipt.blockHash) found.push({ bid, receipt });
  }
  return found;
}

/** Records what was mined. To be called after the events of those blocks decided their rows. */
export async function recordReceipts(db: Queryable, receipts: readonly MinedBid[]): Promise<Mined[]> {
  const mined: Mined[] = [];
  for (const { bid, receipt } of receipts) {
    const { blockNumber, gasUsed, feeWei, succeeded } = receipt;
    const outcome = { hash: bid.transactionHash, minedHash: bid.hash, empties: bid.empties };
    const { lane, rows } = await recordOutcome(db, { ...outcome, blockNumber, gasUsed, feeWei, succeeded });
    // Another instance may have been first.
    if (lane !== "") mined.push({ lane, rows, gasUsed, succeeded });
  }
  return mined;
}
