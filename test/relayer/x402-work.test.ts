import { expect } from "chai";
import { getAddress, hexlify, Interface, makeError, randomBytes, ZeroHash } from "ethers";
import pino from "pino";

import type { UsedFor } from "../../relayer/chain/x402-trace.ts";
import { createX402Work } from "../../relayer/lanes/x402-work.ts";
import { rememberBlock } from "../../relayer/store/chain.ts";
import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import { acquireLease, type Lease, releaseUnsigned } from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertTransaction, recordOutcome } from "../../relayer/store/transactions.ts";
import { findX402, insertX402 } from "../../relayer/store/x402.ts";
import { type RowCode, ROW_CODES } from "../../sdk/row-codes.ts";
import { IX402Settler__factory } from "../../typechain-types/factories/contracts/interfaces/IX402Settler__factory.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const SETTLER = new Interface(IX402Settler__factory.abi);
const address = (): string => getAddress(hexlify(randomBytes(20)));
const random = (): string => hexlify(randomBytes(32));
const [AT, TOKEN, LANE] = [address(), address(), address()];
const HEAD_HASH = random();

describe("a lane's work for x402", () => {
  let postgres: TestDatabase;
  let database: Database;
  let lease: Lease;
  let nonce = 0n;
  /** What the settler would say of each payer's row, if not `settled`. */
  let codes: Map<string, RowCode>;
  /** What the chain says that an authorization was used for, by its payer. */
  let found: Map<string, UsedFor | Error>;
  let isUsed = true;

  before(async () => {
    postgres = await openTestDatabase();
    const { url } = postgres;
    database = openDatabase(url);
    await migrate(database);
  });

  beforeEach(async () => {
    await database.query("TRUNCATE x402_payments, x402_identifiers, transactions, lanes, blocks CASCADE");
    await rememberBlock(database, { number: 10n, hash: HEAD_HASH, timestamp: 1n }, 100);
    const taken = await acquireLease(database, LANE, "me", 60_000, 0n);
    if (taken === undefined) throw new Error("no lease");
    lease = taken;
    codes = new Map<string, RowCode>();
    found = new Map<string, UsedFor | Error>();
    isUsed = true;
  });

  after(async () => {
    await database.end();
    await postgres.stop();
  });

  /** The chain's answers are given here; queue, refusals and what is looked up are the real ones. */
  function work(limits = { maxRows: 200, maxAgeMs: 0, maxGas: 15_000_000 }) {
    return createX402Work({
      ...{ database, limits, log: pino({ level: "silent" }), settler: AT, finalityDepth: 2 },
      catchUp: () => Promise.resolve(),
      simulator: {
        from: LANE,
        provider: {
          call: ({ data }) => {
            const [batches] = SETTLER.decodeFunctionData("settle", String(data)) as unknown as [
              { rows: { payer: string }[] }[],
            ];
            const answer = batches.map(({ rows }) =>
              rows.map(({ payer }) => ROW_CODES.indexOf(codes.get(payer) ?? "settled")),
            );
            if (answer.flat().includes(ROW_CODES.indexOf("none"))) {
              throw makeError("reverted", "CALL_EXCEPTION", {
                ...{ action: "call", data: "0x", reason: null, invocation: null, revert: null },
                transaction: { to: AT, data: String(data) },
              });
            }
            return Promise.resolve(SETTLER.encodeFunctionResult("settle", [answer]));
          },
        },
      },
      tracer: {
        findPayment: ({ payer }) => {
          const answer = found.get(payer);
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
        },
        isUsed: () => Promise.resolve(isUsed),
      },
      readBlock: (number) =>
        Promise.resolve({
          number,
          hash: HEAD_HASH,
          timestamp: 1n,
          baseFee: 0n,
          parentHash: ZeroHash,
          transactions: [],
        }),
    });
  }

  async function accepted(signature: string | null = null): Promise<{ id: string; payer: string }> {
    const row = {
      ...{ id: random(), kind: "erc3009" as const, token: TOKEN, payer: address(), payee: address(), amount: 1n },
      ...{ validAfter: 0n, validBefore: 9n, nonce: random(), r: random(), vs: ZeroHash, signature },
    };
    await insertX402(database, { row, givenSignature: "0x12", identifier: undefined });
    return row;
  }

  async function prepare(of = work()): Promise<string | string[]> {
    const call = await of.prepare(lease, () => Promise.resolve(undefined));
    if (typeof call === "string") return call;
    const [batches] = SETTLER.decodeFunctionData("settle", call.data) as unknown as [{ rows: { payer: string }[] }[]];
    return batches.flatMap(({ rows }) => rows.map(({ payer }) => payer));
  }

  /** Signs a transaction with what is due, which then comes to nothing. */
  async function sendInVain(): Promise<void> {
    const call = await work().prepare(lease, () => Promise.resolve(undefined));
    if (typeof call === "string") throw new Error(call);
    const hash = random();
    await inTransaction(database, async (db) => {
      nonce += 1n;
      await insertTransaction(db, { ...call, hash, lane: LANE, nonce, raw: "0x" });
      await call.attach(db, hash);
    });
    const cost = { blockNumber: 11n, gasUsed: 1n, feeWei: 1n };
    await recordOutcome(database, { hash, minedHash: hash, empties: false, succeeded: false, ...cost });
  }

  const stateOf = async ({ id }: { id: string }): Promise<string> => {
    const record = await findX402(database, id);
    return [record?.state, record?.code].filter((part) => part !== null).join(" ");
  };
  const usedAt = (blockNumber: bigint, blockHash = HEAD_HASH, logIndex = 3): UsedFor => ({
    ...{ transactionHash: "stranger", blockNumber, blockHash, logIndex },
  });
  const follow = (number: bigint) => rememberBlock(database, { number, hash: random(), timestamp: 1n }, 100);

  it("sends what is good and refuses the rest, each by its code", async () => {
    const [good, short, late] = [await accepted(), await accepted(), await accepted()];
    const [poison, taken] = [await accepted(), await accepted()];
    codes.set(short.payer, "insufficient_balance").set(late.payer, "expired").set(poison.payer, "none");
    codes.set(taken.payer, "authorization_used");
    expect(await prepare()).to.deep.equal([good.payer]);
    await releaseUnsigned(database, LANE);
    expect(await stateOf(good)).to.equal("accepted");
    expect(await stateOf(short)).to.equal("rejected insufficient_balance");
    expect(await stateOf(late)).to.equal("expired expired");
    expect(await stateOf(poison)).to.equal("rejected simulation_reverted");
    expect(await stateOf(taken)).to.equal("used authorization_used");
  });

  it("sends nothing where nothing waits, waits for more, and leaves what does not fit", async () => {
    expect(await prepare()).to.equal("idle");
    const rows = [await accepted(), await accepted("0x1234"), await accepted("0x1234")];
    expect(await prepare(work({ maxRows: 200, maxAgeMs: 60_000, maxGas: 15_000_000 }))).to.equal("idle");
    const sent = await prepare(work({ maxRows: 200, maxAgeMs: 0, maxGas: 2_000_000 }));
    expect(sent).to.deep.equal(rows.slice(0, 2).map(({ payer }) => payer));
    codes.set(rows[2]?.payer ?? "", "transfer_failed");
    await releaseUnsigned(database, LANE);
    await database.query("UPDATE x402_payments SET state = 'rejected' WHERE id <> $1", [rows[2]?.id]);
    expect(await prepare()).to.equal("refused");
  });

  it("gives up what three transactions failed on, unless it was used", async () => {
    const [unlucky, taken] = [await accepted(), await accepted()];
    for (let attempt = 0; attempt < 3; attempt += 1) await sendInVain();
    codes.set(taken.payer, "authorization_used");
    expect(await prepare()).to.equal("refused");
    expect(await stateOf(unlucky)).to.equal("rejected transaction_failed");
    expect(await stateOf(taken)).to.equal("used authorization_used");
  });

  /** A payment that a simulation found used at block 10. */
  async function used(): Promise<{ id: string; payer: string }> {
    const payment = await accepted();
    codes.set(payment.payer, "authorization_used");
    expect(await prepare()).to.equal("refused");
    expect(await stateOf(payment)).to.equal("used authorization_used");
    return payment;
  }

  it("settles by a stranger's transfer, once the record covers it and while it is canonical", async () => {
    const payment = await used();
    found.set(payment.payer, usedAt(11n));
    await prepare();
    expect(await stateOf(payment)).to.equal("used authorization_used");
    await follow(11n);
    found.set(payment.payer, usedAt(11n, random()));
    await prepare();
    expect(await stateOf(payment)).to.equal("used authorization_used");
    found.set(payment.payer, usedAt(11n));
    await prepare();
    expect(await stateOf(payment)).to.equal("settled");
    expect(await findX402(database, payment.id)).to.include({ transactionHash: "stranger" });
  });

  it("calls it used only when that is final and no transfer is found, or found for another payment", async () => {
    const [none, second] = [await used(), await used()];
    const first = await used();
    for (const { payer } of [first, second]) found.set(payer, usedAt(10n));
    await prepare();
    const states = await Promise.all([first, second].map(stateOf));
    expect(states).to.have.members(["settled", "used authorization_used"]);
    await follow(11n);
    await prepare();
    expect(await stateOf(none)).to.equal("used authorization_used");
    await follow(12n);
    await prepare();
    expect(await stateOf(none)).to.equal("rejected authorization_used");
    expect(await Promise.all([first, second].map(stateOf))).to.have.members(["settled", "rejected authorization_used"]);
  });

  it("takes up again what is not used any more", async () => {
    const payment = await used();
    isUsed = false;
    codes.clear();
    await follow(12n);
    await prepare();
    expect(await stateOf(payment)).to.be.oneOf(["accepted", "assigned"]);
    await releaseUnsigned(database, LANE);
    expect(await prepare()).to.deep.equal([payment.payer]);
  });

  it("goes on with the others where one cannot be looked up", async () => {
    const [unknown, paid] = [await used(), await used()];
    const good = await accepted();
    found.set(unknown.payer, new Error("no logs")).set(paid.payer, usedAt(10n));
    expect(await prepare()).to.deep.equal([good.payer]);
    expect(await stateOf(unknown)).to.equal("used authorization_used");
    expect(await stateOf(paid)).to.equal("settled");
  });

  it("does not ask the chain again at once about what it could not find", async () => {
    const payment = await used();
    const one = work();
    await prepare(one);
    found.set(payment.payer, usedAt(10n));
    await prepare(one);
    expect(await stateOf(payment)).to.equal("used authorization_used");
  });
});
