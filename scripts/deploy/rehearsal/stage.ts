import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { JsonRpcProvider, parseEther, Wallet } from "ethers";

import { Permit2Double__factory } from "../../../typechain-types/factories/contracts/mocks/Permit2Double__factory.ts";
import { X402ExactPermit2ProxyDouble__factory } from "../../../typechain-types/factories/contracts/mocks/X402ExactPermit2ProxyDouble__factory.ts";
import { type Part, startPart } from "../../local/process.ts";
import { bringCreateX } from "./create-x.ts";

/** A development chain that has what a public one has, and a deployer with a fresh key and coins. */
export interface Stage {
  readonly chain: Part;
  readonly provider: JsonRpcProvider;
  readonly chainId: number;
  readonly deployer: Wallet;
  /** Who is named in the parameters. */
  readonly admin: Wallet;
  /** For everything that the rehearsal writes; gone with it. */
  readonly folder: string;
  /** Settings of `npm run deploy`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its arguments: the parameters, and folders of its own. */
  readonly args: readonly string[];
  /** Gives an account coins. */
  fund(address: string, ether: string): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions {
  readonly script: "scripts/local/anvil.ts" | "scripts/local/geth.ts";
  readonly args: readonly string[];
  readonly finalityDepth: number;
  /** Whether it has the factory that addresses by CREATE2 need. Default true. */
  readonly hasCreateX?: boolean;
}

export async function setStage({ script, args, finalityDepth, hasCreateX = true }: StageOptions): Promise<Stage> {
  const chain = await startPart("chain", script, ["0", ...args], {});
  const provider = new JsonRpcProvider(chain.url, undefined, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 100,
  });
  const folder = mkdtempSync(join(tmpdir(), "corridor-rehearsal-"));
  const stop = async (): Promise<void> => {
    provider.destroy();
    await chain.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const bank = await provider.getSigner(0);
    const fund = async (address: string, ether: string): Promise<void> => {
      const hash = await bank.sendUncheckedTransaction({ to: address, value: parseEther(ether) });
      await provider.waitForTransaction(hash, 1, 60_000);
    };
    const [deployer, helper, admin] = [newWallet(provider), newWallet(provider), newWallet(provider)];
    await fund(deployer.address, "10");
    await fund(helper.address, "10");
    if (hasCreateX) await bringCreateX(provider);
    const permit2 = await (await new Permit2Double__factory(helper).deploy()).waitForDeployment();
    const permit2Address = await permit2.getAddress();
    const proxy = await (
      await new X402ExactPermit2ProxyDouble__factory(helper).deploy(permit2Address)
    ).waitForDeployment();
    const parameters = {
      Corridor: {
        ...{ admin: admin.address, compliance: newWallet(provider).address, guard: newWallet(provider).address },
        ...{ guardDelay: 172_800, permit2: permit2Address },
      },
      X402: { proxy: await proxy.getAddress() },
      Tokens: { list: [] },
    };
    const file = join(folder, "parameters.json");
    writeFileSync(file, JSON.stringify(parameters));
    const chainId = Number((await provider.getNetwork()).chainId);
    return {
      ...{ chain, provider, chainId, deployer, admin, folder, fund, stop },
      environment: {
        ...{ CORRIDOR_CUSTOM_RPC_URL: chain.url, CORRIDOR_CUSTOM_CHAIN_ID: String(chainId) },
        ...{ CORRIDOR_CUSTOM_FINALITY_DEPTH: String(finalityDepth), CORRIDOR_CUSTOM_BLOCK_TIME: "1" },
        ...{ CORRIDOR_CUSTOM_IS_TEST: "true", CORRIDOR_DEPLOYER_KEY: deployer.privateKey },
      },
      args: [
        ...["--network", "custom", "--parameters", file, "--out", join(folder, "deployments")],
        ...["--journal", join(folder, "journal")],
      ],
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function newWallet(provider: JsonRpcProvider): Wallet {
  return new Wallet(Wallet.createRandom().privateKey, provider);
}
