import type { Deployment } from "../../sdk/deployment.ts";
import { deployNetworks } from "../deploy/networks.ts";
import { UsageError } from "../local/options.ts";

/**
 * The node to ask about a deployment: the one that was named, else the one that the environment has for the deployment's network.
 * @throws UsageError if there is neither
 */
export function nodeOf(rpc: string | null, deployment: Deployment | null, environment: NodeJS.ProcessEnv): string {
  const variable = deployment === null ? undefined : deployNetworks(environment)[deployment.network]?.urlVariable;
  const url = rpc ?? (variable === undefined ? undefined : environment[variable]);
  if (url === undefined || url === "") {
    throw new UsageError(
      `--rpc is needed${variable === undefined ? "" : `, or ${variable} in the environment or .env`}.`,
    );
  }
  const { protocol } = URL.canParse(url) ? new URL(url) : { protocol: "" };
  if (protocol === "http:" || protocol === "https:") return url;
  throw new UsageError(`${rpc === null && variable !== undefined ? variable : "--rpc"} must be an HTTP address.`);
}
