import { openDatabaseAudit } from "../../audit/database/open.ts";
import type { AuditReport } from "../../audit/report.ts";
import { type AuditOptions, runAudit } from "../../audit/run.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { httpRpc } from "../../sdk/record/rpc.ts";

/** Audits a stack's chain, and its relayer's database beside it. */
export async function auditStack(stack: LocalStack, changes: Partial<AuditOptions> = {}): Promise<AuditReport> {
  const database = await openDatabaseAudit(stack.environment.DATABASE_URL ?? "");
  const rpc = httpRpc(stack.chain.url, { batchSize: 20, concurrency: 2 });
  try {
    return await runAudit({
      ...{ rpc, bulkRpc: rpc, ledger: stack.deployment.ledger, escrow: null, exchange: null, gateway: null },
      ...{ from: null, to: "latest", tokens: null, stateFile: null, openComparison: database.openComparison },
      ...changes,
    });
  } finally {
    await database.close();
  }
}
