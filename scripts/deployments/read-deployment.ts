import { readFile } from "node:fs/promises";

import { type Deployment, DeploymentError, parseDeployment } from "../../sdk/deployment.ts";
import { deploymentPath } from "../../sdk/deployment-path.ts";
import { type RpcCall, RpcError } from "../../sdk/record/rpc.ts";

export type DeploymentFailure = "deployment_missing" | "deployment_invalid" | "deployment_wrong_chain";

/** A deployment that cannot be gone by: its file cannot be read or is none, or the node speaks for another chain. */
export class UnusableDeployment extends Error {
  constructor(
    readonly failure: DeploymentFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "UnusableDeployment";
  }
}

/**
 * The deployment of a chain's id (`deployments/<chainId>.json`) or of a path.
 * @throws UnusableDeployment `deployment_missing`, `deployment_invalid`; a chain id's file is of that chain
 */
export async function readDeployment(
  reference: string,
  read = (path: string): Promise<string> => readFile(path, "utf8"),
): Promise<Deployment> {
  const path = deploymentPath(reference);
  const text = await read(path).catch((cause: unknown) => {
    throw new UnusableDeployment("deployment_missing", `There is no deployment's file at ${path}`, { cause });
  });
  let deployment;
  try {
    deployment = parseDeployment(text);
  } catch (error) {
    if (!(error instanceof DeploymentError)) throw error;
    throw new UnusableDeployment("deployment_invalid", `${path}: ${error.message}`, { cause: error });
  }
  if (path !== reference && String(deployment.chainId) !== reference) {
    throw new UnusableDeployment("deployment_invalid", `${path}: it is of chain ${deployment.chainId}`);
  }
  return deployment;
}

/** The same contracts may be at the same addresses on many chains. @throws UnusableDeployment `deployment_wrong_chain`, RpcError */
export async function requireChain(rpc: RpcCall, { chainId, network }: Deployment): Promise<void> {
  const answer = await rpc("eth_chainId", []);
  if (typeof answer !== "string" || !/^0x[0-9a-f]+$/i.test(answer)) {
    throw new RpcError("malformed", "The node answers with no chain id");
  }
  if (BigInt(answer) === BigInt(chainId)) return;
  throw new UnusableDeployment(
    "deployment_wrong_chain",
    `The deployment is of chain ${chainId} (${network}), the node of chain ${BigInt(answer)}`,
  );
}
