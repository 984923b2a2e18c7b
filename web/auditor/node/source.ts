import { isAddress } from "ethers";

import type { NetworkView } from "../../../sdk/client.ts";
import { type RecordContracts, recordContracts } from "../../../sdk/record/contracts.ts";

/** Whom an auditor asks, and about whose events. */
export interface Source {
  readonly rpcUrl: string;
  readonly contracts: RecordContracts;
  /** No event is older. */
  readonly fromBlock: number;
}

export const REPLACEABLE = [
  "ledger",
  "escrow",
  "gateway",
  "exchange",
  "permit2",
  "signatureVerifier",
  "x402",
] as const satisfies readonly (keyof RecordContracts)[];

export type Replaceable = (typeof REPLACEABLE)[number];

/** What she set in place of what the network tells; a missing one is the network's. */
export interface OwnSource {
  /** The chain id of a deployment that the console was built with, in the relayer's place. */
  readonly deployment?: string;
  readonly rpcUrl?: string;
  readonly contracts?: Readonly<Partial<Record<Replaceable, string>>>;
  readonly fromBlock?: number;
}

/** @returns undefined if no node is known. */
export function sourceOf(network: NetworkView, own: OwnSource): Source | undefined {
  const rpcUrl = own.rpcUrl ?? network.rpcUrl;
  if (rpcUrl === null) return undefined;
  return {
    rpcUrl,
    contracts: { ...recordContracts(network), ...own.contracts },
    fromBlock: own.fromBlock ?? Number(network.startBlock),
  };
}

/** What was kept; whatever of it cannot be read is left out. */
export function parseOwnSource(text: string | null): OwnSource {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
  if (typeof value !== "object" || value === null) return {};
  const { deployment, rpcUrl, contracts, fromBlock } = value as Record<string, unknown>;
  const given = typeof contracts === "object" && contracts !== null ? (contracts as Record<string, unknown>) : {};
  const addresses = REPLACEABLE.flatMap((name) => {
    const address = given[name];
    return typeof address === "string" && isAddress(address) ? [[name, address] as const] : [];
  });
  return {
    ...(typeof deployment === "string" && /^\d{1,16}$/.test(deployment) ? { deployment } : {}),
    ...(typeof rpcUrl === "string" && isNodeUrl(rpcUrl) ? { rpcUrl } : {}),
    ...(addresses.length > 0 ? { contracts: Object.fromEntries(addresses) } : {}),
    ...(typeof fromBlock === "number" && Number.isSafeInteger(fromBlock) && fromBlock >= 0 ? { fromBlock } : {}),
  };
}

export function isNodeUrl(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}
