import { expect } from "chai";
import { hexlify, randomBytes, ZeroHash } from "ethers";

import { markFinal, rememberBlock, undoAbove } from "../../relayer/store/chain.ts";
import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import { acquireLease, type Lease, releaseUnsigned } from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertTransaction, markBroadcast, recordLoss, recordOutcome } from "../../relayer/store/transactions.ts";
import {
  applyX402Rejected,
  applyX402Settled,
  assignX402,
  attachX402,
  findX402,
  insertX402,
  isIdentifierFree,
  isNonceFree,
  type NewX402,
  noteVerified,
  refuseX402,
  rejectUsed,
  requeueUsed,
  settleUsed,
  usedX402,
  x402QueueState,
} from "../../relayer/store/x402.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const random = (): string => hexlify(randomBytes(32));
const LANE = "lane";

describe("the store of x402 payments", () => {
  let postgres: TestDatabase;
  let database: Database;
  let lease: Lease;
  let nonce = 0n;

  before(async () => {
    postgres = await openTestDatabase();
    const { url } = postgres;
    database = openDatabase(url);
    await migrate(database);
  });

  beforeEach(async () => {
    await database.query("TRUNCATE x402_payments, x402_identifiers, transactions, lanes, blocks CASCADE");
    await rememberBlock(database, { number: 10n, hash: random(), timestamp: 1n }, 100);
    const taken = await acquireLease(database, LANE, "me", 60_000, 0n);
    if (taken === undefined) throw new Error("no lease");
    lease = taken;
  });

  after(async () => {
    await database.end();
    await postgres.stop();
  });

  function payment(changes: Partial<NewX402["row"]> = {}, identifier?: NewX402["identifier"]): NewX402 {
    const row: NewX402["row"] = {
      ...{ id: random(), kind: "erc3009", token: "dollar", payer: "payer", payee: "payee", amount: 100n },
      ...{ validAfter: 0n, validBefore: 2n ** 256n - 1n, nonce: random(), r: ZeroHash, vs: ZeroHash, signature: null },
      ...changes,
    };
    return { row, givenSignature: "0x12", identifier };
  }

  const kindOf = async (of: NewX402) => (await insertX402(database, of)).kind;
  const stateOf = async (id: string) => {
    const record = await findX402(database, id);
    return record === undefined ? "unknown" : [record.state, record.code].filter((part) => part !== null).join(" ");
  };
  const place = (id: string, transactionHash: string, blockNumber: bigint) => ({ id, transactionHash, blockNumber });

  /** Puts accepted payments into a transaction that a node has. */
  async function send(): Promise<string> {
    const rows = await assignX402(database, lease, 100);
    const hash = random();
    await inTransaction(database, async (db) => {
      nonce += 1n;
      await insertTransaction(db, { hash, lane: LANE, nonce, raw: "0x", rows: rows.length, batches: 1 });
      await attachX402(
        db,
        hash,
        LANE,
        rows.map(({ id }) => id),
      );
    });
    await markBroadcast(database, hash);
    return hash;
  }

  /** An accepted payment of whichever terms, and its id. */
  async function accepted(changes: Partial<NewX402["row"]> = {}): Promise<string> {
    const of = payment(changes);
    expect(await kindOf(of)).to.equal("stored");
    return of.row.id;
  }

  it("stores a payment once, and one payment a nonce", async () => {
    const first = payment();
    expect(await Promise.all([kindOf(first), kindOf(first)])).to.have.members(["stored", "known"]);
    const other = payment({ nonce: first.row.nonce });
    expect(await kindOf(other)).to.equal("nonce_taken");
    expect(await isNonceFree(database, other.row)).to.equal(false);
    expect(await isNonceFree(database, first.row)).to.equal(true);
    expect(await findX402(database, other.row.id)).to.equal(undefined);
    // A token's nonces are its own, Permit2's are of all tokens.
    expect(await kindOf(payment({ nonce: first.row.nonce, token: "euro" }))).to.equal("stored");
    const permit = payment({ nonce: first.row.nonce, kind: "permit2" });
    expect(await kindOf(permit)).to.equal("stored");
    expect(await kindOf(payment({ nonce: first.row.nonce, kind: "permit2", token: "euro" }))).to.equal("nonce_taken");
    expect(await kindOf(payment({ nonce: first.row.nonce, payer: "another" }))).to.equal("stored");
    await assignX402(database, lease, 100);
    await refuseX402(database, [{ id: first.row.id, code: "insufficient_balance" }]);
    expect(await kindOf(other)).to.equal("stored");
    expect((await findX402(database, other.row.id))?.validBefore).to.equal(2n ** 256n - 1n);
  });

  it("remembers what was verified, and queues it only when it is to be settled", async () => {
    const of = payment();
    await noteVerified(database, of);
    await noteVerified(database, of);
    expect(await stateOf(of.row.id)).to.equal("verified");
    expect(await x402QueueState(database, 10)).to.include({ waiting: 0, used: 0 });
    expect(await assignX402(database, lease, 10)).to.have.length(0);
    expect(await kindOf(of)).to.equal("stored");
    expect(await x402QueueState(database, 10)).to.include({ waiting: 1, used: 0 });
    await noteVerified(database, of);
    expect(await stateOf(of.row.id)).to.equal("accepted");
    const [old, paid] = [payment(), payment()];
    await noteVerified(database, paid);
    await noteVerified(database, old);
    await database.query("UPDATE x402_payments SET accepted_at = now() - interval '2 hours' WHERE id = $1", [
      old.row.id,
    ]);
    await noteVerified(database, payment());
    expect(await findX402(database, old.row.id)).to.equal(undefined);
    // What a stranger settled needs nobody to ask for it.
    await applyX402Settled(database, [place(paid.row.id, "stranger", 10n)]);
    expect(await stateOf(paid.row.id)).to.equal("settled");
  });

  it("stores nothing under an identifier that is another payload's", async () => {
    const name = { identifier: "pay_0123456789abcdef", fingerprint: "one" };
    const first = payment({}, name);
    expect(await Promise.all([kindOf(first), kindOf(first)])).to.have.members(["stored", "known"]);
    const other = payment({}, { ...name, fingerprint: "other" });
    expect(await kindOf(other)).to.equal("identifier_taken");
    expect(await findX402(database, other.row.id)).to.equal(undefined);
    expect(await isIdentifierFree(database, "payee", name)).to.equal(true);
    expect(await isIdentifierFree(database, "payee", { ...name, fingerprint: "other" })).to.equal(false);
    expect(await kindOf(payment({ payee: "another" }, { ...name, fingerprint: "other" }))).to.equal("stored");
  });

  it("is decided by the settler's events, a refusal only by those of its own transaction", async () => {
    const [good, bad, late] = [await accepted(), await accepted(), await accepted()];
    const hash = await send();
    const refusal = (id: string, code: string) => ({ ...place(id, hash, 11n), code });
    await applyX402Rejected(database, [{ ...refusal(bad, "transfer_failed"), transactionHash: random() }]);
    expect(await stateOf(bad)).to.equal("submitted");
    await applyX402Settled(database, [place(good, hash, 11n)]);
    await applyX402Rejected(database, [
      refusal(good, "authorization_used"),
      refusal(bad, "insufficient_balance"),
      refusal(late, "expired"),
    ]);
    expect(await stateOf(good)).to.equal("settled");
    expect(await stateOf(bad)).to.equal("rejected insufficient_balance");
    expect(await stateOf(late)).to.equal("expired expired");
    await recordOutcome(database, {
      hash,
      minedHash: hash,
      empties: false,
      blockNumber: 11n,
      gasUsed: 1n,
      feeWei: 1n,
      succeeded: true,
    });
    await markFinal(database, 11n);
    expect(await stateOf(good)).to.equal("final");
    // A deeper reorg takes back even that; what was refused stays so, unless its event says otherwise.
    await undoAbove(database, 10n);
    expect(await stateOf(good)).to.equal("submitted");
    expect(await stateOf(bad)).to.equal("rejected insufficient_balance");
    await applyX402Settled(database, [place(bad, "stranger", 12n)]);
    expect(await stateOf(bad)).to.equal("settled");
    expect(await findX402(database, bad)).to.include({ transactionHash: "stranger" });
  });

  it("does not call settled what lost its nonce to another payment", async () => {
    const of = payment();
    await insertX402(database, of);
    await assignX402(database, lease, 10);
    await refuseX402(database, [{ id: of.row.id, code: "insufficient_balance" }]);
    const other = await accepted({ nonce: of.row.nonce });
    await applyX402Settled(database, [place(of.row.id, "stranger", 11n)]);
    expect(await stateOf(of.row.id)).to.equal("rejected insufficient_balance");
    expect(await stateOf(other)).to.equal("accepted");
  });

  it("looks a used authorization up, and lets one transfer pay one payment", async () => {
    const [simulated, mined, cancelled] = [await accepted(), await accepted(), await accepted()];
    await database.query("UPDATE x402_payments SET state = 'verified' WHERE id <> $1", [simulated]);
    await assignX402(database, lease, 10);
    await refuseX402(database, [{ id: simulated, code: "authorization_used" }]);
    await database.query("UPDATE x402_payments SET state = 'accepted' WHERE state = 'verified'");
    const hash = await send();
    await applyX402Rejected(
      database,
      [mined, cancelled].map((id) => ({ ...place(id, hash, 11n), code: "authorization_used" })),
    );
    expect((await usedX402(database, 10)).map(({ id, usedBlock }) => [id, usedBlock])).to.deep.equal([
      [simulated, 10n],
      [mined, 11n],
      [cancelled, 11n],
    ]);
    expect(await x402QueueState(database, 10)).to.include({ waiting: 0, used: 3 });
    // Its transaction's end says nothing about what is being looked up.
    await recordOutcome(database, {
      hash,
      minedHash: hash,
      empties: false,
      blockNumber: 11n,
      gasUsed: 1n,
      feeWei: 1n,
      succeeded: true,
    });
    const found = { transactionHash: "stranger", blockNumber: 9n, logIndex: 4 };
    expect(await settleUsed(database, simulated, found)).to.equal(true);
    expect(await settleUsed(database, mined, found)).to.equal(false);
    expect(await settleUsed(database, mined, { ...found, logIndex: 5 })).to.equal(true);
    await rejectUsed(database, cancelled);
    expect(await Promise.all([simulated, mined, cancelled].map(stateOf))).to.deep.equal([
      ...["settled", "settled", "rejected authorization_used"],
    ]);
    await rejectUsed(database, mined);
    expect(await stateOf(mined)).to.equal("settled");
    await undoAbove(database, 8n);
    expect(await Promise.all([simulated, mined].map(stateOf))).to.deep.equal(["accepted", "submitted"]);
  });

  it("takes up again what was used on a chain that is gone", async () => {
    const [alone, sent] = [await accepted(), await accepted()];
    await database.query("UPDATE x402_payments SET state = 'verified' WHERE id <> $1", [alone]);
    await assignX402(database, lease, 10);
    await refuseX402(database, [{ id: alone, code: "authorization_used" }]);
    await database.query("UPDATE x402_payments SET state = 'accepted' WHERE state = 'verified'");
    const hash = await send();
    await applyX402Rejected(database, [{ ...place(sent, hash, 11n), code: "authorization_used" }]);
    for (const id of [alone, sent]) await requeueUsed(database, id);
    expect(await Promise.all([alone, sent].map(stateOf))).to.deep.equal(["accepted", "submitted"]);
  });

  it("gives nothing up for transactions that failed, and puts back what was not signed", async () => {
    const id = await accepted();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const hash = await send();
      expect(await stateOf(id)).to.equal("submitted");
      if (attempt % 2 === 0) await recordLoss(database, hash, 0n);
      else
        await recordOutcome(database, {
          hash,
          minedHash: hash,
          empties: false,
          blockNumber: 11n,
          gasUsed: 1n,
          feeWei: 1n,
          succeeded: false,
        });
      expect(await stateOf(id)).to.equal("accepted");
    }
    expect(await findX402(database, id)).to.include({ attempts: 2 });
    await assignX402(database, lease, 10);
    expect(await stateOf(id)).to.equal("assigned");
    expect(await assignX402(database, { ...lease, fence: lease.fence + 1n }, 10)).to.have.length(0);
    await releaseUnsigned(database, LANE);
    expect(await stateOf(id)).to.equal("accepted");
  });
});
