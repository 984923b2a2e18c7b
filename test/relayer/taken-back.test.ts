import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";

import { applySettled, rememberBlock, undoAbove } from "../../relayer/store/chain.ts";
import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import { acquireLease, type Lease } from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { assignPayments, attachPayments, findPayment, insertPayments } from "../../relayer/store/payments.ts";
import { insertTransaction, markBroadcast, recordLoss, recordOutcome } from "../../relayer/store/transactions.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { newPayment } from "./stored-payment.ts";

const LANE = "lane";
const KIND = { funding: "account", hold: false, fx: false } as const;

/** A stranger settles in block 10 what a transaction of the lane's carries; what becomes of the transaction differs. */
describe("a reorg under a payment that a stranger settled", () => {
  let server: TestDatabase;
  let database: Database;
  let lease: Lease;
  let nonce = 0n;

  before(async () => {
    server = await openTestDatabase();
    database = openDatabase(server.url);
    await migrate(database);
  });

  beforeEach(async () => {
    await database.query("TRUNCATE payments, transactions, lanes, blocks CASCADE");
    for (const number of [8n, 9n, 10n])
      await rememberBlock(database, { number, hash: `hash ${number}`, timestamp: 1n }, 99);
    const held = await acquireLease(database, LANE, "this test", 600_000, 0n);
    if (held === undefined) throw new Error("no lease");
    lease = held;
  });

  after(async () => {
    await database.end();
    await server.stop();
  });

  /** @returns the payment's id and the hash of the transaction that carries it. */
  async function sendOne(): Promise<{ id: string; hash: string }> {
    const payment = newPayment();
    await insertPayments(database, [payment]);
    return { id: payment.id, hash: await send(payment.id) };
  }

  async function send(id: string): Promise<string> {
    const assigned = await assignPayments(database, lease, 10, KIND);
    expect(assigned.map((row) => row.id)).to.deep.equal([id]);
    const hash = hexlify(randomBytes(32));
    nonce += 1n;
    await inTransaction(database, async (db) => {
      await insertTransaction(db, { hash, raw: "0x", lane: LANE, nonce, rows: 1, batches: 1 });
      await attachPayments(db, hash, LANE, [id]);
    });
    await markBroadcast(database, hash);
    return hash;
  }

  const settledByStranger = (id: string) =>
    applySettled(database, [{ id, transactionHash: "0x57", blockNumber: 10n, pulled: false, settledAt: 1n }]);
  const mined = (hash: string, blockNumber: bigint, outcome: { succeeded: boolean; empties: boolean }) =>
    recordOutcome(database, { ...{ hash, minedHash: hash, blockNumber, gasUsed: 1n, feeWei: 1n }, ...outcome });

  const endings: readonly [string, (hash: string) => Promise<unknown>][] = [
    ["lost its nonce", (hash) => recordLoss(database, hash)],
    ["reverted before", (hash) => mined(hash, 9n, { succeeded: false, empties: false })],
    ["was emptied before", (hash) => mined(hash, 9n, { succeeded: true, empties: true })],
  ];
  for (const [what, end] of endings) {
    it(`sends it again if the transaction that carried it ${what}`, async () => {
      const { id, hash } = await sendOne();
      await settledByStranger(id);
      await end(hash);
      await undoAbove(database, 9n);
      expect(await findPayment(database, id)).to.include({ state: "accepted", transactionHash: null });
      expect(await send(id)).not.to.equal(hash);
    });
  }

  it("leaves it with its transaction if that can still be mined, or can be again", async () => {
    const [waiting, again] = [await sendOne(), await sendOne()];
    for (const { id } of [waiting, again]) await settledByStranger(id);
    await mined(again.hash, 10n, { succeeded: true, empties: false });
    await undoAbove(database, 9n);
    for (const { id, hash } of [waiting, again]) {
      expect(await findPayment(database, id)).to.include({ state: "submitted", transactionHash: hash });
    }
  });
});
