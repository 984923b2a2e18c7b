import { getAddress, Interface } from "ethers";

import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import { type LogFilter, readEnd, readLogs, type ReadLogsOptions } from "./chain-logs.ts";
import type { RecordContracts } from "./contracts.ts";
import { RecordError } from "./record-error.ts";
import { replayAccounts } from "./replay-accounts.ts";
import type { RpcCall } from "./rpc.ts";
import { type BlockHeader, callContract } from "./rpc-answers.ts";

const LEDGER = new Interface(ILedger__factory.abi);
const TOKEN = new Interface(["function balanceOf(address owner) view returns (uint256)"]);

/** All accounts in one token, in smallest units. */
export interface TokenAccounts {
  readonly token: string;
  /** The largest first; nobody with nothing. */
  readonly accounts: readonly { readonly owner: string; readonly balance: bigint }[];
  readonly sum: bigint;
  /** `Ledger.totalSupply`: what the accounts must sum to. */
  readonly supply: bigint;
  /** What the Ledger owns of the token. */
  readonly held: bigint;
}

export interface AccountsAudit {
  /** As of the end of this block. */
  readonly end: BlockHeader;
  readonly tokens: readonly TokenAccounts[];
  readonly payments: number;
  /** What does not add up; empty if the books balance. */
  readonly imbalances: readonly string[];
}

export interface AuditOptions extends ReadLogsOptions {
  /** Where the contracts' events begin; a later block leaves accounts out, which shows as imbalance. */
  readonly fromBlock: number;
  readonly toBlock?: number | "latest" | "finalized";
}

/**
 * Rebuilds every account from the events of Ledger and Gateway, and holds them against what the Ledger says and what it owns. A
 * node that keeps no old state can only be asked for recent blocks. @throws RpcError; RecordError
 */
export async function auditAccounts(
  rpc: RpcCall,
  contracts: Pick<RecordContracts, "ledger" | "gateway">,
  { fromBlock, toBlock = "latest", ...reading }: AuditOptions,
): Promise<AccountsAudit> {
  const end = await readEnd(rpc, toBlock);
  const { ledger, gateway } = contracts;
  const names = ["Transfer", "Settled", "BatchSettled"].map((name) => LEDGER.getEvent(name)?.topicHash ?? "");
  const filter: LogFilter = { address: gateway === null ? [ledger] : [ledger, gateway], topics: [names] };
  const replay = replayAccounts(await readLogs(rpc, filter, fromBlock, end, reading), gateway);
  const imbalances = [...replay.imbalances];
  const tokens: TokenAccounts[] = [];
  for (const [token, balances] of replay.accounts) {
    const [supply, held] = await Promise.all([
      readWhole(rpc, ledger, LEDGER, "totalSupply", BigInt(token), end),
      readWhole(rpc, token, TOKEN, "balanceOf", ledger, end),
    ]);
    const accounts = [...balances].map(([owner, balance]) => ({ owner: getAddress(owner), balance }));
    accounts.sort((a, b) => (a.balance < b.balance ? 1 : a.balance > b.balance ? -1 : 0));
    const sum = accounts.reduce((total, { balance }) => total + balance, 0n);
    if (sum !== supply) imbalances.push(`accounts of ${token} sum to ${sum}, the supply is ${supply}`);
    if (held < supply) imbalances.push(`the Ledger holds ${held} of ${token} for accounts of ${supply}`);
    tokens.push({ token, accounts: accounts.filter(({ balance }) => balance !== 0n), sum, supply, held });
  }
  return { end, tokens, payments: replay.settled.size, imbalances };
}

async function readWhole(
  rpc: RpcCall,
  to: string,
  abi: Interface,
  name: string,
  argument: unknown,
  end: BlockHeader,
): Promise<bigint> {
  const answer = await callContract(rpc, to, abi.encodeFunctionData(name, [argument]), end.number);
  try {
    return abi.decodeFunctionResult(name, answer)[0] as bigint;
  } catch {
    throw new RecordError("contradiction", `${to} does not answer ${name}`);
  }
}
