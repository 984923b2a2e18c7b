import { expect } from "chai";

import type { TimedMovement } from "../../relayer/movement.ts";
import { rememberBlock, saveAccounts, undoAbove } from "../../relayer/store/chain.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { MIGRATIONS } from "../../relayer/store/migrations/index.ts";
import { bringForward, lacksMovements, saveMovements } from "../../relayer/store/movements.ts";
import { movementHorizon, readStatementSums } from "../../relayer/store/statements.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const block = (number: bigint) => ({ number, hash: `block ${number}`, timestamp: 1_000n + number });
const SPAN = { account: "owner", token: "dollar", from: 0, to: 5_000 };

function deposit(blockNumber: bigint, credit: bigint): TimedMovement {
  return {
    ...{
      blockNumber,
      logIndex: 0,
      part: 0,
      transactionHash: "tx",
      kind: "deposit",
      token: "dollar",
      at: 1_000n + blockNumber,
    },
    ...{ debited: null, debit: 0n, credited: "owner", credit, fee: 0n },
    ...{ reference: null, memo: null, party: "somebody", exchange: null },
  };
}

describe("the record of what moved", () => {
  let server: TestDatabase;
  let database: Database;

  before(async () => {
    server = await openTestDatabase();
    database = openDatabase(server.url);
    // As a version before the record left it, with an account and a followed block.
    await migrate(
      database,
      MIGRATIONS.slice(
        0,
        MIGRATIONS.findIndex(({ name }) => name === "0016-movements"),
      ),
    );
    await follow(5n, 70n);
    await migrate(database);
  });

  after(async () => {
    await database.end();
    await server.stop();
  });

  async function follow(number: bigint, balance: bigint): Promise<void> {
    await rememberBlock(database, block(number), 256);
    const account = { owner: "owner", token: "dollar", balance, window: 0n, nextNonce: 0n, frozenUntil: 0n };
    await saveAccounts(database, [account], number);
  }

  /** What the movements come to, and what the account holds. */
  async function balances(): Promise<(bigint | undefined)[]> {
    const sums = await readStatementSums(database, SPAN, 2);
    return [sums && sums.before + sums.credits.sum - sums.debits.sum + sums.after, sums?.balance];
  }

  it("begins with the balances of a database that was followed before, and goes on from there", async () => {
    expect(await movementHorizon(database)).to.equal(1_005n);
    expect(await balances()).to.deep.equal([70n, 70n]);
    expect(await lacksMovements(database, block(5n), block(5n))).to.equal(false);
    await saveMovements(database, [deposit(6n, 30n)], 6n);
    await follow(6n, 100n);
    expect(await balances()).to.deep.equal([100n, 100n]);
    expect((await readStatementSums(database, { ...SPAN, from: 1_006 }, 2))?.credits).to.deep.equal({
      entries: 1,
      sum: 30n,
    });
  });

  it("is undone above what a reorg leaves", async () => {
    await undoAbove(database, 5n);
    // Also if nothing was followed since.
    expect(await lacksMovements(database, block(5n), block(5n))).to.equal(false);
    await follow(7n, 70n);
    await saveMovements(database, [], 7n);
    expect(await balances()).to.deep.equal([70n, 70n]);
  });

  it("begins anew after an earlier version moved the record, or a reorg below its beginning", async () => {
    await follow(8n, 90n);
    expect(await lacksMovements(database, block(8n), block(8n))).to.equal(true);
    expect(await balances()).to.deep.equal([70n, 90n]);
    await bringForward(database, block(8n));
    expect(await balances()).to.deep.equal([90n, 90n]);
    expect(await movementHorizon(database)).to.equal(1_008n);
    expect(await lacksMovements(database, block(8n), block(8n))).to.equal(false);
    expect(await lacksMovements(database, block(8n), block(7n))).to.equal(true);
  });
});
