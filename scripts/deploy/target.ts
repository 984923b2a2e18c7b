import { isHexString } from "ethers";
import hre, { network as networks } from "hardhat";

import { DeployError } from "./deploy-error.ts";
import { DEPLOYER_KEY } from "./networks.ts";
import type { DeployOptions } from "./options.ts";
import type { Secrets } from "./secrets.ts";

type Connection = Awaited<ReturnType<typeof networks.create>>;
type Signer = Awaited<ReturnType<Connection["ethers"]["getSigners"]>>[number];

/** The chain to deploy on, and who deploys. */
export interface DeployTarget {
  readonly connection: Connection;
  readonly provider: Connection["ethers"]["provider"];
  readonly deployer: Signer;
}

/** Opens a network of hardhat.config.ts. @throws DeployError `no_url`, `no_key`, `bad_key`, `unreachable`, `wrong_chain` */
export async function openTarget(options: DeployOptions, secrets: Secrets): Promise<DeployTarget> {
  const { network, settings } = options;
  const config = hre.config.networks[network];
  if (config?.type !== "http") throw new Error(`${network} is no network over HTTP`);
  let url: string;
  try {
    url = await config.url.getUrl();
  } catch (error) {
    throw missing("no_url", settings.urlVariable, "the URL of a node, by http or https", error);
  }
  secrets.addUrl(url);
  await requireKey(config.accounts, secrets);
  const chainId = await askChainId(url, settings.urlVariable);
  if (chainId !== settings.chainId) {
    throw new DeployError(
      "wrong_chain",
      `The node of ${settings.urlVariable} answers for chain ${chainId}.`,
      `chain ${settings.chainId}, which ${network} is`,
      `put a node of ${network} into ${settings.urlVariable}${network === "custom" ? ", or its chain into CORRIDOR_CUSTOM_CHAIN_ID" : ""}`,
    );
  }
  const connection = await networks.create({ network });
  const [deployer] = await connection.ethers.getSigners();
  if (deployer === undefined) throw new Error(`${network} has no account`);
  return { connection, provider: connection.ethers.provider, deployer };
}

type Accounts = Extract<(typeof hre.config.networks)[string], { type: "http" }>["accounts"];

/** Looks the key up once, so that it is known what must never be printed. @throws DeployError `no_key`, `bad_key` */
async function requireKey(accounts: Accounts, secrets: Secrets): Promise<void> {
  const [account] = Array.isArray(accounts) ? accounts : [];
  if (account === undefined) throw new Error("The network has no account in hardhat.config.ts");
  let key: string;
  try {
    key = (await account.get()).trim();
  } catch (error) {
    throw missing("no_key", DEPLOYER_KEY, "the private key of the deployer", error);
  }
  secrets.addKey(key);
  if (isHexString(key.startsWith("0x") ? key : `0x${key}`, 32)) return;
  throw new DeployError(
    "bad_key",
    `${DEPLOYER_KEY} has ${key.length} characters and is no private key.`,
    "32 bytes in hex, with or without 0x",
    `correct it: npm run keystore -- set --force ${DEPLOYER_KEY}, or in .env`,
  );
}

function missing(code: "no_url" | "no_key", name: string, expected: string, cause: unknown): DeployError {
  return new DeployError(
    code,
    `${name} is not set.`,
    expected,
    `npm run keystore -- set ${name}, or a line ${name}=… in .env`,
    { cause },
  );
}

/** Asks the node itself, so that no library's retries stand between. */
async function askChainId(url: string, variable: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  try {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(15_000) });
    const { result } = (await answer.json()) as { result?: unknown };
    if (typeof result === "string") return Number(BigInt(result));
    throw new Error(`HTTP ${answer.status} without a chain id`);
  } catch (error) {
    throw new DeployError(
      "unreachable",
      `The node of ${variable} does not answer: ${error instanceof Error ? error.message : String(error)}`,
      "a JSON-RPC node that answers eth_chainId within 15 seconds",
      `try the URL by curl, or put another one into ${variable}`,
    );
  }
}
