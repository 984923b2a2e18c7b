import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { JsonRpcProvider, Wallet } from "ethers";
import hre from "hardhat";

import type { DeployedContractName, Deployment } from "../sdk/deployment.ts";
import { AccessManager__factory } from "../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { ARTIFACTS, entriesOf } from "./deploy/check-chain.ts";
import { DeployError } from "./deploy/deploy-error.ts";
import { deploymentPath, readDeployment } from "./deploy/deployment-file.ts";
import { DEPLOYER_KEY, ETHERSCAN_KEY } from "./deploy/networks.ts";
import { findNetwork } from "./deploy/options.ts";
import { readParameters } from "./deploy/parameters.ts";
import { Secrets } from "./deploy/secrets.ts";

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

const secrets = new Secrets();

try {
  const { network, settings } = findNetwork(values.network, process.env);
  const deployment = readDeployment(values.out, settings.chainId);
  if (deployment === undefined) {
    const path = deploymentPath(values.out, settings.chainId);
    const next = `npm run deploy -- --network ${network}`;
    throw new DeployError("no_deployment", `There is no ${path}.`, "the file of a deployment", next);
  }
  const url = await nodeUrl(network);
  const etherscanKey = await hre.config.verify.etherscan.apiKey.get().catch(() => "");
  secrets.addUrl(url);
  secrets.addKey(etherscanKey);
  // What only reads asks for the deployer's key too, which is not needed: any will do.
  const environment = { [settings.urlVariable]: url, [DEPLOYER_KEY]: Wallet.createRandom().privateKey };
  if (etherscanKey !== "") environment[ETHERSCAN_KEY] = etherscanKey;
  const explorers = hre.config.chainDescriptors.get(BigInt(settings.chainId))?.blockExplorers;
  const providers = PROVIDERS.filter((name) => {
    if (values.only !== undefined) return name === values.only;
    if (name === "etherscan") return etherscanKey !== "";
    return name === "sourcify" || explorers?.blockscout !== undefined;
  });
  const args = argumentsOf(
    deployment,
    readParameters(network, values.parameters).X402?.proxy ?? "",
    await firstAdmin(url, deployment),
  );
  const failed: string[] = [];
  for (const provider of providers) {
    for (const [name, address] of entriesOf(deployment.contracts)) {
      process.stdout.write(`\n${provider}: ${name} at ${address}\n`);
      const status = await verify(
        ["--network", network, "--build-profile", "default", "verify", provider],
        ["--contract", ARTIFACTS[name], address, ...args[name]],
        environment,
      );
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
  process.stderr.write(`${secrets.clean(error instanceof DeployError ? error.message : String(error))}\n`);
}

async function nodeUrl(network: string): Promise<string> {
  const config = hre.config.networks[network];
  if (config?.type !== "http") throw new Error(`${network} is no network over HTTP`);
  return config.url.getUrl();
}

/** Whoever deployed, as the AccessManager's first event says: she need have no role any more. */
async function firstAdmin(url: string, { chainId, contracts, startBlock }: Deployment): Promise<string> {
  const provider = new JsonRpcProvider(url, chainId, { staticNetwork: true });
  try {
    const manager = AccessManager__factory.connect(contracts.manager, provider);
    const end = Math.min(startBlock + SEARCHED_BLOCKS, await provider.getBlockNumber());
    const [event] = await manager.queryFilter(manager.filters.RoleGranted(0n), startBlock, end);
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

/** Hardhat's own task. What it says is said again without secrets. @returns its status */
async function verify(
  task: readonly string[],
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(process.execPath, ["node_modules/hardhat/dist/src/cli.js", ...task, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["inherit", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      process.stdout.write(`${secrets.clean(line)}\n`);
    });
  }
  return new Promise((resolve) => {
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
}
