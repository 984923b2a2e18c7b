import { expect } from "chai";
import fc from "fast-check";

import { AppError } from "../../relayer/app-error.ts";
import {
  applyRejected,
  applySettled,
  markFinal,
  rememberBlock,
  undoAbove,
  whileFollowing,
} from "../../relayer/store/chain.ts";
import { type Database, inTransaction } from "../../relayer/store/database.ts";
import { acquireLease, type Lease, releaseUnsigned, takeNonce } from "../../relayer/store/lanes.ts";
import {
  assignPayments,
  attachPayments,
  expireAccepted,
  insertPayments,
  refuseAssigned,
} from "../../relayer/store/payments.ts";
import {
  insertBid,
  insertTransaction,
  markBroadcast,
  recordLoss,
  recordOutcome,
} from "../../relayer/store/transactions.ts";
import { newPayment } from "../relayer/stored-payment.ts";
import { agree } from "./payment-agreement.ts";
import { isLive, type PaymentModel } from "./payment-model.ts";
import { type Happening, picked } from "./toy-chain.ts";

export const LANES = ["lane 1", "lane 2"] as const;
export type LaneName = (typeof LANES)[number];

/** The real side: the store, and what the processes that work the lanes hold. */
export interface Real {
  readonly database: Database;
  readonly leases: Map<string, Lease>;
  readonly formerLeases: Map<string, Lease>;
  /** Steps of payments that were seen, in all runs. */
  readonly steps: Set<string>;
}

export type PaymentCommand = fc.AsyncCommand<PaymentModel, Real>;

const KIND = { funding: "account", hold: false, fx: false } as const;
const LEASE_MS = 600_000;
const FINALITY = 2n;

class Crash extends Error {}

function command(
  text: string,
  isPossible: (model: Readonly<PaymentModel>) => boolean,
  run: (model: PaymentModel, real: Real) => Promise<void>,
): PaymentCommand {
  return {
    check: isPossible,
    async run(model, real) {
      await run(model, real);
      for (const step of await agree(model, real.database, "forward")) real.steps.add(step);
    },
    toString: () => text,
  };
}

const always = (): boolean => true;
const hasPayments = (model: Readonly<PaymentModel>): boolean => model.payments.size > 0;
const hasTransactions = (model: Readonly<PaymentModel>): boolean => model.transactions.size > 0;

export async function acquire(real: Real, lane: string, holder: string): Promise<void> {
  await real.database.query(
    "UPDATE lanes SET lease_until = clock_timestamp() - interval '1 second' WHERE address = $1",
    [lane],
  );
  const lease = await acquireLease(real.database, lane, holder, LEASE_MS, 0n);
  if (lease === undefined) throw new Error("A lane whose lease ran out could not be acquired");
  const former = real.leases.get(lane);
  if (former !== undefined) real.formerLeases.set(lane, former);
  real.leases.set(lane, lease);
}

function leaseOf(leases: ReadonlyMap<string, Lease>, lane: string): Lease {
  const lease = leases.get(lane);
  if (lease === undefined) throw new Error(`nobody holds ${lane}`);
  return lease;
}

export function insert(payer: string, nonce: number, deadline: number): PaymentCommand {
  return command(`insert(${payer}, ${nonce}, ${deadline})`, always, async (model, { database }) => {
    const payment = { id: model.name("payment"), payer, nonce: BigInt(nonce), deadline: BigInt(deadline) };
    if (model.isNonceHeld(payment)) {
      const refusal = await insertPayments(database, [newPayment(payment)]).then(
        () => "stored",
        (error: unknown) => (error as { constraint?: string }).constraint,
      );
      expect(refusal).to.equal("payments_nonce");
      return;
    }
    expect(await insertPayments(database, [newPayment(payment)])).to.have.length(1);
    model.insert(payment);
  });
}

export function insertAgain(pick: number): PaymentCommand {
  return command(`insertAgain(${pick})`, hasPayments, async (model, { database }) => {
    const known = picked(model.all(), pick);
    if (known === undefined) return;
    const { id, payer, nonce, deadline } = known;
    // Where the nonce went to another payment that is refused by the index, else by the id.
    const stored = await insertPayments(database, [newPayment({ id, payer, nonce, deadline })]).catch(() => []);
    expect(stored).to.deep.equal([]);
  });
}

export function assign(lane: LaneName, limit: number, isStale = false): PaymentCommand {
  return command(`assign(${lane}, ${limit}, ${isStale})`, always, async (model, { database, leases, formerLeases }) => {
    if (isStale) {
      const former = formerLeases.get(lane);
      if (former !== undefined) expect(await assignPayments(database, former, limit, KIND)).to.deep.equal([]);
      return;
    }
    const assigned = await assignPayments(database, leaseOf(leases, lane), limit, KIND);
    const expected = model.assign(lane, limit);
    expect(assigned.map(({ id }) => id).sort()).to.deep.equal([...expected].sort());
    model.inHand.set(lane, new Set([...(model.inHand.get(lane) ?? []), ...expected]));
  });
}

/** As a lane does: nonce, bytes and rows in one SQL transaction. @param by Who tries to: a former holder has lost its lease. */
export function sign(lane: LaneName, by: "holder" | "former holder", crashes: boolean): PaymentCommand {
  const handOf = (model: Readonly<PaymentModel>) => (by === "holder" ? model.inHand : model.inFormerHand);
  return command(
    `sign(${lane}, ${by}, ${crashes})`,
    (model) => (handOf(model).get(lane)?.size ?? 0) > 0,
    async (model, { database, leases, formerLeases }) => {
      const ids = [...(handOf(model).get(lane) ?? [])];
      const lease = leaseOf(by === "holder" ? leases : formerLeases, lane);
      const hash = model.name("transaction");
      const outcome = await inTransaction(database, async (db) => {
        const nonce = await takeNonce(db, lease);
        if (nonce === undefined) throw new AppError("lease_lost", lane);
        await insertTransaction(db, { hash, raw: hash, lane, nonce, rows: ids.length, batches: 1 });
        await attachPayments(db, hash, lane, ids);
        if (crashes) throw new Crash();
        return "signed";
      }).catch((error: unknown) => {
        if (error instanceof AppError) return error.code;
        if (error instanceof Crash) return "crashed";
        throw error;
      });
      const expected = crashes ? "crashed" : "signed";
      if (by === "former holder") expect(outcome).to.equal("lease_lost");
      else expect(outcome).to.equal(model.canSign(lane, ids) ? expected : "assignment_lost");
      if (outcome === "signed") model.sign(hash, ids);
      handOf(model).delete(lane);
    },
  );
}

/** By whoever works the lane, or late by who worked it before. */
export function release(lane: LaneName): PaymentCommand {
  return command(`release(${lane})`, always, async (model, { database }) => {
    await releaseUnsigned(database, lane);
    model.release(lane);
  });
}

/** The process that works the lane dies, its lease ends, and another one takes the lane. */
export function takeOver(lane: LaneName): PaymentCommand {
  return command(`takeOver(${lane})`, always, async (model, real) => {
    await acquire(real, lane, model.name("holder"));
    model.release(lane);
    const former = model.inHand.get(lane);
    if (former !== undefined) model.inFormerHand.set(lane, former);
    model.inHand.delete(lane);
  });
}

/** By a simulation, which may be late: by then they may be anything. */
export function refuse(picks: readonly number[], code: string): PaymentCommand {
  return command(`refuse(${picks.join(" ")}, ${code})`, hasPayments, async (model, { database }) => {
    const ids = new Set(picks.flatMap((pick) => picked(model.all(), pick)?.id ?? []));
    await refuseAssigned(
      database,
      [...ids].map((id) => ({ id, code })),
    );
    model.refuse(ids, code);
  });
}

export function expire(now: number): PaymentCommand {
  return command(`expire(${now})`, hasPayments, async (model, { database }) => {
    await expireAccepted(database, BigInt(now));
    model.expire(BigInt(now));
  });
}

export function broadcast(pick: number): PaymentCommand {
  return command(`broadcast(${pick})`, hasTransactions, async (model, { database }) => {
    const transaction = picked([...model.transactions.values()], pick);
    if (transaction === undefined) return;
    await markBroadcast(database, transaction.hash);
    if (isLive(transaction)) transaction.state = "broadcast";
  });
}

export function bid(pick: number, empties: boolean): PaymentCommand {
  return command(`bid(${pick}, ${empties})`, hasTransactions, async (model, { database }) => {
    const transaction = picked([...model.transactions.values()], pick);
    if (transaction === undefined) return;
    const hash = model.name("bid");
    const isStored = await insertBid(database, transaction.hash, { hash, raw: hash, empties });
    expect(isStored).to.equal(isLive(transaction));
    if (isStored) transaction.bids.push({ hash, empties });
  });
}

export function lose(pick: number): PaymentCommand {
  return command(
    `lose(${pick})`,
    (model) => model.liveTransactions().length > 0,
    async (model, { database }) => {
      const transaction = picked(model.liveTransactions(), pick);
      if (transaction === undefined) return;
      await recordLoss(database, transaction.hash, 0n);
      model.lose(transaction);
    },
  );
}

/** A step of the follower: takes blocks back if the chain did, and records those that are there now, all at once. */
export function follow(back: number, blocks: readonly (readonly Happening[])[]): PaymentCommand {
  const text = `follow(${back}, ${JSON.stringify(blocks)})`;
  return command(text, always, async (model, { database, steps }) => {
    const { head } = model.chain;
    const ancestor = head > BigInt(back) ? head - BigInt(back) : 0n;
    await whileFollowing(database, async (db) => {
      if (ancestor !== head) {
        await undoAbove(db, ancestor);
        model.undo(ancestor);
        for (const step of await agree(model, db, "reorg")) steps.add(step);
      }
      const minable = [...model.transactions.values()].filter(({ state }) => state !== "lost");
      const mined = blocks.map((happenings) => model.chain.mine(happenings, model.all(), minable));
      const to = model.chain.head;
      await applySettled(
        db,
        mined.flatMap(({ settled }) =>
          settled.map(({ id, hash, block }) => {
            return { id, transactionHash: hash, blockNumber: block, settledAt: block, pulled: false };
          }),
        ),
      );
      await applyRejected(
        db,
        mined.flatMap(({ rejected }) =>
          rejected.map(({ id, hash, block, code }) => ({ id, transactionHash: hash, blockNumber: block, code })),
        ),
      );
      for (const { transaction, bid: minedHash, empties, succeeded, block } of mined.flatMap((one) => one.mined)) {
        const outcome = { hash: transaction, minedHash, empties, succeeded, blockNumber: block };
        await recordOutcome(db, { ...outcome, gasUsed: 1n, feeWei: 1n });
      }
      await rememberBlock(db, { number: to, hash: model.name("block"), timestamp: to }, 256);
      await markFinal(db, to - FINALITY);
      model.record(mined, to - FINALITY);
    });
  });
}

/** Small numbers would be as likely as all others together: those are of no interest here. */
const upTo = (most: number): fc.Arbitrary<number> => fc.noBias(fc.nat(most));

const pick = upTo(59);
const lane = fc.constantFrom(...LANES);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("carry" as const),
      ...{ pick, bid: upTo(3) },
      reverts: upTo(3).map((number) => number === 0),
      verdicts: upTo(255),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("stranger settles" as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("stranger rejects" as const),
      pick,
      code: fc.constantFrom("expired", "insufficient_balance"),
    }),
  },
);

const followed = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 5 }) }),
    fc.array(fc.array(happening, { maxLength: 3, size: "max" }), { minLength: 1, maxLength: 2, size: "max" }),
  )
  .map(([back, blocks]) => follow(back, blocks));

const inserted = fc
  .tuple(fc.constantFrom("alice", "bob"), fc.nat(2), fc.constantFrom(100, 200, 300))
  .map((args) => insert(...args));

const signed = fc
  .tuple(
    lane,
    fc.constantFrom("holder" as const, "holder" as const, "former holder" as const),
    upTo(4).map((number) => number === 0),
  )
  .map((args) => sign(...args));

const assigned = fc.tuple(lane, fc.integer({ min: 1, max: 4 })).map((args) => assign(...args));

/** What is listed more than once comes more often. */
export const PAYMENT_COMMANDS: fc.Arbitrary<PaymentCommand>[] = [
  ...[inserted, inserted, assigned, assigned, signed, signed, signed, followed, followed, followed],
  pick.map(insertAgain),
  lane.map((name) => assign(name, 4, true)),
  lane.map(release),
  lane.map(takeOver),
  fc
    .tuple(fc.array(pick, { minLength: 1, maxLength: 3 }), fc.constantFrom("frozen", "expired", "nonce_used"))
    .map((args) => refuse(...args)),
  fc.constantFrom(150, 250).map(expire),
  pick.map(broadcast),
  fc.tuple(pick, fc.boolean()).map((args) => bid(...args)),
  pick.map(lose),
];
