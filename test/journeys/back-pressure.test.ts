import { expect } from "chai";
import pg from "pg";

import { inParallel, openMerchants, openPayers, signPayments } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient } from "../../sdk/client.ts";
import { startTestStack } from "./local-stack.ts";

const PAYMENTS = 60;
const MAX_WAITING = 8;

describe("a relayer that is asked more than it gets through", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();

  before(async () => {
    ({ stack, stop } = await startTestStack({ CORRIDOR_MAX_WAITING: String(MAX_WAITING) }));
  });

  after(() => stop());

  it("says to come again before anything is read, and loses nothing of what it took", async () => {
    const merchants = await openMerchants(stack);
    const payers = await openPayers(stack, 6, 10n ** 12n);
    const payments = await signPayments(stack, payers.slice(2), merchants, PAYMENTS);
    const body = ({ payment, signature, funding }: (typeof payments)[number]): string =>
      JSON.stringify({ payment, signature, funding }, (_, value: unknown) =>
        typeof value === "bigint" ? value.toString() : value,
      );
    const post = (payment: (typeof payments)[number]) =>
      fetch(new URL("/v1/payments", stack.relayerUrl), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: body(payment),
      });

    // The first group waits for its accounts, so that the others pile up.
    const blocker = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
    await blocker.connect();
    await blocker.query("BEGIN");
    await blocker.query("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE");
    const answers = payments.map((payment) => post(payment));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const late = await fetch(new URL("/v1/payments", stack.relayerUrl), { method: "POST", body: "{" });
    expect(late.status).to.equal(503);
    expect(late.headers.get("retry-after")).to.equal("1");
    expect(late.headers.get("content-type")).to.contain("application/problem+json");
    expect(await late.json()).to.include({ code: "overloaded" });
    // Whoever only asks is answered.
    expect((await fetch(new URL("/livez", stack.relayerUrl))).status).to.equal(200);
    await blocker.query("ROLLBACK");
    await blocker.end();

    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(new Set(statuses)).to.deep.equal(new Set([202, 503]));
    const client = new CorridorClient(stack.relayerUrl);
    await inParallel(payments, async (payment) => {
      while ((await post(payment)).status === 503) await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await client.decided(payment.id)).state).to.be.oneOf(["settled", "final"]);
    });
  });
});
