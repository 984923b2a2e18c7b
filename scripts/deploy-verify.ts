import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

import { JsonRpcProvider } from "ethers";
import hre from "hardhat";

import type { DeployedContractName, Deployment } from "../sdk/deployment.ts";
import { AccessManager__factory } from "../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { ARTIFACTS, entriesOf } from "./deploy/check-chain.ts";
import { DeployError } from "./deploy/deploy-error.ts";
import { deploymentPath, readDeployment } from "./deploy/deployment-file.ts";
import { ETHERSCAN_KEY } from "./deploy/networks.ts";
import { findNetwork } from "./deploy/options.ts";
import { readParameters } from "./deploy/parameters.ts";

const PROVIDERS = ["etherscan", "blockscout", "sourcify"] as const;

/** Nodes answer about so many at once. */
const SEARCHED_BLOCKS = 100;

const { values } = parseArgs({
  options: {
    network: { type: "string" },
    parameters: { type: "string" },
    out: { type: "string", default: "deployments" },
    only: { type: "string" },
  },
});

try {
  const { network, settings } = findNetwork(values.network, process.env);
  const deployment = readDeployment(values.out, settings.chainId);
  if (deployment === undefined) {
    const path = deploymentPath(values.out, settings.chainId);
    const next = `npm run deploy -- --network ${network}`;
    throw new DeployError("no_deployment", `There is no ${path}.`, "the file of a deployment", next);
  }
  const explorers = hre.config.chainDescriptors.get(BigInt(settings.chainId))?.blockExplorers;
  const providers = PROVIDERS.filter((name) => {
    if (values.only !== undefined) return name === values.only;
    if (name === "etherscan") return process.env[ETHERSCAN_KEY] !== undefined;
    return name === "sourcify" || explorers?.blockscout !== undefined;
  });
  const args = argumentsOf(
    deployment,
    readParameters(network, values.parameters).X402?.proxy ?? "",
    await firstAdmin(network, deployment),
  );
  const failed: string[] = [];
  for (const provider of providers) {
    for (const [name, address] of entriesOf(deployment.contracts)) {
      process.stdout.write(`\n${provider}: ${name} at ${address}\n`);
      const status = await verify(provider, network, ["--contract", ARTIFACTS[name], address, ...args[name]]);
      if (status !== 0) failed.push(`${name} at ${provider}`);
    }
  }
  if (failed.length > 0) {
    const next = "see what stands above; run the command again, what is verified already is passed over";
    throw new DeployError("not_verified", `Not verified: ${failed.join(", ")}.`, "sources published everywhere", next);
  }
  process.stdout.write(`\nVerified at ${providers.join(", ")}.\n`);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof DeployError ? error.message : String(error)}\n`);
}

/** Whoever deployed, as the AccessManager's first event says: she need have no role any more. */
async function firstAdmin(network: string, { contracts, startBlock }: Deployment): Promise<string> {
  const config = hre.config.networks[network];
  if (config?.type !== "http") throw new Error(`${network} is no network over HTTP`);
  const provider = new JsonRpcProvider(await config.url.getUrl());
  try {
    const manager = AccessManager__factory.connect(contracts.manager, provider);
    const [event] = await manager.queryFilter(
      manager.filters.RoleGranted(0n),
      startBlock,
      startBlock + SEARCHED_BLOCKS,
    );
    if (event !== undefined) return event.args.account;
    throw new Error(`The AccessManager has no event in the ${SEARCHED_BLOCKS} blocks from ${startBlock} on`);
  } finally {
    provider.destroy();
  }
}

/** What each constructor was given. */
function argumentsOf(
  { contracts, permit2 }: Deployment,
  proxy: string,
  deployer: string,
): Readonly<Record<DeployedContractName, readonly string[]>> {
  return {
    manager: [deployer],
    verifier: [],
    ledger: [contracts.manager, contracts.verifier],
    escrow: [contracts.ledger],
    gateway: [contracts.escrow, permit2],
    exchange: [contracts.manager, contracts.escrow],
    x402: [proxy],
  };
}

/** Hardhat's own task; `default` is the profile that is deployed. */
function verify(provider: string, network: string, args: readonly string[]): Promise<number> {
  const command = ["node_modules/hardhat/dist/src/cli.js", "--network", network, "--build-profile", "default"];
  const child = spawn(process.execPath, [...command, "verify", provider, ...args], { stdio: "inherit" });
  return new Promise((resolve) => {
    child.once("exit", (code) => {
      resolve(code ?? 1);
    });
  });
}
