import pg from "pg";

import type { Comparison } from "../run.ts";
import type { AuditOptions } from "../run.ts";

/** A relayer's database, to be read. */
export interface DatabaseAudit {
  readonly openComparison: NonNullable<AuditOptions["openComparison"]>;
  close(): Promise<void>;
}

/** @throws Error if it cannot be reached */
export async function openDatabaseAudit(url: string): Promise<DatabaseAudit> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    openComparison: (): Comparison => ({ compareStep: () => Promise.resolve(), compareEnd: () => Promise.resolve() }),
    close: () => client.end(),
  };
}
