import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";
import pg from "pg";

import { readBooks } from "../../scripts/local/books.ts";
import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { type PaymentRequestView, ProblemError } from "../../sdk/client.ts";
import type { HoldPayment } from "../../sdk/hold.ts";
import type { Payment } from "../../sdk/payment.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { startTestStack } from "./local-stack.ts";
import { Shop } from "./shop.ts";

/** A signed payment, which its payer keeps until she heard what became of it. */
interface Signed<P> {
  readonly payment: P;
  readonly signature: string;
  readonly id: string;
}

describe("an older backup that is restored", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let shop: Shop;
  let request: PaymentRequestView;
  let early: Signed<Payment>;
  let paid: Signed<Payment>;
  let late: Signed<Payment>;
  let held: Signed<HoldPayment>;

  before(async () => {
    ({ stack, stop } = await startTestStack({ CORRIDOR_BATCH_AGE_MS: "30" }));
    shop = await Shop.open(stack, 10n ** 12n);
    early = await pay();
    const asked = {
      ...{ merchant: shop.merchant.address, token: shop.token, amount: "1000000", memo: hexlify(randomBytes(32)) },
      ...{ capture: "automatic" as const, expiresAt: String(await deadlineIn(stack, 600n)) },
    };
    request = await shop.client.createPaymentRequest(asked, randomUUID());
    await backUp();
    paid = await pay({ memo: request.memo }, request.id);
    late = await pay();
    const hold = await shop.compose(await shop.terms());
    const signature = await shop.sign(hold);
    held = { payment: hold, signature, id: (await shop.client.submitPayment(hold, signature)).id };
    for (const { id } of [paid, late, held]) await shop.client.decided(id);
    await kill();
    await restore();
  });

  after(() => stop());

  async function pay(changes: Partial<Payment> = {}, to?: string): Promise<Signed<Payment>> {
    shop.nonce += 1n;
    const payment = {
      ...{ payer: shop.customer.address, payee: shop.merchant.address, token: shop.token, amount: 1_000_000n },
      ...{ nonce: shop.nonce, deadline: await deadlineIn(stack, 600n), memo: hexlify(randomBytes(32)), ...changes },
    };
    const signature = await signPayment(shop.customer, domain(), payment);
    const { id } = await shop.client.submitPayment(payment, signature, to);
    await shop.client.decided(id);
    return { payment, signature, id };
  }

  const domain = () => ({ chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger });

  async function onServer(...statements: readonly ((name: string) => string)[]): Promise<void> {
    const server = new URL(stack.environment.DATABASE_URL ?? "");
    const name = server.pathname.slice(1);
    server.pathname = "/postgres";
    const client = new pg.Client({ connectionString: server.href });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement(name));
    } finally {
      await client.end();
    }
  }

  async function backUp(): Promise<void> {
    await stack.relayer().stop();
    await onServer((name) => `CREATE DATABASE ${name}_backup TEMPLATE ${name}`);
    await stack.restartRelayer();
  }

  async function kill(): Promise<void> {
    stack.relayer().child.kill("SIGKILL");
    await stack.relayer().exited;
  }

  async function restore(): Promise<void> {
    await onServer(
      (name) => `DROP DATABASE ${name} WITH (FORCE)`,
      (name) => `ALTER DATABASE ${name}_backup RENAME TO ${name}`,
    );
    await stack.restartRelayer();
  }

  async function code(answer: Promise<unknown>): Promise<string> {
    return answer.then(
      () => "none",
      (error: unknown) => {
        if (error instanceof ProblemError) return error.problem.code;
        throw error;
      },
    );
  }

  it("knows what it knew, and of the rest nothing but what the chain says of accounts", async () => {
    expect((await shop.client.payment(early.id)).state).to.be.oneOf(["settled", "final"]);
    expect(await code(shop.client.payment(paid.id))).to.equal("not_found");
    expect((await shop.client.paymentRequest(request.id)).status).to.equal("requires_authorization");
    const account = await shop.client.account(shop.customer.address, shop.token);
    expect(account.balance).to.equal(String(10n ** 12n - 4_000_000n));
  });

  it("does not take a signature that is none for a payment that the chain settled", async () => {
    const forged = await signPayment(shop.merchant, domain(), paid.payment);
    expect(await code(shop.client.submitPayment(paid.payment, forged, request.id))).to.equal("bad_signature");
  });

  it("finds a payment settled that is handed in again, and its request paid", async () => {
    const known = await shop.client.submitPayment(paid.payment, paid.signature, request.id);
    expect(known).to.include({ id: paid.id, code: null });
    expect(known.state).to.be.oneOf(["settled", "final"]);
    expect(known.transactionHash).to.match(/^0x[0-9a-f]{64}$/);
    expect((await shop.client.paymentRequest(request.id)).status).to.equal("succeeded");
  });

  it("lets nobody else pay a request that was paid so", async () => {
    shop.nonce += 1n;
    const second = { ...paid.payment, nonce: shop.nonce };
    const signature = await signPayment(shop.customer, domain(), second);
    expect(await code(shop.client.submitPayment(second, signature, request.id))).to.equal("request_paid");
  });

  it("finds a hold open that is handed in again, and captures it", async () => {
    const known = await shop.client.submitPayment(held.payment, held.signature);
    expect(known.status).to.equal("requires_capture");
    await shop.done(shop.capture(held.id, 1_000_000n));
    expect((await shop.client.payment(held.id)).status).to.equal("succeeded");
  });

  it("still refuses another payment with a nonce that is used", async () => {
    const other = { ...late.payment, memo: hexlify(randomBytes(32)) };
    expect(await code(shop.client.submitPayment(other, await signPayment(shop.customer, domain(), other)))).to.equal(
      "nonce_used",
    );
  });

  it("finds a payment settled also after its deadline", async () => {
    await stack.provider.send("evm_increaseTime", [7_200]);
    await stack.provider.send("evm_mine", []);
    const end = Date.now() + 10_000;
    const again = () => shop.client.submitPayment(late.payment, late.signature);
    let known = await again();
    while (known.state !== "final" && Date.now() < end) known = await again();
    expect(known).to.include({ id: late.id, state: "final" });
  });

  it("paid each of them once", async () => {
    const books = await readBooks(stack);
    expect(books.imbalances).to.deep.equal([]);
    expect([...books.settled].sort()).to.deep.equal([early, paid, late, held].map(({ id }) => id).sort());
  });
});
