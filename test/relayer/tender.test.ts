import { expect } from "chai";
import { id as hashOf, Transaction } from "ethers";
import { pino } from "pino";

import type { ChainReader } from "../../relayer/chain/chain-reader.ts";
import { type Fees } from "../../relayer/lanes/fees.ts";
import { type Signed, signTransaction } from "../../relayer/lanes/sign-transaction.ts";
import { createTender, type Tender, type TenderDependencies } from "../../relayer/lanes/tender.ts";
import { createLocalSigner } from "../../relayer/signers/local-signer.ts";
import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import { acquireLease, type Lease, takeNonce } from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { assignPayments, attachPayments, findPayment, insertPayments } from "../../relayer/store/payments.ts";
import { insertTransaction, liveTransactions, markBroadcast } from "../../relayer/store/transactions.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";
import { newPayment } from "./stored-payment.ts";

const GWEI = 1_000_000_000n;
const CHAIN_ID = 31_337n;
const FIRST: Fees = { maxFee: 20n * GWEI, tip: GWEI };
const POLICY = { tip: GWEI, ceiling: 100n * GWEI };
const MINUTE = 60_000;
const PATIENCE = { resendMs: MINUTE, stuckMs: 10 * MINUTE };
const DEPTH = 2;
const KIND = { funding: "account", hold: false, fx: false } as const;
const LEDGER = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const STRANGER = hashOf("a stranger's transaction");

const signer = createLocalSigner(hashOf("the key of the lane"));
const { address } = signer;

/** A chain of one account. */
class MemoryChain {
  /** Hashes of the account's transactions, by block. */
  readonly blocks: string[][] = [[], [], []];
  baseFee = 5n * GWEI;
  /** Whether most nodes say that they have no receipt. */
  isAbsent = true;
  /** Whether nodes show what is in the blocks. */
  isShown = true;

  mine(hash: string): void {
    this.blocks.push([hash]);
  }

  deepen(): void {
    for (let block = 0; block < DEPTH; block += 1) this.blocks.push([]);
  }

  countAt(block: number): number {
    return this.blocks.slice(0, block + 1).flat().length;
  }

  readonly provider: TenderDependencies["provider"] = {
    getTransactionCount: () => Promise.resolve(this.countAt(this.blocks.length - 1)),
    send: (method, params) => {
      const [first, second] = params as unknown[];
      if (method === "eth_getTransactionCount")
        return Promise.resolve(`0x${this.countAt(Number(second)).toString(16)}`);
      const block = Number(first);
      const before = this.countAt(block - 1);
      const transactions = (this.blocks[block] ?? []).map((hash, index) => {
        return { hash, from: address.toLowerCase(), nonce: `0x${(before + index).toString(16)}` };
      });
      return Promise.resolve(this.isShown ? { transactions } : null);
    },
  };

  readonly reader: ChainReader = {
    block: () =>
      Promise.resolve({
        ...{ number: BigInt(this.blocks.length - 1), hash: "0x", parentHash: "0x", timestamp: 0n },
        ...{ baseFee: this.baseFee, transactions: [] },
      }),
    logs: () => Promise.resolve([]),
    logsOf: () => Promise.resolve([]),
    receipt: () => Promise.resolve(undefined),
    isAbsent: () => Promise.resolve(this.isAbsent),
  };
}

describe("what a lane does about what it has sent", () => {
  let server: TestDatabase;
  let database: Database;
  let lease: Lease;
  let chain: MemoryChain;
  let sends: Signed[];
  let losses: number;

  before(async () => {
    server = await openTestDatabase();
    database = openDatabase(server.url);
    await migrate(database);
  });

  beforeEach(async () => {
    await database.query("DELETE FROM payments; DELETE FROM bids; DELETE FROM transactions; DELETE FROM lanes");
    const acquired = await acquireLease(database, address, "this test", 10 * MINUTE, 0n);
    if (acquired === undefined) throw new Error("no lease");
    lease = acquired;
    chain = new MemoryChain();
    [sends, losses] = [[], 0];
  });

  after(async () => {
    await database.end();
    await server.stop();
  });

  function open(changes: Partial<TenderDependencies> = {}): Tender {
    return createTender({
      ...{ database, provider: chain.provider, reader: chain.reader, chainId: CHAIN_ID, signer, fees: POLICY },
      ...{ patience: PATIENCE, finalityDepth: DEPTH, log: pino({ level: "silent" }) },
      catchUp: () => Promise.resolve(),
      send: (signed) => sends.push(signed),
      onLost: () => (losses += 1),
      ...changes,
    });
  }

  const look = async (tender: Tender): Promise<void> =>
    tender.lookAfter(await liveTransactions(database, address), lease);

  /** Signs and sends what a lane does. @returns the transaction, and the payment that it carries. */
  async function sent(work: "payment" | "nothing" = "payment"): Promise<Signed & { readonly payment: string }> {
    const payment = newPayment();
    if (work === "payment") {
      await insertPayments(database, [payment]);
      await assignPayments(database, lease, 1, KIND);
    }
    const signed = await inTransaction(database, async (db) => {
      const nonce = await takeNonce(db, lease);
      if (nonce === undefined) throw new Error("no lease");
      const unsigned = { chainId: CHAIN_ID, nonce, to: LEDGER, data: "0x1234", gasLimit: 100_000n };
      const { hash, raw } = await signTransaction(signer, unsigned, FIRST);
      await insertTransaction(db, { hash, raw, lane: address, nonce, rows: 1, batches: 1 });
      if (work === "payment") await attachPayments(db, hash, address, [payment.id]);
      return { hash, raw };
    });
    await markBroadcast(database, signed.hash);
    return { ...signed, payment: payment.id };
  }

  /** Lets time go by. */
  async function wait(ms: number): Promise<void> {
    await database.query(
      `UPDATE transactions SET signed_at = signed_at - $1 * interval '1 ms', broadcast_at = broadcast_at - $1 * interval '1 ms'`,
      [ms],
    );
    await database.query("UPDATE bids SET signed_at = signed_at - $1 * interval '1 ms'", [ms]);
  }

  async function bids(): Promise<{ hash: string; of: string; raw: string; empties: boolean }[]> {
    const { rows } = await database.query<{ hash: string; of: string; raw: string; empties: boolean }>(
      `SELECT hash, transaction_hash AS "of", raw, empties FROM bids ORDER BY signed_at`,
    );
    return rows;
  }

  async function stateOf(hash: string): Promise<string | undefined> {
    const { rows } = await database.query<{ state: string }>("SELECT state FROM transactions WHERE hash = $1", [hash]);
    return rows[0]?.state;
  }

  it("sends the same bytes again after a while, and not before", async () => {
    const { hash, raw } = await sent();
    const tender = open();
    await look(tender);
    expect(sends).to.deep.equal([]);
    await wait(2 * MINUTE);
    await look(tender);
    expect(sends).to.deep.equal([{ hash, raw }]);
    expect(await bids()).to.deep.equal([]);
  });

  it("raises both fees of the same call once it is stuck, and sends that bid from then on", async () => {
    const { hash, raw } = await sent();
    await wait(11 * MINUTE);
    const tender = open();
    await look(tender);
    const [bid] = await bids();
    expect(await bids()).to.have.length(1);
    expect(bid).to.include({ of: hash, empties: false });
    expect(sends).to.deep.equal([{ hash, raw: bid?.raw }]);
    const [before, after] = [Transaction.from(raw), Transaction.from(bid?.raw ?? "")];
    expect(after.hash).to.equal(bid?.hash);
    expect(after.from).to.equal(address);
    for (const part of ["nonce", "to", "data", "gasLimit", "value"] as const)
      expect(after[part]).to.equal(before[part]);
    for (const fee of ["maxFeePerGas", "maxPriorityFeePerGas"] as const) {
      expect((after[fee] ?? 0n) * 10n >= (before[fee] ?? 0n) * 11n).to.equal(true);
    }
    await look(tender);
    expect(sends[1]).to.deep.equal({ hash, raw: bid?.raw });
    await wait(11 * MINUTE);
    await look(tender);
    expect(await bids()).to.have.length(2);
  });

  it("raises only the first of several, unless the base fee has outrun the others", async () => {
    const first = await sent();
    const second = await sent();
    await wait(11 * MINUTE);
    const tender = open();
    await look(tender);
    expect((await bids()).map(({ of }) => of)).to.deep.equal([first.hash]);
    expect(sends[1]).to.deep.equal({ hash: second.hash, raw: second.raw });
    chain.baseFee = 30n * GWEI;
    await wait(11 * MINUTE);
    await look(tender);
    expect((await bids()).map(({ of }) => of)).to.deep.equal([first.hash, first.hash, second.hash]);
  });

  it("offers no more than the ceiling, and sends what it has", async () => {
    const { hash, raw } = await sent();
    await wait(11 * MINUTE);
    await look(open({ fees: { tip: GWEI, ceiling: FIRST.maxFee + GWEI } }));
    expect(await bids()).to.deep.equal([]);
    expect(sends.map((one) => ({ hash: one.hash, raw: one.raw }))).to.deep.equal([{ hash, raw }]);
  });

  it("frees the nonce once what it carries was decided otherwise", async () => {
    const { hash, raw } = await sent("nothing");
    await wait(11 * MINUTE);
    await look(open());
    const [bid] = await bids();
    expect(bid).to.include({ of: hash, empties: true });
    const freeing = Transaction.from(bid?.raw ?? "");
    expect(freeing).to.include({ to: address, data: "0x", nonce: Transaction.from(raw).nonce, value: 0n });
  });

  it("stores and sends no bid once the lease is another one's", async () => {
    await sent();
    await wait(11 * MINUTE);
    await database.query("UPDATE lanes SET fence = fence + 1");
    await look(open());
    expect(await bids()).to.deep.equal([]);
    expect(sends).to.deep.equal([]);
  });

  it("stores and sends no bid once the lease has run out", async () => {
    await sent();
    await wait(11 * MINUTE);
    await database.query("UPDATE lanes SET lease_until = clock_timestamp() - interval '1 ms'");
    await look(open());
    expect(await bids()).to.deep.equal([]);
    expect(sends).to.deep.equal([]);
  });

  it("stores no bid for what the follower has recorded as mined meanwhile", async () => {
    const { hash } = await sent();
    await wait(11 * MINUTE);
    const reader: ChainReader = {
      ...chain.reader,
      async block(number) {
        await database.query("UPDATE transactions SET state = 'mined', block_number = 1 WHERE hash = $1", [hash]);
        return chain.reader.block(number);
      },
    };
    await look(open({ reader }));
    expect(await bids()).to.deep.equal([]);
    expect(sends).to.deep.equal([]);
  });

  describe("whose nonce is used", () => {
    it("gives nothing up for a missing receipt, while a bid of its own is in the block", async () => {
      const { hash, payment } = await sent();
      await wait(11 * MINUTE);
      const tender = open();
      await look(tender);
      const [bid] = await bids();
      for (const mined of [hash, bid?.hash ?? ""]) {
        chain = new MemoryChain();
        chain.mine(mined);
        chain.deepen();
        await look(open());
        expect(await stateOf(hash)).to.equal("broadcast");
        expect((await findPayment(database, payment))?.state).to.equal("submitted");
      }
      expect(losses).to.equal(0);
    });

    it("is lost to another transaction in a block that is final, and its rows go back to the queue", async () => {
      const { hash, payment } = await sent();
      await wait(2 * MINUTE);
      chain.mine(STRANGER);
      const tender = open();
      await look(tender);
      expect(await stateOf(hash), "a block that is not final").to.equal("broadcast");
      chain.deepen();
      await look(tender);
      expect(await stateOf(hash)).to.equal("lost");
      expect(await findPayment(database, payment)).to.include({
        state: "accepted",
        transactionHash: null,
        attempts: 0,
      });
      expect(losses).to.equal(1);
    });

    it("gives nothing up while a node has the receipt, or none shows who won", async () => {
      const { hash } = await sent();
      await wait(2 * MINUTE);
      chain.mine(STRANGER);
      chain.deepen();
      chain.isAbsent = false;
      await look(open());
      expect(await stateOf(hash)).to.equal("broadcast");
      chain.isAbsent = true;
      chain.isShown = false;
      await look(open());
      expect(await stateOf(hash)).to.equal("broadcast");
      expect(losses).to.equal(0);
    });

    it("is not lost if the follower records it at last", async () => {
      const { hash } = await sent();
      await wait(2 * MINUTE);
      chain.mine(STRANGER);
      chain.deepen();
      let times = 0;
      const catchUp = async (): Promise<void> => {
        times += 1;
        if (times === 2)
          await database.query("UPDATE transactions SET state = 'mined', block_number = 1, mined_hash = hash");
      };
      await look(open({ catchUp }));
      expect(times).to.equal(2);
      expect(await stateOf(hash)).to.equal("mined");
    });
  });

  describe("whose nonces have a gap", () => {
    const patience = { resendMs: MINUTE, stuckMs: 30 };
    const gapIsOld = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

    async function gap(): Promise<void> {
      await database.query("UPDATE lanes SET next_nonce = 1");
      await sent();
      await wait(2 * MINUTE);
    }

    it("fills it by something that does nothing, once it has been there for a while", async () => {
      await gap();
      const tender = open({ patience });
      await look(tender);
      expect(sends).to.have.length(1);
      await gapIsOld();
      await look(tender);
      const filler = sends.find(({ raw }) => Transaction.from(raw).nonce === 0);
      expect(Transaction.from(filler?.raw ?? "")).to.include({ to: address, data: "0x", value: 0n, from: address });
      expect(await stateOf(filler?.hash ?? "")).to.equal("signed");
      expect((await liveTransactions(database, address)).map(({ nonce }) => nonce)).to.deep.equal([0n, 1n]);
    });

    it("stores nothing for it once the lease is gone, or while a block costs more than the ceiling", async () => {
      await gap();
      const tender = open({ patience });
      await look(tender);
      await gapIsOld();
      chain.baseFee = POLICY.ceiling;
      await look(tender);
      chain.baseFee = GWEI;
      await database.query("UPDATE lanes SET fence = fence + 1");
      await look(tender);
      expect((await liveTransactions(database, address)).map(({ nonce }) => nonce)).to.deep.equal([1n]);
    });
  });
});
