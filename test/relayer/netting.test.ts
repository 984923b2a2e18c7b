import { expect } from "chai";
import { hexlify, randomBytes, ZeroHash } from "ethers";
import fc from "fast-check";

import { type Flow, netFlows } from "../../relayer/reports/netting.ts";
import { applySettled } from "../../relayer/store/chain.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { readCorridors, readFlows } from "../../relayer/store/flows.ts";
import { saveExchanged, saveRefunds, undoRefundsAbove } from "../../relayer/store/fx.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertPayments, type NewPayment, type StoredFx } from "../../relayer/store/payments.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const DAY = 1_790_899_200n; // 2026-10-02, 00:00 UTC

describe("netting of a day", () => {
  const flow = (from: string, to: string, token: string, amount: bigint): Flow => ({ from, to, token, amount });

  it("nets what goes there and back, whoever owes whom", () => {
    // Two customers pay a maker 100 and 50 dollars, she gives 80 of them to a customer of the other direction.
    const { tokens, positions } = netFlows(
      [
        flow("ann", "maker", "USD", 100n),
        flow("bob", "maker", "USD", 50n),
        flow("maker", "lagos", "USD", 80n),
        flow("maker", "lisbon", "EUR", 130n),
        flow("eva", "maker", "EUR", 70n),
      ],
      [],
    );
    expect(tokens).to.deep.equal([
      { token: "EUR", gross: 200n, net: 130n },
      { token: "USD", gross: 230n, net: 150n },
    ]);
    expect(positions).to.deep.include({ account: "maker", token: "USD", received: 150n, sent: 80n });
  });

  it("saves nothing where money goes one way, and everything where it goes in a circle", () => {
    expect(netFlows([flow("a", "b", "T", 5n)], []).tokens[0]).to.deep.equal({ token: "T", gross: 5n, net: 5n });
    const circle = [flow("a", "b", "T", 5n), flow("b", "c", "T", 5n), flow("c", "a", "T", 5n)];
    expect(netFlows(circle, []).tokens[0]).to.deep.equal({ token: "T", gross: 15n, net: 0n });
    expect(netFlows([], [])).to.deep.equal({ tokens: [], corridors: [], positions: [] });
  });

  it("sets a corridor off against its opposite", () => {
    const common = { payments: 1, fee: 0n };
    const { corridors } = netFlows(
      [],
      [
        { payToken: "USD", settleToken: "EUR", paid: 110n, settled: 100n, ...common },
        { payToken: "EUR", settleToken: "USD", paid: 30n, settled: 33n, ...common },
        { payToken: "EUR", settleToken: "JPY", paid: 7n, settled: 1_200n, ...common },
      ],
    );
    expect(corridors.map(({ payToken, settleToken, offset }) => [payToken, settleToken, offset])).to.deep.equal([
      ["EUR", "JPY", 0n],
      ["EUR", "USD", 30n],
      ["USD", "EUR", 33n],
    ]);
  });

  it("conserves: positions of a token sum to zero, the net is at most the gross, and order does not matter", () => {
    const name = fc.constantFrom("a", "b", "c", "d");
    const flows = fc.array(
      fc.record({ from: name, to: name, token: fc.constantFrom("T", "U"), amount: fc.bigInt(1n, 10n ** 20n) }),
    );
    fc.assert(
      fc.property(flows, fc.integer(), (all, seed) => {
        const netted = netFlows(all, []);
        const turned = [
          ...all.slice(Math.abs(seed) % (all.length + 1)),
          ...all.slice(0, Math.abs(seed) % (all.length + 1)),
        ];
        expect(netFlows(turned, [])).to.deep.equal(netted);
        for (const { token, gross, net } of netted.tokens) {
          const mine = netted.positions.filter((position) => position.token === token);
          expect(mine.reduce((sum, { received, sent }) => sum + received - sent, 0n)).to.equal(0n);
          expect(net <= gross).to.equal(true);
          expect(all.filter((one) => one.token === token).reduce((sum, { amount }) => sum + amount, 0n)).to.equal(
            gross,
          );
        }
      }),
    );
  });

  describe("out of the store", () => {
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

    const quote = (payToken: string, settleToken: string): StoredFx["quote"] => ({
      ...{ id: hexlify(randomBytes(32)), maker: "maker", payToken, settleToken, payAmount: "1", settleAmount: "1" },
      ...{ generation: "0", deadline: "0", salt: ZeroHash, r: ZeroHash, vs: ZeroHash },
    });

    let nonce = 0n;
    async function settle(at: bigint, change: Partial<NewPayment>): Promise<string> {
      const id = hexlify(randomBytes(32));
      nonce += 1n;
      const texts = {
        payer: "ann",
        payee: "x",
        token: "USD",
        merchant: "lagos",
        memo: ZeroHash,
        r: ZeroHash,
        vs: ZeroHash,
      };
      const nothing = { terms: null, holdId: null, fx: null, requestId: null, signature: null, signer: null };
      await insertPayments(database, [
        { id, ...texts, ...nothing, deployment: null, funding: "account", amount: 10n, nonce, deadline: 0n, ...change },
      ]);
      await applySettled(database, [{ id, transactionHash: "t", blockNumber: 5n, settledAt: at, pulled: false }]);
      return id;
    }

    it("finds the flows of the day and no others: payments, both legs of an exchange, refunds", async () => {
      await settle(DAY - 1n, {});
      await settle(DAY, {});
      await settle(DAY + 86_399n, { amount: 5n });
      await settle(DAY + 86_400n, {});
      const exchanged = await settle(DAY + 10n, {
        ...{ amount: 120n, merchant: "lisbon" },
        fx: {
          ...{ quote: quote("USD", "EUR"), payee: "lisbon", settleAmount: "100", memo: ZeroHash, cost: "110" },
          ...{ refundRule: "payee_bears", refundDeadline: 0 },
        },
      });
      await saveExchanged(database, [{ id: exchanged, paid: 110n, fee: 1n }]);
      const refund = {
        ...{ paymentId: exchanged, amount: 50n, refunded: 50n, cost: 52n, returned: 55n, quote: "q", maker: "other" },
        ...{ transactionHash: "t", blockNumber: 6n, refundedAt: DAY + 20n },
      };
      await saveRefunds(database, [refund, { ...refund, paymentId: "unknown" }]);
      const sorted = async () =>
        (await readFlows(database, DAY, DAY + 86_400n))
          .map(({ from, to, token, amount }) => `${from} ${to} ${amount} ${token}`)
          .sort();
      const payments = ["ann lagos 15 USD", "ann maker 110 USD", "maker lisbon 100 EUR"];
      expect(await sorted()).to.deep.equal([...payments, "lisbon other 52 EUR", "other ann 55 USD"].sort());
      expect(await readCorridors(database, DAY, DAY + 86_400n)).to.deep.equal([
        { payToken: "USD", settleToken: "EUR", payments: 1, paid: 110n, settled: 100n, fee: 1n },
      ]);
      await undoRefundsAbove(database, 5n);
      expect(await sorted()).to.deep.equal(payments.sort());
    });
  });
});
