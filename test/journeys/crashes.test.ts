import { expect } from "chai";

import { readBooks } from "../../scripts/local/books.ts";
import { fundPayers, openMerchants, type SignedPayment, signPayments, submitAll } from "../../scripts/local/market.ts";
import { type Part, startPart } from "../../scripts/local/process.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient } from "../../sdk/client.ts";
import { freePort, startTestStack } from "./local-stack.ts";

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
    const payments = await signPayments(stack, await fundPayers(stack, 12, 10n ** 12n), merchants, PAYMENTS);
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
    const payments = await signPayments(stack, await fundPayers(stack, 12, 10n ** 12n), merchants, PAYMENTS);
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
});
