/** A network that `npm run deploy` knows. */
export interface DeployNetwork {
  readonly chainId: number;
  /** As Hardhat tells apart what a transaction costs: `op` pays for its data on the chain below beside its gas. */
  readonly chainType: "l1" | "op" | "generic";
  /** Blocks on top of a payment's until it is final. */
  readonly finalityDepth: number;
  /** {s} */
  readonly blockTime: number;
  /** Blocks on top of a deployment's transaction until the next step is taken. */
  readonly confirmations: number;
  /** Whether money there is worth nothing: only then is a test currency deployed. */
  readonly isTest: boolean;
  /** The configuration variable that has the URL of a node. */
  readonly urlVariable: string;
  /** Where depth and time are from. */
  readonly source: string;
}

/** The configuration variable that has the key of whoever deploys. */
export const DEPLOYER_KEY = "CORRIDOR_DEPLOYER_KEY";
/** The configuration variable that has the key of Etherscan's API, version 2: one for all chains. */
export const ETHERSCAN_KEY = "ETHERSCAN_API_KEY";

/**
 * Half an hour: data of an OP Stack chain is final with the block of Ethereum that has it, 20 to 30 minutes after a transaction
 * was sent (docs.optimism.io, Transaction finality, November 2026).
 */
const OP_STACK = { finalityDepth: 900, blockTime: 2, confirmations: 5, chainType: "op", isTest: true } as const;
const OP_SOURCE = "docs.optimism.io, Transaction finality: 20 to 30 minutes";

const PUBLIC: Readonly<Record<string, DeployNetwork>> = {
  sepolia: {
    ...{ chainId: 11_155_111, chainType: "l1", isTest: true, urlVariable: "CORRIDOR_SEPOLIA_RPC_URL" },
    // Final at the end of the second epoch of 32 slots after a block's own, if all goes well.
    ...{ finalityDepth: 96, blockTime: 12, confirmations: 3 },
    source: "Casper FFG: 65 to 96 slots of 12 s; developers.circle.com, CCTP: 13 to 19 minutes",
  },
  "base-sepolia": {
    ...{ ...OP_STACK, chainId: 84_532, urlVariable: "CORRIDOR_BASE_SEPOLIA_RPC_URL", source: OP_SOURCE },
  },
  "optimism-sepolia": {
    ...{ ...OP_STACK, chainId: 11_155_420, urlVariable: "CORRIDOR_OPTIMISM_SEPOLIA_RPC_URL", source: OP_SOURCE },
  },
  "arbitrum-sepolia": {
    ...{ chainId: 421_614, chainType: "generic", isTest: true, urlVariable: "CORRIDOR_ARBITRUM_SEPOLIA_RPC_URL" },
    // Half an hour of blocks as fast as they come; a quiet chain makes fewer, and waits longer.
    ...{ finalityDepth: 7_200, blockTime: 0.25, confirmations: 20 },
    source:
      "docs.arbitrum.io, Finality: as its parent's once the batch is posted; developers.circle.com: 13 to 19 minutes",
  },
  "polygon-amoy": {
    ...{ chainId: 80_002, chainType: "generic", isTest: true, urlVariable: "CORRIDOR_POLYGON_AMOY_RPC_URL" },
    ...{ finalityDepth: 33, blockTime: 2, confirmations: 5 },
    source: "PIP-11 milestones; developers.circle.com, CCTP: 33 blocks",
  },
};

const CUSTOM_DEFAULTS = { chainId: 31_337, finalityDepth: 96, blockTime: 12 };

/** The networks by name, `custom` among them, which the environment describes; what `customFaults` finds counts as absent. */
export function deployNetworks(environment: NodeJS.ProcessEnv): Readonly<Record<string, DeployNetwork>> {
  const chainId = numberOf(environment.CORRIDOR_CUSTOM_CHAIN_ID, CUSTOM_DEFAULTS.chainId);
  const finalityDepth = numberOf(environment.CORRIDOR_CUSTOM_FINALITY_DEPTH, CUSTOM_DEFAULTS.finalityDepth, 0);
  return {
    ...PUBLIC,
    custom: {
      ...{ chainId, chainType: "generic", finalityDepth, urlVariable: "CORRIDOR_CUSTOM_RPC_URL" },
      blockTime: numberOf(environment.CORRIDOR_CUSTOM_BLOCK_TIME, CUSTOM_DEFAULTS.blockTime, 0.01),
      confirmations: Math.min(Math.max(finalityDepth, 1), 5),
      isTest: environment.CORRIDOR_CUSTOM_IS_TEST === "true",
      source: "CORRIDOR_CUSTOM_… of the environment, else Ethereum's",
    },
  };
}

/** What the environment says of `custom` that cannot be meant: with another depth than was meant, goods would ship too early. */
export function customFaults(environment: NodeJS.ProcessEnv): string[] {
  const leasts = { CHAIN_ID: 1, FINALITY_DEPTH: 0, BLOCK_TIME: 0.01 };
  const faults = Object.entries(leasts).flatMap(([name, least]) => {
    const text = environment[`CORRIDOR_CUSTOM_${name}`] ?? "";
    const isWhole = name === "BLOCK_TIME" || Number.isSafeInteger(Number(text));
    return text === "" || (Number(text) >= least && isWhole) ? [] : [`CORRIDOR_CUSTOM_${name} is ${text}`];
  });
  const isTest = environment.CORRIDOR_CUSTOM_IS_TEST ?? "";
  return ["", "true", "false"].includes(isTest) ? faults : [...faults, `CORRIDOR_CUSTOM_IS_TEST is ${isTest}`];
}

/** Chains that live no longer than their process: their deployments are nobody else's business. */
export const LOCAL_CHAIN_IDS: readonly number[] = [31_337, 1_337];

function numberOf(text: string | undefined, otherwise: number, least = 1): number {
  const value = Number(text);
  return text === undefined || text === "" || !Number.isFinite(value) || value < least ? otherwise : value;
}
