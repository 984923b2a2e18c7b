import { config as loadDotenv } from "dotenv";

import { DatabaseError, openDatabaseAudit } from "../audit/database/open.ts";
import { type AuditOptions, runAudit } from "../audit/run.ts";
import { StateError } from "../audit/state-file.ts";
import type { Deployment } from "../sdk/deployment.ts";
import { RecordError } from "../sdk/record/record-error.ts";
import { httpRpc, type RpcCall, RpcError } from "../sdk/record/rpc.ts";
import { retryingRpc } from "../sdk/record/rpc-retries.ts";
import { type AuditArguments, contractsOf, parseAudit } from "./audit/options.ts";
import { printReport, progressLine, reportJson } from "./audit/print.ts";
import { nodeOf } from "./deployments/node-url.ts";
import { readDeployment, requireChain, UnusableDeployment } from "./deployments/read-deployment.ts";
import { UsageError } from "./local/options.ts";

/** 0: all of it holds. 1: something does not. 2: the audit could not be made. */
type Status = 0 | 1 | 2;

/** Transactions and receipts of hundreds of payments travel a few at a time. */
const BULK_BATCH = 4;
const TIMEOUT_MS = 60_000;

loadDotenv({ quiet: true });

async function main(): Promise<Status> {
  const args = parseAudit(process.argv.slice(2));
  const deployment = args.deployment === null ? null : await readDeployment(args.deployment);
  const options = optionsOf(args, deployment);
  if (deployment !== null) await requireChain(options.rpc, deployment);
  const database = args.database === null ? null : await openDatabaseAudit(args.database);
  try {
    const { openComparison } = database ?? {};
    const report = await runAudit({
      ...options,
      ...(openComparison === undefined ? {} : { openComparison }),
      onProgress: progressLine(process.stderr),
    });
    if (process.stderr.isTTY) process.stderr.write("\n");
    printReport(report, (line) => process.stdout.write(`${line}\n`));
    if (args.json) process.stdout.write(`${reportJson(report)}\n`);
    return report.ok ? 0 : 1;
  } finally {
    await database?.close();
  }
}

function optionsOf(args: AuditArguments, deployment: Deployment | null): AuditOptions {
  const { from, to, tokens } = args;
  const url = nodeOf(args.rpc, deployment, process.env);
  const open = (batchSize: number): RpcCall => {
    const { concurrency } = args;
    return retryingRpc(httpRpc(url, { batchSize, concurrency, timeoutMs: TIMEOUT_MS }));
  };
  return {
    ...{ ...contractsOf(args, deployment), from, to, tokens, stateFile: args.resume },
    ...{ rpc: open(args.batch), bulkRpc: open(Math.min(args.batch, BULK_BATCH)) },
  };
}

/** What to tell of a failure that is nobody's mistake here; anything else is one, and shows where. */
function explain(error: unknown): string {
  if (error instanceof UnusableDeployment) return `${error.failure}: ${error.message}`;
  if (error instanceof UsageError || error instanceof StateError || error instanceof DatabaseError)
    return error.message;
  if (error instanceof RecordError)
    return `${error.message}. ${error.failure === "reorged" ? "Start again." : ""}`.trim();
  if (error instanceof RpcError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.exitCode = await main().catch((error: unknown): Status => {
  process.stderr.write(`${explain(error)}\n`);
  return 2;
});
