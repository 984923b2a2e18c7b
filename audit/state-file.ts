import { readFile, rename, writeFile } from "node:fs/promises";

import type { RecordContracts } from "../sdk/record/contracts.ts";
import type { RpcCall } from "../sdk/record/rpc.ts";
import { type BlockHeader, readBlock } from "../sdk/record/rpc-answers.ts";
import type { Books } from "./books.ts";
import { decodeData, encodeData } from "./plain-data.ts";

const FORMAT = "corridor-audit-1";

/** How far an audit has come. */
export interface AuditState {
  readonly format: string;
  readonly contracts: RecordContracts;
  /** The Ledger's first block, and the first block whose payments are checked. */
  readonly birth: number;
  readonly from: number;
  /** The last block that is in the books. */
  readonly done: Pick<BlockHeader, "number" | "hash">;
  readonly books: Books;
}

/** Why a state cannot be gone on from. */
export class StateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StateError";
  }
}

/** @returns null if there is no such file. @throws StateError if it is none of ours */
export async function readState(path: string): Promise<AuditState | null> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new StateError(`${path} cannot be read`, { cause });
  }
  let state: AuditState;
  try {
    state = decodeData(content) as AuditState;
  } catch (cause) {
    throw new StateError(`${path} is no state of an audit`, { cause });
  }
  // Of a null or of a list this is undefined as well.
  if ((state as Partial<AuditState> | null)?.format !== FORMAT) throw new StateError(`${path} is no state of an audit`);
  return state;
}

/** Replaces the file as a whole: a crash leaves the old one or the new one. */
export async function writeState(path: string, state: Omit<AuditState, "format">): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, encodeData({ format: FORMAT, ...state }));
  await rename(draft, path);
}

/** @throws StateError if the state is of another chain, Ledger or range, or of blocks that the chain does not have any more */
export async function requireSameChain(
  rpc: RpcCall,
  state: AuditState,
  asked: { readonly chainId: bigint; readonly ledger: string; readonly from: number | null; readonly end: BlockHeader },
): Promise<void> {
  const { contracts, done, from } = state;
  if (contracts.chainId !== asked.chainId) throw new StateError(`The state is of chain ${contracts.chainId}`);
  if (contracts.ledger !== asked.ledger.toLowerCase())
    throw new StateError(`The state is of the Ledger ${contracts.ledger}`);
  if (asked.from !== null && asked.from !== from) throw new StateError(`The state is of an audit from block ${from}`);
  if (asked.end.number < done.number) {
    throw new StateError(`The state is of block ${done.number}, after the end ${asked.end.number}`);
  }
  if ((await readBlock(rpc, done.number))?.hash !== done.hash) {
    throw new StateError(
      `Block ${done.number} is not ${done.hash} any more: the chain was reorganised. Start without it`,
    );
  }
}
