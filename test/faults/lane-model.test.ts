import { expect } from "chai";
import fc from "fast-check";

import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import {
  acquireLease,
  giveUpLease,
  holdsLease,
  type Lease,
  releaseUnsigned,
  renewLease,
  takeNonce,
} from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { assignPayments, insertPayments } from "../../relayer/store/payments.ts";
import { insertBid, insertFiller, insertTransaction, liveBids } from "../../relayer/store/transactions.ts";
import { newPayment } from "../relayer/stored-payment.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { picked } from "./toy-chain.ts";

/** A run that fails is told with its seed, path and commands; given here, they make it again. */
const RUNS = { seed: 28_112_026, numRuns: 100 };
const MAX_COMMANDS = 60;

const LANES = ["lane 1", "lane 2"] as const;
const HOLDERS = ["ann", "ben", "cat"] as const;
const LEASE_MS = 600_000;
const KIND = { funding: "account", hold: false, fx: false } as const;

class Crash extends Error {}

interface LaneState {
  holder: string | undefined;
  fence: bigint;
  next: bigint;
  /** By nonce. */
  readonly transactions: Map<bigint, string>;
  readonly bids: Set<string>;
}

class LaneModel {
  readonly lanes = new Map<string, LaneState>();
  #names = 0;

  name(of: string): string {
    this.#names += 1;
    return `${of} ${this.#names}`;
  }

  of(lane: string): LaneState {
    const fresh = {
      holder: undefined,
      fence: 0n,
      next: 0n,
      transactions: new Map<bigint, string>(),
      bids: new Set<string>(),
    };
    const state = this.lanes.get(lane) ?? fresh;
    this.lanes.set(lane, state);
    return state;
  }
}

interface Real {
  readonly database: Database;
  /** The lease that a holder thinks it has, by `lane:holder`. It never gives one up for being too old. */
  readonly leases: Map<string, Lease>;
}

type LaneCommand = fc.AsyncCommand<LaneModel, Real>;

describe("the nonces of a lane, against a model", () => {
  let server: TestDatabase;
  let database: Database;
  /** How often each command had each answer, so that none of them is there for nothing. */
  const answers = new Map<string, number>();

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

  async function clear(): Promise<void> {
    await database.query("DELETE FROM payments; DELETE FROM bids; DELETE FROM transactions; DELETE FROM lanes");
  }

  function noted<T>(command: string, answer: T): T {
    const key = `${command}: ${String(answer)}`;
    answers.set(key, (answers.get(key) ?? 0) + 1);
    return answer;
  }

  /** The store has what the model has: each nonce once, and the next one. */
  async function agree(model: LaneModel): Promise<void> {
    const { rows: lanes } = await database.query<{ address: string; next: bigint; fence: bigint }>(
      "SELECT address, next_nonce AS next, fence FROM lanes ORDER BY address",
    );
    const known = [...model.lanes].filter(([, { fence }]) => fence > 0n).sort(([a], [b]) => (a < b ? -1 : 1));
    expect(lanes).to.deep.equal(known.map(([address, { next, fence }]) => ({ address, next, fence })));
    const { rows } = await database.query<{ lane: string; nonce: bigint; hash: string }>(
      "SELECT lane, nonce, hash FROM transactions ORDER BY lane, nonce",
    );
    const expected = known.flatMap(([lane, { transactions }]) =>
      [...transactions].sort(([a], [b]) => Number(a - b)).map(([nonce, hash]) => ({ lane, nonce, hash })),
    );
    expect(rows).to.deep.equal(expected);
    const bids = known.flatMap(([, state]) => [...state.transactions.values(), ...state.bids]);
    expect((await liveBids(database, 0)).map(({ hash }) => hash).sort()).to.deep.equal(bids.sort());
  }

  function command(
    text: string,
    run: (model: LaneModel, real: Real) => Promise<void>,
    check: (model: Readonly<LaneModel>) => boolean = () => true,
  ): LaneCommand {
    return {
      check,
      async run(model, real) {
        await run(model, real);
        await agree(model);
      },
      toString: () => text,
    };
  }

  /** By a holder with the lease that it thinks it has. @param run `isGood` says whether it has it. */
  function held(
    name: string,
    lane: string,
    holder: string,
    run: (lease: Lease, isGood: boolean, state: LaneState, model: LaneModel) => Promise<void>,
  ): LaneCommand {
    return command(`${name}(${lane}, ${holder})`, async (model, { leases }) => {
      const lease = leases.get(`${lane}:${holder}`);
      if (lease === undefined) return;
      const state = model.of(lane);
      await run(lease, state.holder === holder && state.fence === lease.fence, state, model);
    });
  }

  const acquire = (lane: string, holder: string, ahead: number): LaneCommand =>
    command(`acquire(${lane}, ${holder}, ${ahead})`, async (model, { leases }) => {
      const state = model.of(lane);
      // The chain is at most where the lane is, unless somebody else uses its key.
      const chainNonce = state.next + BigInt(ahead) > 0n ? state.next + BigInt(ahead) : 0n;
      const isFree = state.holder === undefined;
      const lease = await acquireLease(database, lane, holder, LEASE_MS, chainNonce);
      expect(noted("acquire", lease !== undefined)).to.equal(isFree);
      if (lease === undefined) return;
      state.fence += 1n;
      state.holder = holder;
      if (chainNonce > state.next) state.next = chainNonce;
      expect(lease).to.deep.equal({ address: lane, holder, fence: state.fence });
      leases.set(`${lane}:${holder}`, lease);
    });

  /** All at once: one gets it, if it is free. */
  const race = (lane: string): LaneCommand =>
    command(`race(${lane})`, async (model, { leases }) => {
      const state = model.of(lane);
      const all = await Promise.all(HOLDERS.map((holder) => acquireLease(database, lane, holder, LEASE_MS, 0n)));
      const got = all.flatMap((lease) => lease ?? []);
      expect(got).to.have.length(noted("race", state.holder === undefined) ? 1 : 0);
      for (const lease of got) {
        state.fence += 1n;
        state.holder = lease.holder;
        expect(lease.fence).to.equal(state.fence);
        leases.set(`${lane}:${lease.holder}`, lease);
      }
    });

  /** Its lease runs out, though it may not know. */
  const runOut = (lane: string): LaneCommand =>
    command(`runOut(${lane})`, async (model) => {
      await database.query("UPDATE lanes SET lease_until = clock_timestamp() - interval '1 ms' WHERE address = $1", [
        lane,
      ]);
      model.of(lane).holder = undefined;
    });

  const renew = (lane: string, holder: string): LaneCommand =>
    held("renew", lane, holder, async (lease, isGood) => {
      expect(noted("renew", await renewLease(database, lease, LEASE_MS))).to.equal(isGood);
    });

  const giveUp = (lane: string, holder: string): LaneCommand =>
    held("giveUp", lane, holder, async (lease, isGood, state) => {
      await giveUpLease(database, lease);
      if (noted("give up", isGood)) state.holder = undefined;
    });

  const take = (lane: string, holder: string, crashes: boolean): LaneCommand =>
    held(crashes ? "takeAndCrash" : "take", lane, holder, async (lease, isGood, state, model) => {
      const hash = model.name("transaction");
      let given: bigint | undefined;
      await inTransaction(database, async (db) => {
        given = await takeNonce(db, lease);
        if (given === undefined) return;
        await insertTransaction(db, { hash, raw: hash, lane, nonce: given, rows: 0, batches: 0 });
        if (crashes) throw new Crash();
      }).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      expect(given).to.equal(isGood ? state.next : undefined);
      noted(crashes ? "take and crash" : "take", isGood);
      if (!isGood || crashes) return;
      state.transactions.set(state.next, hash);
      state.next += 1n;
    });

  /** Three at once, by one holder: none gets another's. */
  const takeMany = (lane: string, holder: string): LaneCommand =>
    held("takeMany", lane, holder, async (lease, isGood, state, model) => {
      const hashes = [1, 2, 3].map(() => model.name("transaction"));
      const given = await Promise.all(
        hashes.map((hash) =>
          inTransaction(database, async (db) => {
            const nonce = await takeNonce(db, lease);
            if (nonce !== undefined) await insertTransaction(db, { hash, raw: hash, lane, nonce, rows: 0, batches: 0 });
            return nonce;
          }),
        ),
      );
      const expected = [0n, 1n, 2n].map((more) => (isGood ? state.next + more : undefined));
      expect([...given].sort()).to.have.members(expected);
      if (!noted("take many", isGood)) return;
      given.forEach((nonce, index) => {
        if (nonce !== undefined) state.transactions.set(nonce, hashes[index] ?? "");
      });
      state.next += 3n;
    });

  const assign = (lane: string, holder: string): LaneCommand =>
    held("assign", lane, holder, async (lease, isGood) => {
      const payment = newPayment();
      await insertPayments(database, [payment]);
      const assigned = await assignPayments(database, lease, 1_000, KIND);
      expect(assigned.some(({ id }) => id === payment.id)).to.equal(noted("assign", isGood));
      if (!isGood) expect(assigned).to.deep.equal([]);
      await releaseUnsigned(database, lane);
    });

  const bid = (lane: string, holder: string, pick: number): LaneCommand =>
    held("bid", lane, holder, async (lease, isGood, state, model) => {
      const transaction = picked([...state.transactions.values()], pick);
      if (transaction === undefined) return;
      const hash = model.name("bid");
      const isStored = await inTransaction(
        database,
        async (db) =>
          (await holdsLease(db, lease)) && (await insertBid(db, transaction, { hash, raw: hash, empties: false })),
      );
      expect(noted("bid", isStored)).to.equal(isGood);
      if (isStored) state.bids.add(hash);
    });

  /** For a nonce that the chain waits for and that may be nobody's. */
  const fill = (lane: string, holder: string, back: number): LaneCommand =>
    held("fill", lane, holder, async (lease, isGood, state, model) => {
      const nonce = state.next - BigInt(back);
      if (nonce < 0n) return;
      const hash = model.name("filler");
      const isStored = await inTransaction(
        database,
        async (db) => (await holdsLease(db, lease)) && (await insertFiller(db, { hash, raw: hash, lane, nonce })),
      );
      expect(noted("fill", isStored)).to.equal(isGood && !state.transactions.has(nonce));
      if (isStored) state.transactions.set(nonce, hash);
    });

  const lane = fc.constantFrom(...LANES);
  const holder = fc.constantFrom(...HOLDERS);
  const upTo = (most: number): fc.Arbitrary<number> => fc.noBias(fc.nat(most));
  const taken = fc.tuple(lane, holder).map(([on, by]) => take(on, by, false));
  const acquired = fc
    .tuple(lane, holder, fc.constantFrom(-2, -1, 0, 0, 0, 2))
    .map(([on, by, ahead]) => acquire(on, by, ahead));
  const COMMANDS: fc.Arbitrary<LaneCommand>[] = [
    ...[taken, taken, taken, acquired, acquired, acquired],
    fc.tuple(lane, holder).map(([on, by]) => take(on, by, true)),
    fc.tuple(lane, holder).map(([on, by]) => takeMany(on, by)),
    lane.map(race),
    ...[lane.map(runOut), lane.map(runOut)],
    fc.tuple(lane, holder).map(([on, by]) => renew(on, by)),
    fc.tuple(lane, holder).map(([on, by]) => giveUp(on, by)),
    fc.tuple(lane, holder).map(([on, by]) => assign(on, by)),
    fc.tuple(lane, holder, upTo(9)).map((args) => bid(...args)),
    fc.tuple(lane, holder, fc.integer({ min: 1, max: 4 })).map((args) => fill(...args)),
  ];

  it("are given in their order, once, to whoever holds the lease", async () => {
    const commands = fc.commands(COMMANDS, { maxCommands: MAX_COMMANDS, size: "max" });
    const property = fc.asyncProperty(commands, async (played) => {
      await clear();
      const model = new LaneModel();
      await fc.asyncModelRun(() => ({ model, real: { database, leases: new Map() } }), played);
    });
    await fc.assert(property, RUNS);
  });

  it("were asked for by those who have the lease and by those who have not", () => {
    const commands = [
      "acquire",
      "race",
      "renew",
      "give up",
      "take",
      "take and crash",
      "take many",
      "assign",
      "bid",
      "fill",
    ];
    const expected = commands.flatMap((name) => [`${name}: false`, `${name}: true`]);
    expect([...answers.keys()].sort()).to.deep.equal(expected.sort());
  });

  it("go on where the last holder's lease ran out by itself", async () => {
    await clear();
    const ann = await acquireLease(database, "lane 1", "ann", 150, 7n);
    if (ann === undefined) throw new Error("no lease");
    expect(await takeNonce(database, ann)).to.equal(7n);
    expect(await acquireLease(database, "lane 1", "ben", LEASE_MS, 7n)).to.equal(undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await takeNonce(database, ann)).to.equal(undefined);
    expect(await renewLease(database, ann, LEASE_MS)).to.equal(false);
    const ben = await acquireLease(database, "lane 1", "ben", LEASE_MS, 7n);
    expect(ben?.fence).to.equal(ann.fence + 1n);
    expect(ben === undefined ? undefined : await takeNonce(database, ben)).to.equal(8n);
    expect(await takeNonce(database, ann)).to.equal(undefined);
  });

  it("wait, in a lane that is taken over, for what the last holder is just signing", async () => {
    for (const [isStored, next] of [
      [true, 1n],
      [false, 0n],
    ] as const) {
      await clear();
      const ann = await acquireLease(database, "lane 1", "ann", 300, 0n);
      if (ann === undefined) throw new Error("no lease");
      let taking: Promise<Lease | undefined> | undefined;
      let isTaken = false;
      await inTransaction(database, async (db) => {
        const nonce = await takeNonce(db, ann);
        if (nonce === undefined) throw new Error("the lease was too short");
        await insertTransaction(db, { hash: "hers", raw: "hers", lane: "lane 1", nonce, rows: 0, batches: 0 });
        await new Promise((resolve) => setTimeout(resolve, 350));
        taking = acquireLease(database, "lane 1", "ben", LEASE_MS, 0n).finally(() => (isTaken = true));
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(isTaken).to.equal(false);
        if (!isStored) throw new Crash();
      }).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      const ben = await taking;
      expect(ben === undefined ? undefined : await takeNonce(database, ben)).to.equal(next);
    }
  });
});
