import { expect } from "chai";
import { hexlify, randomBytes, ZeroHash } from "ethers";

import { findDue, findHold, saveHolds, takeExpiring } from "../../relayer/store/holds.ts";
import { applySettled, readAccounts, undoAbove } from "../../relayer/store/chain.ts";
import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import { readRefunds, saveExchanged, saveRefunds } from "../../relayer/store/fx.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import {
  findPayment,
  insertPayments,
  type NewPayment,
  refuseAssigned,
  type StoredFx,
  type StoredTerms,
} from "../../relayer/store/payments.ts";
import {
  findQuote,
  lockQuotes,
  quotesAbove,
  quotesToRead,
  saveQuotes,
  updateQuotes,
} from "../../relayer/store/quotes.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const [DOLLAR, EURO, MAKER, PAYER, MERCHANT] = ["dollar", "euro", "maker", "payer", "merchant"];
type Quoted = Parameters<typeof saveQuotes>[1][number];
const random = (): string => hexlify(randomBytes(32));

describe("the store of quotes and exchanged payments", () => {
  let server: TestDatabase;
  let database: Database;
  let nonce = 0n;

  before(async () => {
    server = await openTestDatabase();
    database = openDatabase(server.url);
    await migrate(database);
  });

  beforeEach(() => database.query("TRUNCATE payments, quotes, holds, blocks, accounts CASCADE"));

  after(async () => {
    await database.end();
    await server.stop();
  });

  async function quoted(changes: Partial<Quoted> = {}): Promise<Quoted> {
    const quote = {
      ...{ id: random(), maker: MAKER, payToken: DOLLAR, settleToken: EURO, payAmount: 110n, settleAmount: 100n },
      ...{ generation: 3n, deadline: 1_000n, salt: random(), r: random(), vs: random(), ...changes },
    };
    await saveQuotes(database, [quote]);
    return quote;
  }

  const terms: StoredTerms = {
    ...{ payee: MERCHANT, splits: [], captureDeadline: 500, refundDeadline: 0, arbiter: "nobody", rulingPeriod: 0 },
    ...{ defaultPayerBps: 0, memo: ZeroHash },
  };

  function storedQuote(quote: Quoted): StoredFx["quote"] {
    const numbers = { payAmount: "110", settleAmount: "100", generation: "3", deadline: "1000" };
    return { ...quote, ...numbers };
  }

  /** @returns the id of an accepted payment of 40 for 44, of at most 50. */
  async function accepted(quote: Quoted, changes: Partial<NewPayment> = {}): Promise<string> {
    const id = random();
    nonce += 1n;
    const fx: StoredFx = {
      ...{ quote: storedQuote(quote), settleAmount: "40", cost: "44", payee: MERCHANT, memo: ZeroHash },
      ...{ refundRule: null, refundDeadline: 0 },
    };
    await insertPayments(database, [
      {
        ...{
          id,
          payer: PAYER,
          payee: "exchange",
          merchant: MERCHANT,
          token: DOLLAR,
          amount: 50n,
          nonce,
          deadline: 900n,
        },
        ...{ memo: ZeroHash, r: ZeroHash, vs: ZeroHash, signature: null, signer: null, funding: "account", fx },
        ...{ terms: null, holdId: null, requestId: null, deployment: null, ...changes },
      },
    ]);
    return id;
  }

  function settle(id: string, blockNumber: bigint): Promise<number[]> {
    return applySettled(database, [{ id, transactionHash: "0x01", blockNumber, pulled: false, settledAt: 77n }]);
  }

  /** What is neither given nor promised. */
  const leftOf = async (id: string): Promise<bigint | undefined> =>
    inTransaction(database, async (db) => (await lockQuotes(db, [id])).get(id));

  it("keeps a quote as it came first", async () => {
    const quote = await quoted();
    await saveQuotes(database, [{ ...quote, payAmount: 1n }]);
    expect(await findQuote(database, quote.id)).to.deep.equal({ ...quote, filled: 0n, cancelled: false });
    expect(await findQuote(database, random())).to.equal(undefined);
  });

  it("reserves what live payments take of a quote, and what they cost their payers, not their ceilings", async () => {
    const quote = await quoted();
    expect(await leftOf(quote.id)).to.equal(100n);
    const first = await accepted(quote);
    await accepted(quote);
    await accepted(await quoted());
    expect(await leftOf(quote.id)).to.equal(20n);
    const key = { owner: PAYER, token: DOLLAR };
    const [account] = await inTransaction(database, (db) => readAccounts(db, [key], "lock"));
    expect(account?.reserved).to.equal(132n);
    await settle(first, 5n);
    await updateQuotes(database, [{ id: quote.id, filled: 40n, cancelled: false }], 5n);
    expect(await leftOf(quote.id)).to.equal(20n);
  });

  it("knows which quotes a maker's voiding and a reorg touch", async () => {
    const [live, past] = [await quoted({ deadline: 1_000n }), await quoted({ deadline: 999n })];
    await quoted({ maker: "another" });
    const ids = (await quotesToRead(database, [], [MAKER])).map(({ id }) => id);
    expect(ids.sort()).to.deep.equal([live.id, past.id].sort());
    expect((await quotesToRead(database, [live.id], [])).map(({ id }) => id)).to.deep.equal([live.id]);
    await updateQuotes(database, [{ id: live.id, filled: 7n, cancelled: true }], 8n);
    await updateQuotes(database, [{ id: random(), filled: 7n, cancelled: true }], 8n);
    expect(await findQuote(database, live.id)).to.include({ filled: 7n, cancelled: true });
    expect(await findQuote(database, past.id)).to.include({ filled: 0n, cancelled: false });
    expect(await quotesAbove(database, 7n)).to.deep.equal([live.id]);
    expect(await quotesAbove(database, 8n)).to.deep.equal([]);
  });

  it("forgets outcome, time and refunds of what a reorg undid", async () => {
    const id = await accepted(await quoted());
    await settle(id, 5n);
    await saveExchanged(database, [{ id, paid: 44n, fee: 1n }]);
    const refund = (refunded: bigint, blockNumber: bigint, paymentId = id) => ({
      ...{ paymentId, amount: 10n, refunded, quote: random(), maker: MAKER, cost: 9n, returned: 11n },
      ...{ transactionHash: "0x02", blockNumber, refundedAt: 78n },
    });
    await saveRefunds(database, [refund(10n, 6n), refund(20n, 7n), refund(10n, 6n, random())]);
    await saveRefunds(database, [refund(10n, 6n)]);
    expect(await findPayment(database, id)).to.include({ fxPaid: 44n, fxFee: 1n, settledAt: 77n });
    expect((await readRefunds(database, [id])).get(id)).to.include({ refunded: 20n, returned: 22n });
    await undoAbove(database, 6n);
    expect((await readRefunds(database, [id])).get(id)).to.include({ refunded: 10n, returned: 11n });
    expect(await findPayment(database, id)).to.include({ state: "settled", fxPaid: 44n });
    await undoAbove(database, 4n);
    expect(await readRefunds(database, [id])).to.deep.equal(new Map());
    expect(await findPayment(database, id)).to.include({
      state: "accepted",
      fxPaid: null,
      fxFee: null,
      settledAt: null,
    });
  });

  it("gives a hold to the payment that settled into it, in the settlement currency, of several with its terms", async () => {
    const holdId = random();
    const quote = await quoted();
    const refused = await accepted(quote, { terms, holdId });
    await database.query("UPDATE payments SET state = 'assigned' WHERE id = $1", [refused]);
    await refuseAssigned(database, [{ id: refused, code: "quote_expired" }]);
    const waiting = await accepted(quote, { terms, holdId, token: "yen" });
    const paid = await accepted(quote, { terms, holdId });
    await settle(paid, 5n);
    const hold = { id: holdId, status: "open", captured: 3n, refunded: 0n, disputedAt: 0n } as const;
    await saveHolds(database, [hold, { ...hold, id: random() }], 5n);
    const holdOf = async (id: string) => {
      const payment = await findPayment(database, id);
      return payment === undefined ? undefined : findHold(database, payment);
    };
    expect(await holdOf(paid)).to.deep.equal(hold);
    for (const other of [refused, waiting]) expect(await holdOf(other)).to.equal(undefined);
    expect(await takeExpiring(database, 400n, 600n)).to.deep.equal([
      {
        ...{ paymentId: paid, merchant: MERCHANT, token: EURO, amount: 40n, captured: 3n },
        captureDeadline: 500n,
      },
    ]);
    expect(await findDue(database, 501n, 10)).to.deep.equal([{ id: holdId, paymentId: paid, status: "open" }]);
  });
});
