import { type Database, inTransaction, type Queryable } from "./database.ts";
import { releaseActs } from "./acts.ts";
import { releaseInstructions } from "./instructions.ts";
import { releaseAssigned } from "./payments.ts";
import { releaseX402 } from "./x402.ts";

/** The right to sign with a key until it is lost. `fence` grows with each new holder. */
export interface Lease {
  readonly address: string;
  readonly holder: string;
  readonly fence: bigint;
}

/**
 * Takes the lane if nobody holds it, or its holder's lease has run out. What the last holder was handed and had not
 * signed goes back to the queue; what it signed is in `transactions` and goes on from there.
 * @param chainNonce The account's transaction count on the chain; the lane never falls behind it.
 */
export async function acquireLease(
  database: Database,
  address: string,
  holder: string,
  leaseMs: number,
  chainNonce: bigint,
): Promise<Lease | undefined> {
  return inTransaction(database, async (client) => {
    await client.query("INSERT INTO lanes (address, next_nonce) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      address,
      chainNonce,
    ]);
    const { rows } = await client.query<{ fence: bigint }>(
      `UPDATE lanes SET holder = $2, fence = fence + 1, next_nonce = greatest(next_nonce, $4),
         lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE address = $1 AND (lease_until IS NULL OR lease_until < clock_timestamp())
       RETURNING fence`,
      [address, holder, leaseMs, chainNonce],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    await releaseUnsigned(client, address);
    return { address, holder, fence: row.fence };
  });
}

/** @returns false if the lease was lost. */
export async function renewLease(db: Queryable, lease: Lease, leaseMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE lanes SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
     WHERE address = $1 AND fence = $2 AND lease_until > clock_timestamp()`,
    [lease.address, lease.fence, leaseMs],
  );
  return rowCount === 1;
}

export async function giveUpLease(database: Database, lease: Lease): Promise<void> {
  await inTransaction(database, async (client) => {
    const { rowCount } = await client.query(
      "UPDATE lanes SET lease_until = NULL, holder = NULL WHERE address = $1 AND fence = $2",
      [lease.address, lease.fence],
    );
    if (rowCount === 1) await releaseUnsigned(client, lease.address);
  });
}

/** The lane's next nonce, used up; `undefined` if the lease was lost. To be called in the transaction that stores it. */
export async function takeNonce(db: Queryable, lease: Lease): Promise<bigint | undefined> {
  const { rows } = await db.query<{ nonce: bigint }>(
    `UPDATE lanes SET next_nonce = next_nonce + 1
     WHERE address = $1 AND fence = $2 AND lease_until > clock_timestamp()
     RETURNING next_nonce - 1 AS nonce`,
    [lease.address, lease.fence],
  );
  return rows[0]?.nonce;
}

/** Puts back whatever the lane was handed and has not signed. */
export async function releaseUnsigned(db: Queryable, address: string): Promise<void> {
  await releaseAssigned(db, address);
  await releaseActs(db, address);
  await releaseInstructions(db, address);
  await releaseX402(db, address);
}

/** Whether the lease is live, and stays so until the SQL transaction ends. */
export async function holdsLease(db: Queryable, lease: Lease): Promise<boolean> {
  const { rowCount } = await db.query(
    "SELECT 1 FROM lanes WHERE address = $1 AND fence = $2 AND lease_until > clock_timestamp() FOR UPDATE",
    [lease.address, lease.fence],
  );
  return rowCount === 1;
}
