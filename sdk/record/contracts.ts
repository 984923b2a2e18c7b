import type { NetworkView } from "../client.ts";

/** Whose events are a record, on one chain. Take them from a place that you trust: a stranger's contracts can log anything. */
export interface RecordContracts {
  readonly chainId: bigint;
  readonly ledger: string;
  readonly escrow: string | null;
  readonly gateway: string | null;
  readonly exchange: string | null;
  readonly permit2: string | null;
  readonly signatureVerifier: string | null;
  /** What settles x402's payments. */
  readonly x402: string | null;
}

export type ContractName = "ledger" | "escrow" | "gateway" | "exchange" | "x402";

export const CONTRACT_NAMES = ["ledger", "escrow", "gateway", "exchange", "x402"] as const satisfies ContractName[];

/** What a relayer says of its network. @param x402 The settler, which it does not name. */
export function recordContracts(network: NetworkView, x402: string | null = null): RecordContracts {
  const { ledger, escrow, gateway, exchange, permit2, signatureVerifier } = network;
  return { chainId: BigInt(network.chainId), ledger, escrow, gateway, exchange, permit2, signatureVerifier, x402 };
}

/** The addresses of all that are there. */
export function addressesOf(contracts: RecordContracts): readonly string[] {
  return CONTRACT_NAMES.flatMap((name) => contracts[name] ?? []);
}

/** Which one is at an address. */
export function nameOf(contracts: RecordContracts, address: string): ContractName | undefined {
  return CONTRACT_NAMES.find((name) => contracts[name]?.toLowerCase() === address.toLowerCase());
}
