import { keccak256 } from "ethers";

import { type DeployedContracts, DEPLOYMENT_FORMAT } from "../../sdk/deployment.ts";
import { sourcesCommit, writeDeployment } from "../deploy/deployment-file.ts";
import { type LocalStack, localKey } from "./stack.ts";

const FOLDER = "deployments";

/** Writes what `npm run deploy` would write of a local stack, for whatever reads such files. @returns its path */
export async function recordDeployment({ deployment, provider }: LocalStack): Promise<string> {
  const { manager, verifier, ledger, escrow, gateway, exchange, x402, permit2, dollar, euro, yen } = deployment;
  const contracts: DeployedContracts = { manager, verifier, ledger, escrow, gateway, exchange, x402 };
  const codeHashes: Record<string, string> = {};
  for (const [name, address] of Object.entries(contracts) as [string, string][]) {
    codeHashes[name] = keccak256(await provider.getCode(address));
  }
  const { address: deployer } = localKey(0);
  return writeDeployment(FOLDER, {
    ...{ format: DEPLOYMENT_FORMAT, chainId: Number((await provider.getNetwork()).chainId), network: "local" },
    ...{ contracts, permit2, startBlock: 0, finalityDepth: 2, blockTime: 1 },
    tokens: [
      { address: dollar, symbol: "tUSD", decimals: 6 },
      { address: euro, symbol: "tEUR", decimals: 6 },
      { address: yen, symbol: "tJPY", decimals: 0 },
    ],
    roles: { admin: deployer, compliance: deployer, guard: deployer, guardDelay: 0 },
    ...{ codeHashes, commit: sourcesCommit(), deployedAt: Math.floor(Date.now() / 1_000) },
  });
}
