import { rm } from "node:fs/promises";

import hre, { network } from "hardhat";

import corridor, { PERMIT2 } from "../../ignition/modules/corridor.ts";
import testTokens from "../../ignition/modules/test-tokens.ts";
import x402, { X402_PROXY } from "../../ignition/modules/x402.ts";

/** What was deployed on a local chain. */
export interface LocalDeployment {
  readonly ledger: string;
  readonly manager: string;
  readonly escrow: string;
  readonly gateway: string;
  readonly permit2: string;
  readonly verifier: string;
  readonly exchange: string;
  /** What settles x402's payments. */
  readonly x402: string;
  readonly dollar: string;
  readonly euro: string;
  readonly yen: string;
  /** Prices in dollars. */
  readonly euroFeed: string;
  readonly yenFeed: string;
}

/** Deploys the contracts and the test currencies with Ignition, as the chain's first account. */
export async function deployLocally(rpcUrl: string): Promise<LocalDeployment> {
  const connection = await network.create({ network: "localhost", override: { url: rpcUrl } });
  // A local chain is gone with its process, so its journal is of no use to the next one.
  const deploymentId = `local-${process.pid}-${Date.now()}`;
  try {
    const tokens = await connection.ignition.deploy(testTokens, { deploymentId });
    const { dollar, euro, yen, euroFeed, yenFeed, permit2, x402Proxy } = tokens;
    // Wallets and x402's clients sign for these addresses, whatever chain it is.
    for (const [double, address] of [
      [permit2, PERMIT2],
      [x402Proxy, X402_PROXY],
    ] as const) {
      const { provider } = connection.ethers;
      await provider.send("hardhat_setCode", [address, await provider.getCode(await double.getAddress())]);
    }
    const { ledger, manager, escrow, gateway, exchange, verifier } = await connection.ignition.deploy(corridor, {
      deploymentId,
      // Guards are set and changed at once here.
      parameters: { Corridor: { permit2: PERMIT2, guardDelay: 0 } },
    });
    const { settler } = await connection.ignition.deploy(x402, { deploymentId });
    return {
      ledger: await ledger.getAddress(),
      manager: await manager.getAddress(),
      escrow: await escrow.getAddress(),
      gateway: await gateway.getAddress(),
      permit2: PERMIT2,
      verifier: await verifier.getAddress(),
      exchange: await exchange.getAddress(),
      x402: await settler.getAddress(),
      dollar: await dollar.getAddress(),
      euro: await euro.getAddress(),
      yen: await yen.getAddress(),
      euroFeed: await euroFeed.getAddress(),
      yenFeed: await yenFeed.getAddress(),
    };
  } finally {
    await connection.close();
    await rm(`${hre.config.paths.ignition}/deployments/${deploymentId}`, { recursive: true, force: true });
  }
}
