import { Interface, isHexString } from "ethers";

import { type LogFilter, readLogSteps } from "../sdk/record/chain-logs.ts";
import type { RecordContracts } from "../sdk/record/contracts.ts";
import { INTERFACES } from "../sdk/record/record-steps.ts";
import { type RpcCall, RpcError } from "../sdk/record/rpc.ts";
import { type BlockHeader, blockTag, callContract } from "../sdk/record/rpc-answers.ts";
import { codeOf, type ContractCode } from "./contract-code.ts";

/** What the caller says of the contracts; the rest is found. */
export interface GivenContracts {
  readonly ledger: string;
  readonly escrow: string | null;
  readonly exchange: string | null;
  readonly gateway: string | null;
}

export interface FoundContracts {
  readonly contracts: RecordContracts;
  readonly verifier: string;
  /** Contracts of another code than this repository compiles to, by name; what is said of their storage may not hold. */
  readonly otherCode: readonly string[];
}

type SchemeName = "escrow" | "exchange" | "gateway";

const ARTIFACTS: Readonly<Record<SchemeName | "ledger", string>> = {
  ledger: "contracts/Ledger.sol/Ledger.json",
  escrow: "contracts/schemes/Escrow.sol/Escrow.json",
  exchange: "contracts/schemes/Exchange.sol/Exchange.json",
  gateway: "contracts/Gateway.sol/Gateway.json",
};
const SCHEMES = ["escrow", "exchange", "gateway"] as const satisfies SchemeName[];

const GETTERS = new Interface([
  "function ledger() view returns (address)",
  "function permit2() view returns (address)",
  "function signatureVerifier() view returns (address)",
]);

/**
 * The schemes that stand in the Ledger's events: Exchange and Gateway let the Escrow take from their accounts when they are deployed,
 * and the Escrow collects in its own name. Anybody can do as much, so only what has the very code of this repository, and names
 * this Ledger in it, is taken for one of ours; of several, the first. A stranger's scheme is an account like any other.
 * @throws RpcError, RecordError; Error if the contracts were not compiled
 */
export async function findContracts(
  rpc: RpcCall,
  chainId: bigint,
  given: GivenContracts,
  fromBlock: number,
  end: BlockHeader,
): Promise<FoundContracts> {
  const codes = await readCodes();
  const ledger = given.ledger.toLowerCase();
  const ask = (of: string, getter: string): Promise<string | null> => askAddress(rpc, of, getter, end);
  const hasCode = async (name: SchemeName | "ledger", address: string): Promise<boolean> =>
    codes[name].isCodeOf(await readCode(rpc, address, end));

  const found: Record<SchemeName, string | null> = { escrow: null, exchange: null, gateway: null };
  const otherCode: string[] = (await hasCode("ledger", ledger)) ? [] : ["ledger"];
  for (const name of SCHEMES) {
    const address = given[name]?.toLowerCase() ?? null;
    found[name] = address;
    if (address === null) continue;
    if (!(await hasCode(name, address)) || (await ask(address, "ledger")) !== ledger) otherCode.push(name);
  }
  const isMissing = (): boolean => SCHEMES.some((name) => found[name] === null);
  if (isMissing()) {
    for await (const address of candidates(rpc, ledger, fromBlock, end)) {
      if ((await ask(address, "ledger")) !== ledger) continue;
      for (const name of SCHEMES) {
        if (found[name] === null && (await hasCode(name, address))) found[name] = address;
      }
      if (!isMissing()) break;
    }
  }
  const verifier = (await ask(ledger, "signatureVerifier")) ?? "";
  const permit2 = found.gateway === null ? null : await ask(found.gateway, "permit2");
  const contracts = { chainId, ledger, ...found, permit2, signatureVerifier: verifier, x402: null };
  return { contracts, verifier, otherCode };
}

/** Ours are deployed with the Ledger, so they are among the first. */
const MOST_CANDIDATES = 10_000;

/** Whoever let others take from an account or was let, and whoever collected in her own name; each once, the earliest first. */
async function* candidates(
  rpc: RpcCall,
  ledger: string,
  fromBlock: number,
  end: BlockHeader,
): AsyncGenerator<string, void, undefined> {
  const topicOf = (name: string): string => INTERFACES.ledger.getEvent(name)?.topicHash ?? "";
  const filter: LogFilter = { address: [ledger], topics: [[topicOf("OperatorSet"), topicOf("BatchSettled")]] };
  const seen = new Set<string>();
  for await (const { logs } of readLogSteps(rpc, filter, fromBlock, end, { firstStep: 64, mostLogs: 20_000 })) {
    for (const { topics } of logs) {
      const [topic, first = "", second = "", third = ""] = topics;
      const isCollected = first === third;
      const named = topic === topicOf("OperatorSet") ? [first, second] : isCollected ? [first] : [];
      for (const address of named.map(addressIn)) {
        if (seen.has(address)) continue;
        if (seen.size >= MOST_CANDIDATES) return;
        seen.add(address);
        yield address;
      }
    }
  }
}

function addressIn(topic: string): string {
  return `0x${topic.slice(-40)}`;
}

export async function readCode(rpc: RpcCall, address: string, end: BlockHeader): Promise<string> {
  const code = await rpc("eth_getCode", [address, blockTag(end.number)]);
  if (!isHexString(code)) throw new RpcError("malformed", "The node answers with no code");
  return code.toLowerCase();
}

async function askAddress(rpc: RpcCall, of: string, getter: string, end: BlockHeader): Promise<string | null> {
  try {
    const answer = await callContract(rpc, of, GETTERS.encodeFunctionData(getter), end.number);
    return isHexString(answer, 32) ? addressIn(answer.toLowerCase()) : null;
  } catch (error) {
    if (error instanceof RpcError && error.failure === "unreachable") throw error;
    return null;
  }
}

async function readCodes(): Promise<Readonly<Record<SchemeName | "ledger", ContractCode>>> {
  const [ledger, escrow, exchange, gateway] = await Promise.all([
    codeOf(ARTIFACTS.ledger),
    codeOf(ARTIFACTS.escrow),
    codeOf(ARTIFACTS.exchange),
    codeOf(ARTIFACTS.gateway),
  ]);
  return { ledger, escrow, exchange, gateway };
}
