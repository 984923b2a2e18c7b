import { parseArgs } from "node:util";

import { DeployError } from "./deploy-error.ts";
import { customFaults, deployNetworks, type DeployNetwork } from "./networks.ts";

export interface DeployOptions {
  readonly network: string;
  readonly settings: DeployNetwork;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  /** Deploys anew: an earlier deployment's journal is set aside and its file replaced, once there is a yes. */
  readonly reset: boolean;
  /** Deploys a test currency, to be settled with the others. */
  readonly testToken: boolean;
  readonly smoke: boolean;
  /** Another one, other addresses. */
  readonly label: string;
  readonly parameters: string | undefined;
  /** Where the deployment's file goes. */
  readonly out: string;
  /** Where Ignition's journal is. */
  readonly journal: string;
}

/** Where relayer, console and audit look for deployments. */
export const DEFAULT_OUT = "deployments";

const USAGE =
  "npm run deploy -- --network NAME [--yes] [--dry-run] [--json] [--test-token] [--no-smoke] [--label TEXT]\n" +
  "            [--parameters FILE] [--out FOLDER] [--journal FOLDER] [--reset]";

/** @throws DeployError `usage`, `unknown_network`, `bad_network` */
export function parseDeploy(args: readonly string[], environment: NodeJS.ProcessEnv): DeployOptions {
  const values = parse(args);
  const { network, settings } = findNetwork(values.network, environment);
  return {
    ...{ network, settings, yes: values.yes, json: values.json, reset: values.reset, label: values.label },
    ...{ dryRun: values["dry-run"], testToken: values["test-token"], smoke: !values["no-smoke"] },
    ...{ parameters: values.parameters, out: values.out },
    journal: values.journal ?? `ignition/deployments/chain-${settings.chainId}`,
  };
}

/** @throws DeployError `unknown_network`, `bad_network` */
export function findNetwork(
  name: string | undefined,
  environment: NodeJS.ProcessEnv,
): { network: string; settings: DeployNetwork } {
  const networks = deployNetworks(environment);
  const settings = name === undefined ? undefined : networks[name];
  const faults = name === "custom" ? customFaults(environment) : [];
  if (faults.length > 0) {
    const expected = "a chain's id, a number of blocks, seconds, true or false";
    throw new DeployError("bad_network", `${faults.join(", ")}.`, expected, "correct it in the environment or .env");
  }
  if (name !== undefined && settings !== undefined) return { network: name, settings };
  throw new DeployError(
    "unknown_network",
    name === undefined ? "No network was named." : `There is no network ${name}.`,
    `one of ${Object.keys(networks).join(", ")}`,
    "name it by --network; custom is whatever CORRIDOR_CUSTOM_RPC_URL and CORRIDOR_CUSTOM_CHAIN_ID say",
  );
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ network: text, parameters: text, journal: text, yes: flag, "dry-run": flag, json: flag, reset: flag },
        ...{ "test-token": flag, "no-smoke": flag },
        out: { type: "string", default: DEFAULT_OUT },
        label: { type: "string", default: "corridor" },
      },
    }).values;
  } catch (error) {
    throw new DeployError(
      "usage",
      error instanceof Error ? error.message : String(error),
      USAGE,
      "correct the command",
    );
  }
}
