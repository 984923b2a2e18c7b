import { rm } from "node:fs/promises";

import hre, { network } from "hardhat";

import corridor from "../../ignition/modules/corridor.ts";
import testTokens from "../../ignition/modules/test-tokens.ts";

/** What was deployed on a local chain. */
export interface LocalDeployment {
  readonly ledger: string;
  readonly manager: string;
  readonly escrow: string;
  readonly dollar: string;
  readonly euro: string;
}

/** Deploys the contracts and the test currencies with Ignition, as the chain's first account. */
export async function deployLocally(rpcUrl: string): Promise<LocalDeployment> {
  const connection = await network.create({ network: "localhost", override: { url: rpcUrl } });
  // A local chain is gone with its process, so its journal is of no use to the next one.
  const deploymentId = `local-${process.pid}-${Date.now()}`;
  try {
    const { ledger, manager, escrow } = await connection.ignition.deploy(corridor, { deploymentId });
    const { dollar, euro } = await connection.ignition.deploy(testTokens, { deploymentId });
    return {
      ledger: await ledger.getAddress(),
      manager: await manager.getAddress(),
      escrow: await escrow.getAddress(),
      dollar: await dollar.getAddress(),
      euro: await euro.getAddress(),
    };
  } finally {
    await connection.close();
    await rm(`${hre.config.paths.ignition}/deployments/${deploymentId}`, { recursive: true, force: true });
  }
}
