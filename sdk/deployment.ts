import { getAddress, isAddress, isHexString } from "ethers";

export const DEPLOYMENT_FORMAT = "corridor-deployment/1";

/** A token that a deployment settles. */
export interface DeployedToken {
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
}

/** The contracts of one deployment; see ARCHITECTURE.md for what each is for. */
export interface DeployedContracts {
  readonly manager: string;
  readonly verifier: string;
  readonly ledger: string;
  readonly escrow: string;
  readonly gateway: string;
  readonly exchange: string;
  /** Absent on chains without x402's proxy. */
  readonly x402: string | null;
}

export type DeployedContractName = keyof DeployedContracts;

/** Who was given which rights when a deployment was made. */
export interface DeployedRoles {
  readonly admin: string;
  readonly compliance: string;
  readonly guard: string;
  /** Between the announcement of a change of price guards and its effect. {s} */
  readonly guardDelay: number;
}

/** What `npm run deploy` writes to `deployments/<chainId>.json`, and all others read. */
export interface Deployment {
  readonly format: typeof DEPLOYMENT_FORMAT;
  readonly chainId: number;
  /** The network's name in hardhat.config.ts. */
  readonly network: string;
  readonly contracts: DeployedContracts;
  readonly permit2: string;
  /** The first block that can have an event of these contracts in it. */
  readonly startBlock: number;
  /** Blocks on top of a payment's until it is final. */
  readonly finalityDepth: number;
  /** {s} */
  readonly blockTime: number;
  readonly tokens: readonly DeployedToken[];
  readonly roles: DeployedRoles;
  /** Hashes of the contracts' code on the chain, so that anybody can compare them with what she builds. */
  readonly codeHashes: Readonly<Partial<Record<DeployedContractName, string>>>;
  /** The sources' commit, if it was known. */
  readonly commit: string | null;
  /** Seconds since 1970. */
  readonly deployedAt: number;
}

/** A text that is no deployment of this format; `field` says where. */
export class DeploymentError extends Error {
  constructor(
    readonly field: string,
    readonly expected: string,
  ) {
    super(field === "" ? `A deployment is ${expected}` : `${field} of a deployment is ${expected}`);
    this.name = "DeploymentError";
  }
}

const CONTRACTS = ["manager", "verifier", "ledger", "escrow", "gateway", "exchange"] as const;
const ALL_CONTRACTS: readonly DeployedContractName[] = [...CONTRACTS, "x402"];
const MAX_DECIMALS = 77;

type Json = Readonly<Record<string, unknown>>;

/** Reads a deployment's file. @throws DeploymentError */
export function parseDeployment(text: string): Deployment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DeploymentError("", "JSON");
  }
  const root = objectOf(value, "");
  if (root.format !== DEPLOYMENT_FORMAT) throw new DeploymentError("format", DEPLOYMENT_FORMAT);
  const contracts = objectOf(root.contracts, "contracts");
  const roles = objectOf(root.roles, "roles");
  const of = (name: (typeof CONTRACTS)[number]): string => addressOf(contracts[name], `contracts.${name}`);
  return {
    format: DEPLOYMENT_FORMAT,
    chainId: wholeOf(root.chainId, "chainId", 1),
    network: textOf(root.network, "network"),
    contracts: {
      ...{ manager: of("manager"), verifier: of("verifier"), ledger: of("ledger"), escrow: of("escrow") },
      ...{ gateway: of("gateway"), exchange: of("exchange") },
      x402: contracts.x402 === null ? null : addressOf(contracts.x402, "contracts.x402"),
    },
    permit2: addressOf(root.permit2, "permit2"),
    startBlock: wholeOf(root.startBlock, "startBlock"),
    finalityDepth: wholeOf(root.finalityDepth, "finalityDepth"),
    blockTime: secondsOf(root.blockTime, "blockTime"),
    tokens: tokensOf(root.tokens),
    roles: {
      admin: addressOf(roles.admin, "roles.admin"),
      compliance: addressOf(roles.compliance, "roles.compliance"),
      guard: addressOf(roles.guard, "roles.guard"),
      guardDelay: wholeOf(roles.guardDelay, "roles.guardDelay"),
    },
    codeHashes: codeHashesOf(root.codeHashes),
    commit: root.commit === null ? null : textOf(root.commit, "commit"),
    deployedAt: wholeOf(root.deployedAt, "deployedAt"),
  };
}

function tokensOf(value: unknown): readonly DeployedToken[] {
  if (!Array.isArray(value)) throw new DeploymentError("tokens", "a list");
  return value.map((item: unknown, index) => {
    const at = `tokens.${index}`;
    const token = objectOf(item, at);
    const decimals = wholeOf(token.decimals, `${at}.decimals`);
    if (decimals > MAX_DECIMALS) throw new DeploymentError(`${at}.decimals`, `at most ${MAX_DECIMALS}`);
    return {
      address: addressOf(token.address, `${at}.address`),
      symbol: textOf(token.symbol, `${at}.symbol`),
      decimals,
    };
  });
}

function codeHashesOf(value: unknown): Deployment["codeHashes"] {
  const hashes = objectOf(value, "codeHashes");
  return Object.fromEntries(
    Object.entries(hashes).map(([name, hash]) => {
      if (!ALL_CONTRACTS.some((known) => known === name) || !isHexString(hash, 32)) {
        throw new DeploymentError(`codeHashes.${name}`, "32 bytes in hex, of a contract of this deployment");
      }
      return [name, hash];
    }),
  );
}

function objectOf(value: unknown, field: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new DeploymentError(field, "an object");
  return value as Json;
}

function addressOf(value: unknown, field: string): string {
  if (typeof value !== "string" || !value.startsWith("0x") || !isAddress(value)) {
    throw new DeploymentError(field, "an address with a valid checksum");
  }
  return getAddress(value);
}

function wholeOf(value: unknown, field: string, least = 0): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new DeploymentError(field, `a whole number of at least ${least}`);
}

function secondsOf(value: unknown, field: string): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new DeploymentError(field, "a number of seconds above 0");
}

function textOf(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new DeploymentError(field, "a text");
}
