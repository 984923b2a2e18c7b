import { expect } from "chai";
import { ZeroHash } from "ethers";

import { undoAbove } from "../../relayer/store/chain.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertPayments } from "../../relayer/store/payments.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { newPayment } from "./stored-payment.ts";

const ANCESTOR = 4n;
/** A stranger's transaction settled it in block 5, and its own transaction is this one. */
const SETTLED = "'settled', 'own', 'stranger''s', 5";

/** How a row of each kind that rides in transactions is made. */
const RIDERS: Readonly<Record<string, string>> = {
  payments: `UPDATE payments SET (state, transaction_hash, settled_hash, block_number) = (${SETTLED}) WHERE id = 'rider'`,
  acts: `INSERT INTO acts (id, payment_id, verb, content, effect, state, transaction_hash, settled_hash, block_number)
    VALUES ('00000000-0000-4000-8000-000000000001', 'rider', 'void', '{}', 'effect', ${SETTLED})`,
  instructions: `INSERT INTO instructions (id, kind, carrier, setting, owner, token, nonce, deadline, content, signature,
      state, transaction_hash, settled_hash, block_number)
    VALUES ('rider', 'agreement', 'ledger', true, 'owner', 'dollar', 1, 900, '{}', '0x', ${SETTLED})`,
  x402_payments: `INSERT INTO x402_payments (id, kind, token, payer, payee, amount, valid_after, valid_before, nonce,
      nonce_space, given_signature, r, vs, unused_block, state, transaction_hash, settled_hash, block_number)
    VALUES ('rider', 'erc3009', 'dollar', 'payer', 'payee', 1, 0, 900, '1', 'dollar', '0x', '${ZeroHash}', '${ZeroHash}', 1,
      ${SETTLED})`,
};

describe("what a reorg takes back from a stranger's transaction", () => {
  let server: TestDatabase;
  let database: Database;

  before(async () => {
    server = await openTestDatabase();
    database = openDatabase(server.url);
    await migrate(database);
  });

  after(async () => {
    await database.end();
    await server.stop();
  });

  const own: [string, bigint | null, "submitted" | "accepted"][] = [
    ["signed", null, "submitted"],
    ["broadcast", null, "submitted"],
    // Taken back as well, so it can be mined again.
    ["mined", ANCESTOR + 1n, "submitted"],
    ["failed", ANCESTOR + 1n, "submitted"],
    ["freed", ANCESTOR + 1n, "submitted"],
    // They have had their turn, and stay.
    ["mined", ANCESTOR, "accepted"],
    ["failed", ANCESTOR, "accepted"],
    ["freed", ANCESTOR, "accepted"],
    ["lost", null, "accepted"],
  ];
  for (const [state, block, expected] of own) {
    const where = block === null ? "" : ` in block ${block}`;
    it(`is ${expected}, if its own transaction is ${state}${where}`, async () => {
      const tables = [...Object.keys(RIDERS).reverse(), "transactions", "lanes"];
      await database.query(tables.map((table) => `DELETE FROM ${table}`).join("; "));
      await database.query("INSERT INTO lanes (address, next_nonce) VALUES ('lane', 1)");
      await database.query(
        `INSERT INTO transactions (hash, lane, nonce, raw, state, rows, batches, block_number)
         VALUES ('own', 'lane', 0, '0x', $1, 1, 1, $2)`,
        [state, block],
      );
      await insertPayments(database, [newPayment({ id: "rider" })]);
      for (const make of Object.values(RIDERS)) await database.query(make);
      await undoAbove(database, ANCESTOR);
      for (const riders of Object.keys(RIDERS)) {
        const { rows } = await database.query(
          `SELECT state, transaction_hash AS "of", settled_hash AS settled, block_number AS block FROM ${riders}`,
        );
        const of = expected === "submitted" ? "own" : null;
        expect(rows, riders).to.deep.equal([{ state: expected, of, settled: null, block: null }]);
      }
    });
  }
});
