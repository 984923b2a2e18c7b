import { expect } from "chai";
import { Wallet } from "ethers";
import { pino } from "pino";

import { createTender } from "../../relayer/lanes/tender.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { acquireLease } from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertTransaction, liveTransactions } from "../../relayer/store/transactions.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

describe("a lane's slow transactions", () => {
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

  it("are looked after though the node cannot tell who used the nonce of one of them", async () => {
    const wallet = Wallet.createRandom();
    const lane = wallet.address;
    const lease = await acquireLease(database, lane, "this test", 600_000, 0n);
    if (lease === undefined) throw new Error("no lease");
    const hashes: string[] = [];
    for (const nonce of [0n, 1n]) {
      const fees = { maxFeePerGas: 10n, maxPriorityFeePerGas: 1n };
      const raw = await wallet.signTransaction({
        ...{ type: 2, chainId: 1n, nonce: Number(nonce), to: lane, gasLimit: 21_000n },
        ...fees,
      });
      const hash = `0x${nonce}`;
      hashes.push(hash);
      await insertTransaction(database, { hash, raw, lane, nonce, rows: 0, batches: 0 });
    }
    const head = { number: 900n, hash: "0x", parentHash: "0x", timestamp: 1n, baseFee: 1n, transactions: [] };
    const sent: string[] = [];
    const tender = createTender({
      ...{ database, chainId: 1n, fees: { tip: 1n, ceiling: 100n }, finalityDepth: 3, log: pino({ level: "silent" }) },
      provider: {
        getTransactionCount: () => Promise.resolve(1),
        send: () => Promise.reject(new Error("missing trie node")),
      },
      reader: {
        block: () => Promise.resolve(head),
        logs: () => Promise.resolve([]),
        logsOf: () => Promise.resolve([]),
        receipt: () => Promise.resolve(undefined),
        isAbsent: () => Promise.resolve(false),
      },
      catchUp: () => Promise.resolve(),
      signer: { address: lane, sign: () => Promise.reject(new Error("nothing is to be signed")) },
      patience: { resendMs: 1_000, stuckMs: 60_000 },
      send: ({ hash }) => sent.push(hash),
    });
    await tender.lookAfter(await liveTransactions(database, lane), lease);
    expect(sent).to.deep.equal(hashes.slice(1));
  });
});
