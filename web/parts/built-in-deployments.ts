import { readDeployments } from "./known-deployments.ts";

/** What was in `deployments/` when the console was built. No relayer tells it, so a relayer can be held against it. */
export const KNOWN = readDeployments(
  import.meta.glob<string>("../../deployments/*.json", { query: "?raw", import: "default", eager: true }),
);
