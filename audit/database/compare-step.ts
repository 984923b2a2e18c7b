import type pg from "pg";

import type { Counters } from "../books.ts";
import { text, whole } from "../chain-events.ts";
import type { ExceptionLog } from "../exceptions.ts";
import type { Facts } from "../replay.ts";
import { compareRow, countRows, type Expected, readPages } from "./rows.ts";

interface Range {
  readonly fromBlock: number;
  readonly toBlock: number;
}

type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** What the chain says of a row, and where. */
interface Said {
  readonly expected: Expected;
  readonly transactionHash: string;
  readonly blockNumber: number;
}

/**
 * Holds the rows of some blocks against what happened in them, both ways: a row that says something took effect, and what took effect
 * without a row. Both are of these blocks only, so no more is in memory.
 */
export async function compareStep(
  client: pg.Client,
  { fromBlock, toBlock }: Range,
  facts: Facts,
  exceptions: ExceptionLog,
  counters: Counters,
): Promise<void> {
  const blocks = [fromBlock, toBlock];
  const took = "state IN ('settled', 'final') AND block_number BETWEEN $1 AND $2";
  const compare = async (table: string, said: Map<string, Said>, sql: string): Promise<void> => {
    for await (const rows of readPages<Row>(client, sql, blocks)) {
      countRows(counters, rows);
      for (const row of rows) {
        const own = said.get(row.id);
        said.delete(row.id);
        const name = `${table} ${row.id}`;
        if (own !== undefined) compareRow(name, row, own.expected, own, exceptions);
        else exceptions.note("database_row_extra", name, null, `block ${String(row.block_number)} has nothing of it`);
      }
    }
    await findElsewhere(client, table, said, exceptions);
  };
  await compare("payments", paymentsOf(facts), `SELECT * FROM payments WHERE ${took}`);
  await compare("instructions", instructionsOf(facts), `SELECT * FROM instructions WHERE ${took}`);
  const refunds = "SELECT *, payment_id || ':' || refunded AS id FROM fx_refunds WHERE block_number BETWEEN $1 AND $2";
  await compare("fx_refunds", refundsOf(facts), refunds);
}

/**
 * What took effect and has no row at its block. Others may have carried it, so that nothing of it need be here; what a transaction of
 * this relayer carried, or what has a row that says something else, must.
 */
async function findElsewhere(
  client: pg.Client,
  table: string,
  said: ReadonlyMap<string, Said>,
  { note }: ExceptionLog,
): Promise<void> {
  if (said.size === 0) return;
  const all = [...said];
  const key = table === "fx_refunds" ? "payment_id || ':' || refunded" : "id";
  const state = table === "fx_refunds" ? "'settled'" : "state";
  const { rows: found } = await client.query<{ id: string; state: string; block_number: bigint | null }>(
    `SELECT ${key} AS id, ${state} AS state, block_number FROM ${table} WHERE ${key} = ANY($1::text[])`,
    [all.map(([id]) => id)],
  );
  const elsewhere = new Map(found.map((row) => [row.id, row]));
  const hashes = [...new Set(all.map(([, { transactionHash }]) => transactionHash))];
  const { rows: own } = await client.query<{ hash: string }>(
    `SELECT mined_hash AS hash FROM transactions WHERE mined_hash = ANY($1::text[])
     UNION SELECT hash FROM transactions WHERE hash = ANY($1::text[])
     UNION SELECT hash FROM bids WHERE hash = ANY($1::text[])`,
    [hashes],
  );
  const ours = new Set(own.map(({ hash }) => hash));
  for (const [id, place] of all) {
    const row = elsewhere.get(id);
    if (row !== undefined) {
      const detail = `it is ${row.state} in block ${row.block_number}, on the chain it took effect in block ${place.blockNumber}`;
      note("database_row_differs", `${table} ${id}`, place, detail);
    } else if (ours.has(place.transactionHash)) {
      note("database_row_missing", `${table} ${id}`, place, "a transaction of this relayer carried it");
    }
  }
}

function paymentsOf({ payments, events }: Facts): Map<string, Said> {
  const exchanged = new Map(
    events
      .filter(({ name }) => name === "Exchanged" || name === "Held")
      .map((event) => [
        text(event, "id"),
        { fx_paid: whole(event, "paid"), fx_fee: event.name === "Held" ? 0n : whole(event, "fee") },
      ]),
  );
  return new Map(
    payments.map((payment) => {
      const { id, payer, payee, token, amount, nonce, memo, transactionHash, blockNumber, timestamp, isPulled } =
        payment;
      const fx = exchanged.get(id);
      const expected: Record<string, string | bigint> = {
        ...{ payer, payee, token, nonce, memo, settled_hash: transactionHash, block_number: BigInt(blockNumber) },
        ...{ settled_at: timestamp },
        // Of an exchanged payment the row has the ceiling, and the fee is in another currency.
        ...(fx ?? { amount, fee: payment.feeShare }),
      };
      // The two ways to pull have different ids, so whichever it was, the row's own id says so.
      return [
        id,
        { expected: isPulled ? expected : { ...expected, funding: "account" }, transactionHash, blockNumber },
      ];
    }),
  );
}

function instructionsOf({ events }: Facts): Map<string, Said> {
  const said = new Map<string, Said>();
  for (const event of events) {
    const { transactionHash, blockNumber } = event.at;
    const place = { settled_hash: transactionHash, block_number: BigInt(blockNumber) };
    const isOfGateway = event.contract === "gateway" && event.name === "Deposited";
    if (event.contract === "ledger" && event.name === "NonceUsed" && BigInt(text(event, "id")) !== 0n) {
      const expected = {
        ...{ ...place, owner: text(event, "owner"), token: text(event, "token"), nonce: whole(event, "nonce") },
      };
      said.set(text(event, "id"), { expected, transactionHash, blockNumber });
    } else if (event.contract === "ledger" && event.name === "Withdrawn" && said.has(text(event, "id"))) {
      const known = said.get(text(event, "id"))?.expected ?? {};
      const expected = { ...known, amount: whole(event, "amount") };
      said.set(text(event, "id"), { expected, transactionHash, blockNumber });
    } else if (isOfGateway) {
      const expected = { ...place, token: text(event, "token") };
      said.set(text(event, "id"), { expected, transactionHash, blockNumber });
    }
  }
  return said;
}

function refundsOf({ events }: Facts): Map<string, Said> {
  const said = new Map<string, Said>();
  let open: Facts["events"][number] | undefined;
  for (const event of events) {
    if (event.contract !== "exchange") continue;
    if (event.name === "Refunded") open = event;
    if (event.name !== "QuoteFilled" || open === undefined) continue;
    const { transactionHash, blockNumber, timestamp } = event.at;
    const expected = {
      ...{ amount: whole(open, "amount"), cost: whole(open, "cost"), returned: whole(open, "returned") },
      ...{ quote: text(event, "id"), maker: text(event, "maker"), transaction_hash: transactionHash },
      ...{ block_number: BigInt(blockNumber), refunded_at: timestamp },
    };
    said.set(`${text(open, "id")}:${whole(open, "refunded")}`, { expected, transactionHash, blockNumber });
    open = undefined;
  }
  return said;
}
