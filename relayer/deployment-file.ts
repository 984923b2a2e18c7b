import { readFile } from "node:fs/promises";

import { type Deployment, DeploymentError, parseDeployment } from "../sdk/deployment.ts";
import { deploymentPath } from "../sdk/deployment-path.ts";
import { AppError } from "./app-error.ts";

/**
 * The deployment that `CORRIDOR_DEPLOYMENT` names, by a chain's id (`deployments/<chainId>.json`) or a path.
 * @returns undefined if it names none. @throws AppError `deployment_missing`, `deployment_invalid`
 */
export async function readDeploymentFile(
  reference: string | undefined,
  read = (path: string): Promise<string> => readFile(path, "utf8"),
): Promise<Deployment | undefined> {
  if (reference === undefined || reference === "") return undefined;
  const path = deploymentPath(reference);
  const text = await read(path).catch((cause: unknown) => {
    const { code = "" } = cause as NodeJS.ErrnoException;
    const what = code === "EACCES" ? `The file ${path} may not be read (${code})` : `There is no file ${path}`;
    throw new AppError("deployment_missing", `${what}. See CORRIDOR_DEPLOYMENT.`, { cause });
  });
  let deployment;
  try {
    deployment = parseDeployment(text);
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error;
    throw new AppError("deployment_invalid", `${path}: ${error.message}. See CORRIDOR_DEPLOYMENT.`, { cause: error });
  }
  if (path === reference || String(deployment.chainId) === reference) return deployment;
  throw new AppError("deployment_invalid", `${path}: it is of chain ${deployment.chainId}. See CORRIDOR_DEPLOYMENT.`);
}

/** What a deployment says of settings, as they would stand in the environment. */
export function settingsOf({
  contracts,
  tokens,
  startBlock,
  finalityDepth,
}: Deployment): Readonly<Record<string, string>> {
  const { ledger, escrow, gateway, exchange, x402 } = contracts;
  return {
    ...{ CORRIDOR_LEDGER: ledger, CORRIDOR_ESCROW: escrow, CORRIDOR_GATEWAY: gateway, CORRIDOR_EXCHANGE: exchange },
    ...(x402 === null ? {} : { CORRIDOR_X402: x402 }),
    ...(tokens.length === 0 ? {} : { CORRIDOR_TOKENS: tokens.map(({ address }) => address).join(",") }),
    CORRIDOR_START_BLOCK: String(startBlock),
    CORRIDOR_FINALITY_DEPTH: String(finalityDepth),
  };
}

/** The same contracts may be at the same addresses on many chains. @throws AppError `deployment_wrong_chain` */
export function requireDeploymentsChain(expected: bigint | undefined, chainId: bigint): void {
  if (expected === undefined || expected === chainId) return;
  throw new AppError(
    "deployment_wrong_chain",
    `The deployment is of chain ${expected}, the node of chain ${chainId}. See CORRIDOR_DEPLOYMENT and CORRIDOR_RPC_URL.`,
  );
}
