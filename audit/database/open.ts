import pg from "pg";

import type { AuditOptions } from "../run.ts";
import { compareAtEnd, waitUntilFollowed } from "./compare-end.ts";
import { compareStep } from "./compare-step.ts";

/** A relayer's database, to be read. */
export interface DatabaseAudit {
  readonly openComparison: NonNullable<AuditOptions["openComparison"]>;
  close(): Promise<void>;
}

/** Why a database cannot be compared. */
export class DatabaseError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DatabaseError";
  }
}

type Parser = (text: string) => unknown;

/** The types int8 and numeric. */
const WHOLE_NUMBERS = [20, 1_700];

/** Reads and nothing else: the session refuses to write. @throws DatabaseError if it cannot be reached, or is none of a relayer */
export async function openDatabaseAudit(url: string): Promise<DatabaseAudit> {
  // Whole numbers of any size, of this client alone.
  const types: pg.CustomTypesConfig = {
    getTypeParser: (type) => (WHOLE_NUMBERS.includes(type) ? BigInt : (pg.types.getTypeParser(type) as Parser)),
  };
  const client = new pg.Client({
    ...{ connectionString: url, types },
    options: "-c default_transaction_read_only=on",
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1 FROM deployment, payments, holds, instructions, quotes LIMIT 0");
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw new DatabaseError(`--database: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return {
    openComparison: (contracts, exceptions, books) => ({
      waitFor: (end) => waitUntilFollowed(client, end, exceptions),
      compareStep: (range, facts) => compareStep(client, range, facts, exceptions, books.counters),
      compareEnd: (ofBooks, end) => compareAtEnd(client, contracts, ofBooks, end, exceptions),
    }),
    close: () => client.end(),
  };
}
