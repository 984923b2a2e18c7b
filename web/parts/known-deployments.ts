import { type Deployment, DeploymentError, parseDeployment } from "../../sdk/deployment.ts";

export interface KnownDeployments {
  readonly deployments: readonly Deployment[];
  /** Names of files that are no deployments, or not of the chain that they are named after. */
  readonly unreadable: readonly string[];
}

/** @param files Their texts by their paths. */
export function readDeployments(files: Readonly<Record<string, string>>): KnownDeployments {
  const deployments: Deployment[] = [];
  const unreadable: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const deployment = parse(text);
    if (deployment !== null && name === `${deployment.chainId}.json`) deployments.push(deployment);
    else unreadable.push(name);
  }
  return { deployments: deployments.sort((a, b) => a.chainId - b.chainId), unreadable };
}

function parse(text: string): Deployment | null {
  try {
    return parseDeployment(text);
  } catch (error) {
    if (error instanceof DeploymentError) return null;
    throw error;
  }
}
