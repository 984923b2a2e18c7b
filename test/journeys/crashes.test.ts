import { randomUUID } from "node:crypto";

import { expect } from "chai";

import { readBooks } from "../../scripts/local/books.ts";
import { openMerchants, openPayers, type SignedPayment, signPayments, submitAll } from "../../scripts/local/market.ts";
import { type Part, startPart } from "../../scripts/local/process.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient } from "../../sdk/client.ts";
import { CAPTURE_TYPES } from "../../sdk/hold-typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { freePort, startTestStack } from "./local-stack.ts";
import { unbalancedAccounts } from "./movement-sums.ts";
import { patiently } from "./patience.ts";
import { Shop } from "./shop.ts";

const PAYMENTS = 240;

describe("exactly once, whoever is killed", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let second: Part | undefined;

  beforeEach(async () => {
    ({ stack, stop } = await startTestStack({
      CORRIDOR_BATCH_ROWS: "20",
      CORRIDOR_BATCH_AGE_MS: "30",
      CORRIDOR_LEASE_MS: "1000",
    }));
  });

  afterEach(async () => {
    await second?.stop();
    second = undefined;
    await stop();
  });

  /** The chain is the oracle: each payment has one event, the books balance and the record says the same. */
  async function expectSettledOnce(payments: readonly SignedPayment[], url: string): Promise<void> {
    const client = new CorridorClient(url);
    for (const { id } of payments) expect((await client.decided(id)).state).to.be.oneOf(["settled", "final"]);
    const books = await readBooks(stack);
    expect(books.imbalances).to.deep.equal([]);
    expect([...books.settled].sort()).to.deep.equal(payments.map(({ id }) => id).sort());
  }

  async function kill(part: Part): Promise<void> {
    part.child.kill("SIGKILL");
    await part.exited;
  }

  it("a relayer that is killed again and again in the middle of its work", async () => {
    const merchants = await openMerchants(stack);
    const payments = await signPayments(stack, await openPayers(stack, 12, 10n ** 12n), merchants, PAYMENTS);
    let accepted = 0;
    const submitting = submitAll(
      new CorridorClient(stack.relayerUrl),
      payments,
      () => {
        accepted += 1;
      },
      () => false,
    );
    for (const mark of [40, 110, 180]) {
      while (accepted < mark) await new Promise((resolve) => setTimeout(resolve, 1));
      await kill(stack.relayer());
      await stack.restartRelayer();
    }
    expect((await submitting).size).to.equal(0);
    await expectSettledOnce(payments, stack.relayerUrl);
  });

  it("one of two relayers on one database, whose lanes the other takes over", async () => {
    const port = await freePort();
    second = await startPart("second relayer", "relayer/main.ts", [], {
      ...stack.environment,
      CORRIDOR_PORT: String(port),
    });
    const merchants = await openMerchants(stack);
    const payments = await signPayments(stack, await openPayers(stack, 12, 10n ** 12n), merchants, PAYMENTS);
    // Both get all of them, at once: the second caller of each is given the first one's record.
    let accepted = 0;
    const count = () => {
      accepted += 1;
    };
    const submitting = Promise.all([
      submitAll(new CorridorClient(second.url), payments, count, () => false),
      submitAll(new CorridorClient(stack.relayerUrl), payments.slice(0, 60), count, () => false),
    ]);
    while (accepted < 120) await new Promise((resolve) => setTimeout(resolve, 1));
    await submitting;
    await kill(stack.relayer());
    await expectSettledOnce(payments, second.url);
  });

  it("holds and acts on them, while the relayer is killed again and again", async () => {
    const HOLDS = 30;
    const shop = await Shop.open(stack, 10n ** 12n);
    const ledger = Ledger__factory.connect(stack.deployment.ledger, stack.provider);
    const killing = (async () => {
      for (let round = 0; round < 4; round += 1) {
        await new Promise((resolve) => setTimeout(resolve, 700));
        await kill(stack.relayer());
        await stack.restartRelayer();
      }
    })();
    const holds = await Promise.all(
      Array.from({ length: HOLDS }, async () => {
        const payment = await shop.compose(await shop.terms(Shop.withoutArbiter));
        const signature = await shop.sign(payment);
        const { id } = await patiently(() => shop.client.submitPayment(payment, signature));
        await patiently(() => shop.client.decided(id));
        // One signature, one key: however often it is asked for, it happens once.
        const [amount, key] = [600_000n, randomUUID()];
        const consent = await shop.consent(shop.merchant, CAPTURE_TYPES, { id, amount, captured: 0n });
        const body = { amount: amount.toString(), captured: "0", consent };
        const act = await patiently(() => shop.client.act(id, "capture", body, key));
        expect((await patiently(() => shop.client.actDecided(act.id))).state).to.be.oneOf(["settled", "final"]);
        return id;
      }),
    );
    await killing;
    const escrow = Escrow__factory.connect(stack.deployment.escrow, stack.provider);
    for (const id of holds) {
      const captures = await escrow.queryFilter(escrow.filters.Captured(id));
      expect(captures).to.have.length(1);
      expect((await patiently(() => shop.client.payment(id))).hold).to.include({ status: "open", captured: "600000" });
    }
    const held = await ledger.accountOf(stack.deployment.escrow, shop.token);
    expect(held.balance).to.equal(BigInt(HOLDS) * 400_000n);
    expect((await readBooks(stack)).imbalances).to.deep.equal([]);
    expect(await unbalancedAccounts(stack)).to.deep.equal([]);
  });
});
