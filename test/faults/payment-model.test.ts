import { expect } from "chai";
import fc from "fast-check";

import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { liveBids, slowTransactions } from "../../relayer/store/transactions.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import {
  acquire,
  assign,
  follow,
  LANES,
  PAYMENT_COMMANDS,
  type PaymentCommand,
  type Real,
  sign,
} from "./payment-commands.ts";
import { NEXT, NEXT_BY_REORG, PaymentModel } from "./payment-model.ts";

/** A run that fails is told with its seed, path and commands; given here, they make it again. */
const RUNS = { seed: 28_112_026, numRuns: 100 };
const MAX_COMMANDS = 100;

describe("the states of a payment, against a model", () => {
  let server: TestDatabase;
  let database: Database;
  const steps = new Set<string>();

  before(async () => {
    server = await openTestDatabase();
    const url = new URL(server.url);
    // What a server that dies may forget is no matter here, and waiting for the disk is most of the time.
    url.searchParams.set("options", "-c synchronous_commit=off");
    database = openDatabase(url.href);
    await migrate(database);
  });

  after(async () => {
    await database.end();
    await server.stop();
  });

  async function fresh(): Promise<{ model: PaymentModel; real: Real }> {
    await database.query(
      "DELETE FROM payments; DELETE FROM bids; DELETE FROM transactions; DELETE FROM lanes; DELETE FROM blocks",
    );
    const real = { database, leases: new Map(), formerLeases: new Map(), steps };
    for (const lane of LANES) await acquire(real, lane, "the first");
    return { model: new PaymentModel(), real };
  }

  /** What the lanes think is under way is what is. */
  async function requireSameWork(model: PaymentModel): Promise<void> {
    const bids = (await liveBids(database, 0)).map(({ hash }) => hash).sort();
    expect(bids).to.deep.equal(
      model
        .liveTransactions()
        .flatMap((t) => t.bids.map(({ hash }) => hash))
        .sort(),
    );
    const slow = await slowTransactions(
      database,
      model.liveTransactions().map(({ hash }) => hash),
    );
    for (const { hash, hasWork } of slow) {
      const carries = model.all().some(({ state, transaction }) => state === "submitted" && transaction === hash);
      expect(hasWork, `${hash} has work`).to.equal(carries);
    }
  }

  /** From wherever it is, with lanes that work and a chain that is well, all that is not refused settles and gets final. */
  async function drain(model: PaymentModel, real: Real): Promise<void> {
    const play = async (command: PaymentCommand): Promise<void> => {
      if (command.check(model)) await command.run(model, real);
    };
    const carry = { kind: "carry", pick: 0, bid: 0, reverts: false, verdicts: 0 } as const;
    for (const lane of LANES) await acquire(real, lane, "the last");
    for (const lane of LANES) model.release(lane);
    model.inHand.clear();
    for (let round = 0; round < 3; round += 1) {
      await play(follow(0, [model.liveTransactions().map(() => carry)]));
      await play(assign("lane 1", 100));
      await play(sign("lane 1", "holder", false));
    }
    for (let block = 0; block < 3; block += 1) await play(follow(0, [[]]));
    for (const { id, state } of model.all()) expect(state, id).to.be.oneOf(["final", "rejected", "expired"]);
  }

  it("holds, whatever lanes, strangers, reorgs and crashes do", async () => {
    const commands = fc.commands(PAYMENT_COMMANDS, { maxCommands: MAX_COMMANDS, size: "max" });
    const property = fc.asyncProperty(commands, async (played) => {
      const { model, real } = await fresh();
      await fc.asyncModelRun(() => ({ model, real }), played);
      await requireSameWork(model);
      await drain(model, real);
    });
    await fc.assert(property, RUNS);
  });

  it("was tried on every step that a payment can take", () => {
    const known = [NEXT, NEXT_BY_REORG].flatMap((table) =>
      Object.entries(table).flatMap(([from, next]) => next.map((to) => `${from} → ${to}`)),
    );
    expect([...steps].sort()).to.deep.equal([...new Set(known)].sort());
  });
});
