import { Contract, getAddress, type Interface, type JsonRpcProvider, type Log } from "ethers";

import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import type { Ledger } from "../../typechain-types/contracts/Ledger.ts";
import { type InstructionLogs, readInstructionLogs } from "./instruction-logs.ts";

export interface ChainBlock {
  readonly number: bigint;
  readonly hash: string;
  readonly timestamp: bigint;
  readonly baseFee: bigint;
}

/** What the logs of the Ledger and the Gateway in a range of blocks say. */
export interface LedgerLogs {
  readonly settled: readonly { id: string; transactionHash: string; blockNumber: bigint; pulled: boolean }[];
  readonly rejected: readonly { id: string; transactionHash: string; blockNumber: bigint; code: RowCode }[];
  /** Every account that one of the logs may have changed. */
  readonly touched: readonly { owner: string; token: string }[];
  readonly blockHashes: ReadonlyMap<bigint, string>;
}

/** Both, of one query. */
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
  block(number: bigint | "latest"): Promise<ChainBlock | undefined>;
  logs(from: bigint, to: bigint): Promise<AllLogs>;
  accounts(keys: readonly { owner: string; token: string }[], at: bigint): Promise<LedgerAccount[]>;
}

/** @param gatewayAddress What logs pulled payments by the Ledger's own events, if it is served. */
export function createLedgerReader(
  provider: JsonRpcProvider,
  ledgerAddress: string,
  gatewayAddress?: string,
): LedgerReader {
  const ledger = new Contract(ledgerAddress, Ledger__factory.abi, provider) as unknown as Ledger;
  return {
    async block(number) {
      const block = await provider.getBlock(number);
      if (block?.hash == null) return undefined;
      return {
        number: BigInt(block.number),
        hash: block.hash,
        timestamp: BigInt(block.timestamp),
        baseFee: block.baseFeePerGas ?? 0n,
      };
    },
    async logs(from, to) {
      const address = gatewayAddress === undefined ? ledgerAddress : [ledgerAddress, gatewayAddress];
      const logs = await provider.getLogs({ address, fromBlock: from, toBlock: to });
      return {
        ...readLogs(ledger.interface, logs, gatewayAddress),
        instructions: readInstructionLogs(logs, gatewayAddress),
      };
    },
    async accounts(keys, at) {
      const found: LedgerAccount[] = [];
      for (let start = 0; start < keys.length; start += ACCOUNTS_PER_CALL) {
        const part = keys.slice(start, start + ACCOUNTS_PER_CALL);
        const views = await ledger.accountsOf(
          part.map((key) => key.owner),
          part.map((key) => key.token),
          { blockTag: Number(at) },
        );
        part.forEach((key, index) => {
          const view = views[index];
          if (view === undefined) throw new Error("accountsOf answered fewer accounts than asked");
          found.push({
            owner: key.owner,
            token: key.token,
            balance: view.balance,
            window: view.window,
            nextNonce: view.nextNonce,
            frozenUntil: view.frozenUntil,
          });
        });
      }
      return found;
    },
  };
}

/** Pure: what the logs say, in their order. */
export function readLogs(abi: Interface, logs: readonly Log[], gateway?: string): LedgerLogs {
  const settled: LedgerLogs["settled"][number][] = [];
  const rejected: LedgerLogs["rejected"][number][] = [];
  const touched = new Map<string, { owner: string; token: string }>();
  const blockHashes = new Map<bigint, string>();
  /** Payers whose payments were logged and whose token the batch's own event is about to tell. */
  let payers: string[] = [];
  const touch = (owner: string, token: string): void => {
    touched.set(`${owner}:${token}`, { owner, token });
  };

  for (const log of logs) {
    const event = abi.parseLog(log);
    if (event === null) continue;
    const pulled = log.address === gateway;
    const place = { transactionHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
    blockHashes.set(place.blockNumber, log.blockHash);
    const args = event.args as unknown as Record<string, unknown>;
    const text = (name: string): string => String(args[name]);
    switch (event.name) {
      case "Settled":
        settled.push({ id: text("id"), ...place, pulled });
        // The payer of a pulled payment has paid from no account.
        if (!pulled) payers.push(text("payer"));
        break;
      case "BatchSettled":
        for (const payer of payers) touch(payer, text("token"));
        payers = [];
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
  return { settled, rejected, touched: [...touched.values()], blockHashes };
}

function tokenOf(id: bigint): string {
  return getAddress(`0x${id.toString(16).padStart(40, "0")}`);
}
