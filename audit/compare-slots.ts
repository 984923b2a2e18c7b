import { isHexString } from "ethers";

import type { RecordContracts } from "../sdk/record/contracts.ts";
import { type RpcCall, RpcError } from "../sdk/record/rpc.ts";
import { type BlockHeader, blockTag } from "../sdk/record/rpc-answers.ts";
import type { Books } from "./books.ts";
import type { ExceptionLog } from "./exceptions.ts";
import { type ExpectedSlot, expectedSlots } from "./storage-slots.ts";

const AT_ONCE = 1_000;

/**
 * Holds every slot that the events say something about against the contracts' storage. @returns how many there are.
 * @throws RpcError, of a node that does not keep the state of the end block among others
 */
export async function compareSlots(
  rpc: RpcCall,
  books: Books,
  contracts: RecordContracts,
  end: BlockHeader,
  { note }: ExceptionLog,
  onProgress: (done: number) => void,
): Promise<number> {
  let done = 0;
  let part: ExpectedSlot[] = [];

  async function compare(): Promise<void> {
    const words = await Promise.all(part.map(({ contract, slot }) => readSlot(rpc, contract, slot, end)));
    for (const [index, { word, mask, what, place }] of part.entries()) {
      const actual = words[index] ?? 0n;
      if ((actual & mask) === (word & mask)) continue;
      note(
        "slot_differs",
        what,
        place,
        `it holds ${describe(what, actual)}, its events come to ${describe(what, word)}`,
      );
    }
    done += part.length;
    part = [];
    onProgress(done);
  }

  for (const slot of expectedSlots(books, contracts)) {
    part.push(slot);
    if (part.length >= AT_ONCE) await compare();
  }
  await compare();
  return done;
}

export async function readSlot(rpc: RpcCall, contract: string, slot: string, end: BlockHeader): Promise<bigint> {
  const word = await rpc("eth_getStorageAt", [contract, slot, blockTag(end.number)]);
  if (!isHexString(word)) throw new RpcError("malformed", "The node answers with no word of storage");
  return word === "0x" ? 0n : BigInt(word);
}

/** An account's word by its members; others as they are. */
function describe(what: string, word: bigint): string {
  if (!what.startsWith("ledger: account")) return `0x${word.toString(16)}`;
  const [balance, window] = [word & (2n ** 128n - 1n), (word >> 128n) & (2n ** 64n - 1n)];
  return `balance ${balance}, next nonce ${(word >> 192n) & (2n ** 56n - 1n)}, window 0x${window.toString(16)}`;
}
