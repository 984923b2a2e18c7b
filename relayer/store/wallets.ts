import type { WalletDeployment } from "../wallet-deployment.ts";
import { type Database, inTransaction, type Queryable } from "./database.ts";
import { requireAll } from "./payments.ts";
import type { Queue } from "./queues.ts";
import { FIRST_BID } from "./transactions.ts";

/** A payment whose payer's wallet has to be deployed first. */
export interface PaymentToDeploy {
  readonly id: string;
  readonly payer: string;
  readonly signature: string;
  readonly deployment: WalletDeployment;
  /** Transactions of the relayer's that were to deploy it for this payment, and times that it was gone again. */
  readonly attempts: number;
  /** What became of the last of them; null if there was none. */
  readonly lastTransaction: "mined" | "failed" | "lost" | null;
}

/** A wallet that this many transactions did not leave on the chain is given up. */
export const MAX_DEPLOYMENTS = 3;

const WAITS = "deployment IS NOT NULL AND NOT deployed";

/**
 * The payment `p` is the oldest that waits for its payer's wallet, and no transaction that deploys the wallet is under way,
 * for this payment or another one.
 */
const IS_DUE = `p.state = 'accepted' AND p.deployment IS NOT NULL AND NOT p.deployed
  AND NOT EXISTS (SELECT 1 FROM payments b
    WHERE b.payer = p.payer AND b.deployment IS NOT NULL AND NOT b.deployed AND b.state IN ('accepted', 'assigned')
      AND (b.accepted_at, b.id) < (p.accepted_at, p.id))
  AND NOT EXISTS (SELECT 1 FROM payments o JOIN transactions t ON t.hash = o.deployment_hash
    WHERE o.payer = p.payer AND o.deployment IS NOT NULL AND t.state IN ('signed', 'broadcast'))`;

/** The payments that wait for a wallet. */
export const WALLET_QUEUE: Queue = { name: "wallet", table: "payments", condition: WAITS };

/** Hands the oldest payment whose wallet is to be deployed to a lane whose lease is live. */
export function assignDeployment(
  database: Database,
  lane: { address: string; fence: bigint },
): Promise<PaymentToDeploy | undefined> {
  return inTransaction(database, async (db) => {
    const { rows: due } = await db.query<{ id: string }>(
      `SELECT p.id FROM payments p WHERE ${IS_DUE} ORDER BY p.accepted_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    if (due[0] === undefined) return undefined;
    // Asked again now that the row is locked: another lane may have signed since the first look.
    const { rows } = await db.query<PaymentToDeploy>(
      `UPDATE payments p SET state = 'assigned', lane = $2, transaction_hash = NULL, updated_at = clock_timestamp()
       WHERE p.id = $1 AND ${IS_DUE}
         AND EXISTS (SELECT 1 FROM lanes WHERE address = $2 AND fence = $3 AND lease_until > clock_timestamp())
       RETURNING p.id, p.payer, p.signature, p.deployment, p.deployment_attempts AS attempts,
         (SELECT t.state FROM transactions t WHERE t.hash = p.deployment_hash) AS "lastTransaction"`,
      [due[0].id, lane.address, lane.fence],
    );
    return rows[0];
  });
}

/**
 * Notes the transaction that deploys the wallet and puts the payment back, to wait for it; to be called in the SQL
 * transaction that stores it.
 */
export async function attachDeployment(db: Queryable, hash: string, lane: string, id: string): Promise<void> {
  const { rowCount } = await db.query(
    `UPDATE payments SET deployment_hash = $1, deployment_attempts = deployment_attempts + 1, state = 'accepted', lane = NULL,
       updated_at = clock_timestamp()
     WHERE id = $2 AND state = 'assigned' AND lane = $3 AND transaction_hash IS NULL AND ${WAITS}`,
    [hash, id, lane],
  );
  requireAll(1, rowCount);
}

/** The wallet is there: all payments that waited for it go the way of others. */
export async function markDeployed(db: Queryable, payer: string): Promise<void> {
  await db.query(
    `UPDATE payments SET deployed = true, updated_at = clock_timestamp()
     WHERE payer = $1 AND ${WAITS} AND state IN ('accepted', 'assigned')`,
    [payer],
  );
}

/**
 * Lets payments whose signature is said to be bad wait for their wallet again, if it had to be deployed: a reorg may have
 * taken it back. Each time counts as an attempt, so that a wallet that only changed its mind is refused in the end.
 * @param refused With the transaction that the payment was in, or null if it was in none.
 */
export async function waitForWalletsAgain(
  db: Queryable,
  refused: readonly { readonly id: string; readonly code: string; readonly transactionHash: string | null }[],
): Promise<void> {
  const bad = refused.filter(({ code }) => code === "bad_signature");
  if (bad.length === 0) return;
  await db.query(
    `UPDATE payments p SET state = 'accepted', lane = NULL, transaction_hash = NULL, deployed = false,
       deployment_attempts = p.deployment_attempts + 1, updated_at = clock_timestamp()
     FROM unnest($1::text[], $2::text[]) AS r (id, hash)
     WHERE p.id = r.id AND p.transaction_hash IS NOT DISTINCT FROM ${FIRST_BID} AND p.state IN ('assigned', 'submitted')
       AND p.deployed AND p.deployment_attempts < $3`,
    [bad.map(({ id }) => id), bad.map(({ transactionHash }) => transactionHash), MAX_DEPLOYMENTS],
  );
}
