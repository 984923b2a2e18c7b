import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { trackTransaction } from "@nomicfoundation/ignition-core";
import type { Provider } from "ethers";
import { z } from "zod";

import { DeployError } from "./deploy-error.ts";

const WAIT_MS = 120_000;
const POLL_MS = 500;

/** The lines of Ignition's journal that are read here. */
const line = z.looseObject({
  type: z.string(),
  futureId: z.string().optional(),
  networkInteractionId: z.number().optional(),
  nonce: z.number().optional(),
  hash: z.string().optional(),
  transaction: z.looseObject({ hash: z.string() }).optional(),
  receipt: z.looseObject({ blockNumber: z.number() }).optional(),
  result: z.looseObject({ address: z.string().optional() }).optional(),
});
type Line = z.infer<typeof line>;

/** One transaction of a deployment that was mined and confirmed. */
export interface JournalledTransaction {
  readonly futureId: string;
  readonly hash: string;
  readonly blockNumber: number;
}

export function hasJournal(folder: string): boolean {
  return existsSync(join(folder, "journal.jsonl"));
}

/** Begins anew; what was sent so far can still be read. @returns where the old journal is now, if there was one */
export function setJournalAside(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const aside = `${folder}-until-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  renameSync(folder, aside);
  return aside;
}

function readJournal(folder: string): Line[] {
  if (!hasJournal(folder)) return [];
  const rows = readFileSync(join(folder, "journal.jsonl"), "utf8").split("\n");
  return rows.flatMap((text) => {
    if (text.trim() === "") return [];
    try {
      return [line.parse(JSON.parse(text))];
    } catch {
      // The last line of a process that was killed.
      return [];
    }
  });
}

/** What was confirmed, in the order of confirmation. */
export function confirmedTransactions(folder: string): JournalledTransaction[] {
  return readJournal(folder).flatMap(({ type, futureId, hash, receipt }) =>
    type === "TRANSACTION_CONFIRM" && futureId !== undefined && hash !== undefined && receipt !== undefined
      ? [{ futureId, hash, blockNumber: receipt.blockNumber }]
      : [],
  );
}

/** The contracts that the journal says are there. @throws DeployError `foreign_journal` if one of them is not. */
export async function requireSameChain(folder: string, provider: Pick<Provider, "getCode">): Promise<void> {
  for (const { type, futureId, result } of readJournal(folder)) {
    if (type !== "DEPLOYMENT_EXECUTION_STATE_COMPLETE" || result?.address === undefined) continue;
    if ((await provider.getCode(result.address)) !== "0x") continue;
    throw new DeployError(
      "foreign_journal",
      `${folder} says that ${futureId ?? "a contract"} is at ${result.address}, where there is no code.`,
      "a journal of this very chain",
      "if the chain began anew, forget the journal by --reset; else ask another node",
    );
  }
}

/**
 * Finds what was sent in the moment before a process was killed: Ignition notes a nonce, sends, and then notes the hash. Without
 * this it would take such a transaction for somebody else's and deploy the contract a second time.
 * @returns the hashes that were added to the journal
 */
export async function recoverLostTransactions(
  folder: string,
  provider: Pick<Provider, "getTransactionCount" | "getBlockNumber" | "getBlock">,
  rpc: EIP1193Provider,
  deployer: string,
): Promise<string[]> {
  const recovered: string[] = [];
  for (const nonce of unsentNonces(readJournal(folder))) {
    if ((await provider.getTransactionCount(deployer, "pending")) <= nonce) continue;
    await waitUntilMined(provider, deployer, nonce);
    const hash = await findByNonce(provider, deployer, nonce);
    await trackTransaction(folder, hash, rpc, 1);
    recovered.push(hash);
  }
  return recovered;
}

/** Nonces that were prepared, of interactions of which no transaction is known. */
function unsentNonces(lines: readonly Line[]): number[] {
  const key = (one: Line): string => `${one.futureId}/${one.networkInteractionId}`;
  const known = new Set(lines.filter((one) => one.type === "TRANSACTION_SEND").map(key));
  const prepared = lines.filter((one) => one.type === "TRANSACTION_PREPARE_SEND" && !known.has(key(one)));
  return [...new Set(prepared.flatMap(({ nonce }) => (nonce === undefined ? [] : [nonce])))].sort((a, b) => a - b);
}

async function waitUntilMined(
  provider: Pick<Provider, "getTransactionCount">,
  deployer: string,
  nonce: number,
): Promise<void> {
  for (const end = Date.now() + WAIT_MS; (await provider.getTransactionCount(deployer)) <= nonce;) {
    if (Date.now() > end) {
      throw new DeployError(
        "step_failed",
        `A transaction of ${deployer} with nonce ${nonce} waits in the mempool since the last run.`,
        "that it is mined within two minutes",
        "run the command again later; it goes on where it was",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The block after which the account's count passed the nonce, by halving; then the transaction in it. */
async function findByNonce(
  provider: Pick<Provider, "getTransactionCount" | "getBlockNumber" | "getBlock">,
  deployer: string,
  nonce: number,
): Promise<string> {
  let high = await provider.getBlockNumber();
  // Farther back a node may have forgotten the state; a deployment is not resumed after weeks.
  let low = Math.max(0, high - 100_000);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const count = await provider.getTransactionCount(deployer, middle).catch(() => 0);
    if (count > nonce) high = middle;
    else low = middle + 1;
  }
  const block = await provider.getBlock(low, true);
  const found = block?.prefetchedTransactions.find((one) => one.from === deployer && one.nonce === nonce);
  if (found !== undefined) return found.hash;
  throw new DeployError(
    "step_failed",
    `The transaction of ${deployer} with nonce ${nonce} was mined, and is not found in block ${low}.`,
    "a node that has state and transactions of the last run",
    "ask another node, or name it: npx hardhat ignition track-tx HASH DEPLOYMENT",
  );
}
