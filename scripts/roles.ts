// Who can do what on a deployment: `npm run roles -- --deployment CHAIN_ID|FILE [--rpc URL]`.
import { readFile } from "node:fs/promises";

import { config as loadDotenv } from "dotenv";

import { RecordError } from "../sdk/record/record-error.ts";
import { httpRpc, RpcError } from "../sdk/record/rpc.ts";
import { retryingRpc } from "../sdk/record/rpc-retries.ts";
import { nodeOf } from "./deployments/node-url.ts";
import { readDeployment, requireChain, UnusableDeployment } from "./deployments/read-deployment.ts";
import { UsageError } from "./local/options.ts";
import { checkRoles } from "./roles/check-roles.ts";
import { expectedBeside, expectedOf, ExpectedRolesError } from "./roles/expected-roles.ts";
import { parseRoles } from "./roles/options.ts";
import { printRoles, rolesJson } from "./roles/print.ts";

/** 0: nothing unexpected. 1: something is. 2: it could not be found out. */
type Status = 0 | 1 | 2;

loadDotenv({ quiet: true });

async function main(): Promise<Status> {
  const args = parseRoles(process.argv.slice(2));
  const deployment = await readDeployment(args.deployment);
  const own = expectedOf(deployment);
  const expected = args.expect === null ? own : expectedBeside(own, await readExpected(args.expect));
  const rpc = retryingRpc(httpRpc(nodeOf(args.rpc, deployment, process.env), { batchSize: 20, concurrency: 2 }));
  await requireChain(rpc, deployment);
  const report = await checkRoles(rpc, deployment, expected, args.block);
  printRoles(deployment, report, (line) => process.stdout.write(`${line}\n`));
  if (args.json) process.stdout.write(`${rolesJson(deployment, report)}\n`);
  return report.ok ? 0 : 1;
}

async function readExpected(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new UsageError(`There is no file of expected roles at ${path}`, { cause });
  });
}

/** What to tell of a failure that is nobody's mistake here; anything else is one, and shows where. */
function explain(error: unknown): string {
  if (error instanceof UnusableDeployment) return `${error.failure}: ${error.message}`;
  if (error instanceof RecordError && error.failure === "reorged") return `${error.message}. Start again.`;
  const known = [UsageError, ExpectedRolesError, RecordError, RpcError];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.exitCode = await main().catch((error: unknown): Status => {
  process.stderr.write(`${explain(error)}\n`);
  return 2;
});
