import type { Deployment } from "../../sdk/deployment.ts";
import type { ManagerHistory } from "./manager-events.ts";

/** Every contract that the AccessManager was told of, and those of a deployment that ask it. */
export function targetsOf({ contracts }: Deployment, history: ManagerHistory): readonly string[] {
  const { functions, closed, adminDelays } = history;
  const told = [functions, closed, adminDelays].flatMap((map) => [...map.keys()]);
  return [...new Set([contracts.ledger, contracts.exchange, contracts.manager, ...told])];
}

/** What a contract of the deployment is called; others go by their address. */
export function targetName({ contracts }: Deployment, address: string): string {
  const found = Object.entries(contracts).find(([, own]) => own === address);
  return found === undefined ? address : found[0];
}
