import { expect } from "chai";
import { Wallet } from "ethers";

import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { acquireLease, giveUpLease, type Lease } from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { abandonedLanes, insertTransaction } from "../../relayer/store/transactions.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

describe("a lane whose key was taken out", () => {
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

  async function hold(address: string): Promise<Lease> {
    const lease = await acquireLease(database, address, "this test", 600_000, 0n);
    if (lease === undefined) throw new Error("no lease");
    return lease;
  }

  it("is told while it has transactions that are not decided and nobody holds it", async () => {
    const [lane, idle] = [Wallet.createRandom().address, Wallet.createRandom().address];
    const lease = await hold(lane);
    await insertTransaction(database, { hash: "0xa", raw: "0x", lane, nonce: 0n, rows: 0, batches: 0 });
    await giveUpLease(database, await hold(idle));
    expect(await abandonedLanes(database, [])).to.deep.equal([]);
    await giveUpLease(database, lease);
    expect(await abandonedLanes(database, [])).to.deep.equal([lane]);
    expect(await abandonedLanes(database, [idle])).to.deep.equal([lane]);
    expect(await abandonedLanes(database, [lane])).to.deep.equal([]);
    await database.query("UPDATE transactions SET state = 'mined' WHERE hash = '0xa'");
    expect(await abandonedLanes(database, [])).to.deep.equal([]);
  });
});
