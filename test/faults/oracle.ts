import pg from "pg";

import { settledOnChain } from "../../scripts/bench/throughput/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { foldPayments, type WebhookMessage } from "../../sdk/webhooks.ts";

/** What does not fit together, in words; empty if all is well. */
export type Findings = readonly string[];

/**
 * The chain is the oracle. Each accepted payment has exactly one event and its record says settled; each other one has
 * none, or is settled in the record too; no lane has signed two transactions that were mined under one nonce.
 * @param accepted Ids that a relayer said it has. @param asked All that it was asked for.
 */
export async function consult(
  stack: LocalStack,
  accepted: ReadonlySet<string>,
  asked: readonly string[],
): Promise<Findings> {
  const findings: string[] = [];
  const events = await settledOnChain(stack);
  const client = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; state: string; code: string | null }>(
      "SELECT id, state, code FROM payments WHERE id = ANY($1)",
      [asked],
    );
    const records = new Map(rows.map((row) => [row.id, row]));
    for (const id of asked) {
      const times = events.get(id) ?? 0;
      const record = records.get(id);
      const isSettled = record?.state === "settled" || record?.state === "final";
      if (times > 1) findings.push(`${id} settled ${times} times`);
      if (accepted.has(id) && record === undefined) findings.push(`${id} was accepted and is not in the record`);
      if (accepted.has(id) && times === 0)
        findings.push(`${id} was accepted and never settled: ${record?.state} ${record?.code}`);
      if (isSettled !== (times === 1)) findings.push(`${id} has ${times} events and is ${record?.state ?? "unknown"}`);
    }
    const { rows: live } = await client.query<{ hash: string; state: string; nonce: string; lane: string }>(
      "SELECT hash, state, nonce::text, lane FROM transactions WHERE state NOT IN ('mined', 'failed', 'freed', 'lost')",
    );
    for (const { hash, state, nonce } of live) findings.push(`transaction ${hash} (nonce ${nonce}) is left ${state}`);
    const { rows: lanes } = await client.query<{ address: string; used: string }>(
      `SELECT address, (SELECT count(*) FROM transactions t WHERE t.lane = address AND state <> 'lost')::text AS used
       FROM lanes`,
    );
    for (const { address, used } of lanes) {
      const nonce = await stack.provider.getTransactionCount(address);
      if (nonce !== Number(used)) findings.push(`lane ${address} used ${nonce} nonces for ${used} transactions`);
    }
  } finally {
    await client.end();
  }
  return findings;
}

const TOLD_LIMIT_MS = 30_000;

/** What an endpoint was told about payments, folded by sequence, says the same of each as the record does. */
export async function compareTold(
  stack: LocalStack,
  told: () => readonly WebhookMessage[],
  ids: readonly string[],
): Promise<Findings> {
  const client = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
  await client.connect();
  try {
    for (const end = Date.now() + TOLD_LIMIT_MS; ;) {
      const { rows } = await client.query<{ id: string; state: string }>(
        "SELECT id, state FROM payments WHERE id = ANY($1)",
        [ids],
      );
      const states = foldPayments(told());
      const findings = rows.flatMap(({ id, state }) => {
        const last = states.get(id)?.state;
        return last === state ? [] : [`${id} is ${state}, and was last told to be ${last ?? "nothing"}`];
      });
      if (findings.length === 0 || Date.now() > end) return findings;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    await client.end();
  }
}
