import { getAddress, type Interface, type JsonRpcApiProvider } from "ethers";

import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { decodeAccountsOf, encodeAccountsOf } from "./account-words.ts";
import { addressIn, type ChainLog, createEventReader } from "./chain-log.ts";
import { shareFee } from "./batch-fee.ts";
import { callAt, type ChainBlock } from "./chain-reader.ts";
import { type InstructionLogs, readInstructionLogs } from "./instruction-logs.ts";

interface SettledLog {
  readonly id: string;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  readonly pulled: boolean;
  /** Its share of what the operator kept of the batch. */
  readonly fee: bigint;
}

/** What the logs of the Ledger and the Gateway in a range of blocks say. */
export interface LedgerLogs {
  readonly settled: readonly SettledLog[];
  readonly rejected: readonly { id: string; transactionHash: string; blockNumber: bigint; code: RowCode }[];
  /** Every account that one of the logs may have changed. */
  readonly touched: readonly { owner: string; token: string }[];
}

/** Both. */
export interface AllLogs extends LedgerLogs {
  readonly instructions: InstructionLogs;
}

export interface LedgerAccount {
  readonly owner: string;
  readonly token: string;
  readonly balance: bigint;
  readonly window: bigint;
  readonly nextNonce: bigint;
  readonly frozenUntil: bigint;
}

/** Accounts read by one call; well under the gas that nodes allow a call. */
const ACCOUNTS_PER_CALL = 400;

export interface LedgerReader {
  /** Pure: what those of the logs that are the Ledger's and the Gateway's say. */
  read(logs: readonly ChainLog[]): AllLogs;
  accounts(keys: readonly { owner: string; token: string }[], at: ChainBlock): Promise<LedgerAccount[]>;
}

/** @param gatewayAddress What logs pulled payments by the Ledger's own events, if it is served. */
export function createLedgerReader(
  provider: Pick<JsonRpcApiProvider, "send">,
  ledgerAddress: string,
  gatewayAddress?: string,
): LedgerReader {
  const abi = Ledger__factory.createInterface();
  return {
    read(logs) {
      const ours = logs.filter(({ address }) => address === ledgerAddress || address === gatewayAddress);
      return { ...readLogs(abi, ours, gatewayAddress), instructions: readInstructionLogs(ours, gatewayAddress) };
    },
    async accounts(keys, at) {
      const found: LedgerAccount[] = [];
      for (let start = 0; start < keys.length; start += ACCOUNTS_PER_CALL) {
        const part = keys.slice(start, start + ACCOUNTS_PER_CALL);
        const answer = await callAt(provider, ledgerAddress, encodeAccountsOf(part), at);
        const accounts = decodeAccountsOf(answer, part.length);
        part.forEach(({ owner, token }, index) => {
          const account = accounts[index];
          if (account !== undefined) found.push({ owner, token, ...account });
        });
      }
      return found;
    },
  };
}

/** Pure: what the logs say, in their order. */
export function readLogs(abi: Interface, logs: readonly ChainLog[], gateway?: string): LedgerLogs {
  const readEvent = createEventReader(abi);
  const settledTopic = abi.getEvent("Settled")?.topicHash;
  const settled: SettledLog[] = [];
  const rejected: LedgerLogs["rejected"][number][] = [];
  const touched = new Map<string, { owner: string; token: string }>();
  /** Payers whose payments were logged and whose token the batch's own event is about to tell. */
  let payers: string[] = [];
  /** Where the batch's first payment stands in `settled`, and what its payments log beside their topics. */
  let batch: { start: number; data: string[] } = { start: 0, data: [] };
  const touch = (owner: string, token: string): void => {
    touched.set(`${owner}:${token}`, { owner, token });
  };

  for (const log of logs) {
    const pulled = log.address === gateway;
    const place = { transactionHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
    const [topic, id = "", payer = ""] = log.topics;
    if (topic === settledTopic) {
      // Nearly all logs are of this kind, and all that is wanted stands in their topics.
      settled.push({ id, ...place, pulled, fee: 0n });
      batch.data.push(log.data);
      // The payer of a pulled payment has paid from no account.
      if (!pulled) payers.push(addressIn(payer));
      continue;
    }
    const event = readEvent(log);
    if (event === undefined) continue;
    const args = event.args as unknown as Record<string, unknown>;
    const text = (name: string): string => String(args[name]);
    switch (event.name) {
      case "BatchSettled":
        for (const payer of payers) touch(payer, text("token"));
        payers = [];
        shareFee(args.fee as bigint, batch.data).forEach((fee, index) => {
          const place = batch.start + index;
          const payment = settled[place];
          if (payment !== undefined) settled[place] = { ...payment, fee };
        });
        batch = { start: settled.length, data: [] };
        touch(text("payee"), text("token"));
        touch(text("operator"), text("token"));
        break;
      case "Rejected":
        rejected.push({ id: text("id"), code: rowCode(args.code as bigint), ...place });
        break;
      case "Transfer": {
        const token = tokenOf(args.id as bigint);
        touch(text("sender"), token);
        touch(text("receiver"), token);
        break;
      }
      case "NonceUsed":
      case "Frozen":
      case "Unfrozen":
        touch(text("owner"), text("token"));
        break;
      default:
    }
  }
  return { settled, rejected, touched: [...touched.values()] };
}

function tokenOf(id: bigint): string {
  return getAddress(`0x${id.toString(16).padStart(40, "0")}`);
}
