import type { NetworkView } from "./client.ts";
import { networkOf } from "./deployed-network.ts";
import type { Deployment } from "./deployment.ts";

const COMPARED = ["ledger", "escrow", "gateway", "exchange", "permit2", "signatureVerifier"] as const;

/** Where a relayer is of another mind than a deployment's file. `deployed` is null of a token: the file does not name it. */
export interface DeploymentDifference {
  readonly what: (typeof COMPARED)[number] | "token";
  readonly told: string;
  readonly deployed: string | null;
}

/**
 * What a relayer names that is not as the deployment of its chain has it: contracts, and tokens that may only be called like those that
 * are meant. What a relayer does not serve is no difference. @throws RangeError if it is of another chain
 */
export function differencesOf(deployment: Deployment, network: NetworkView): readonly DeploymentDifference[] {
  if (String(deployment.chainId) !== network.chainId) throw new RangeError("A deployment of another chain");
  const deployed = networkOf(deployment);
  const contracts = COMPARED.flatMap((what) => {
    const told = network[what];
    return told === null || isSame(told, deployed[what]) ? [] : [{ what, told, deployed: deployed[what] }];
  });
  const tokens = network.tokens
    .filter((told) => !deployment.tokens.some(({ address }) => isSame(address, told)))
    .map((told) => ({ what: "token" as const, told, deployed: null }));
  return [...contracts, ...tokens];
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
