import { expect } from "chai";
import { hexlify, randomBytes, type Wallet } from "ethers";

import { deadlineIn, fundPayers, LOCAL_CHAIN_ID, type Merchant, openMerchants } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient } from "../../sdk/client.ts";
import { readEventStream } from "../../sdk/event-stream.ts";
import type { Payment } from "../../sdk/payment.ts";
import { CANCELLATION_TYPES, signPayment, typedDataDomain } from "../../sdk/typed-data.ts";
import { type EventView, foldPayments, type WebhookMessage } from "../../sdk/webhooks.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { eventually, type Receiver, startReceiver, verified } from "../relayer/receiver.ts";
import { startTestStack } from "./local-stack.ts";

const OPERATOR_KEY = "the-key-of-this-journeys-operator";

describe("webhooks and streams through HTTP, PostgreSQL and a chain", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let client: CorridorClient;
  let payer: Wallet;
  let merchant: Merchant;
  let shop: Receiver;
  let endpoint: { id: string; secret: string };
  let nonce = 0n;
  let failures = 2;

  before(async () => {
    shop = await startReceiver();
    // The first tries fail and have to be made again.
    shop.answer = (response) => response.writeHead((failures -= 1) < 0 ? 204 : 500).end();
    ({ stack, stop } = await startTestStack({
      CORRIDOR_BATCH_AGE_MS: "50",
      CORRIDOR_OPERATOR_KEY: OPERATOR_KEY,
      CORRIDOR_WEBHOOK_RETRY_S: "1,1,1",
      CORRIDOR_EVENT_STREAMS: "4",
    }));
    client = new CorridorClient(stack.relayerUrl, { apiKey: OPERATOR_KEY });
    const [first] = await fundPayers(stack, 1, 1_000_000_000n);
    const [, second] = await openMerchants(stack);
    if (first === undefined || second === undefined) throw new Error("nobody there");
    [payer, merchant] = [first, second];
    endpoint = await client.webhooks.create({ url: shop.url, merchant: merchant.wallet.address });
  });

  after(async () => {
    await stop();
    await shop.close();
  });

  const domain = () => ({ chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger });

  async function pay(): Promise<{ id: string; payment: Payment }> {
    nonce += 1n;
    const payment = {
      ...{ payer: payer.address, payee: merchant.wallet.address, token: stack.deployment.dollar, amount: 1_000_000n },
      ...{ nonce, deadline: await deadlineIn(stack, 600n), memo: hexlify(randomBytes(32)) },
    };
    const { id } = await client.submitPayment(payment, await signPayment(payer, domain(), payment));
    return { id, payment };
  }

  async function cancel({ payer: owner, token, nonce: cancelled, deadline }: Payment): Promise<void> {
    const value = { owner, token, nonce: cancelled, deadline };
    const signature = await payer.signTypedData(typedDataDomain(domain()), CANCELLATION_TYPES, value);
    const ledger = Ledger__factory.connect(stack.deployment.ledger, stack.deployer);
    await (await ledger.cancelWithSignature(owner, token, cancelled, deadline, signature)).wait();
  }

  async function until(id: string, state: string): Promise<void> {
    await eventually(
      () => client.payment(id),
      (view) => view.state === state,
      30_000,
    );
  }

  async function allEvents(): Promise<EventView[]> {
    const events: EventView[] = [];
    for (let cursor = "0"; ;) {
      const page = await client.webhooks.events({ cursor, limit: "5" });
      events.push(...page.events);
      cursor = page.next;
      if (!page.more) return events;
    }
  }

  it("tell the state of every payment, after settlements, a rejection and a reorg", async () => {
    await stack.provider.send("evm_setIntervalMining", [0]);
    const ids: string[] = [];
    try {
      const settled = [await pay(), await pay(), await pay()];
      for (const { id } of settled) await client.decided(id);
      const rejected = await pay();
      await cancel(rejected.payment);
      await client.decided(rejected.id);

      await stack.provider.send("evm_mine", []);
      const snapshot = (await stack.provider.send("evm_snapshot", [])) as string;
      const reorged = await pay();
      await until(reorged.id, "settled");
      await stack.provider.send("evm_revert", [snapshot]);
      // Another history, longer than the first, in which it is settled anew.
      for (let block = 0; block < 3; block += 1) await stack.provider.send("evm_mine", []);
      await eventually(allEvents, (events) =>
        events.some(({ type, paymentId }) => type === "payment.reorged" && paymentId === reorged.id),
      );
      ids.push(...[...settled, rejected, reorged].map(({ id }) => id));
    } finally {
      await stack.provider.send("evm_setIntervalMining", [200]);
    }
    for (const [index, id] of ids.entries()) {
      if (index !== 3) await until(id, "final");
    }

    const events = await allEvents();
    expect(events.length).to.be.at.least(ids.length * 2);
    await eventually(
      () => Promise.resolve(new Set(shop.received.map(({ headers }) => headers["webhook-id"])).size),
      (count) => count === events.length,
      20_000,
    );
    const messages = shop.received.map((one) => verified(endpoint.secret, one));
    expect(messages.length).to.be.greaterThan(events.length);
    const byId = new Map(events.map((event) => [event.id, event]));
    for (const [index, { headers }] of shop.received.entries()) {
      const { type, sequence, timestamp, data } = messages[index] as WebhookMessage;
      expect(byId.get(String(headers["webhook-id"]))).to.deep.include({ type, sequence, timestamp, data });
    }
    for (const told of [foldPayments(messages), foldPayments(events)]) {
      expect([...told.keys()].sort()).to.deep.equal([...ids].sort());
      for (const [id, data] of told) {
        const view = await client.payment(id);
        expect(view, id).to.include({
          ...{ state: data.state, code: data.code, merchant: data.merchant, payer: data.payer, token: data.token },
          ...{ amount: data.amount, memo: data.memo, requestId: data.requestId },
          ...{ transactionHash: data.transactionHash, blockNumber: data.blockNumber, settledAt: data.settledAt },
        });
      }
    }
    const metrics = await (await fetch(`${stack.relayerUrl}/metrics`)).text();
    expect(metrics).to.contain(`corridor_webhook_attempts_total{outcome="delivered"} ${events.length}`);
    expect(metrics).to.contain(`corridor_webhook_attempts_total{outcome="failed"} 2`);
    expect(metrics).to.match(/^corridor_webhooks_undelivered 0$/m);
    expect(metrics).to.match(/^corridor_webhooks_dead 0$/m);
  });

  it("stream a payment from its acceptance until it is final", async () => {
    const { id } = await pay();
    const states: string[] = [];
    for await (const view of client.watchPayment(id)) {
      expect(view.id).to.equal(id);
      states.push(view.state);
    }
    expect(states.at(-1)).to.equal("final");
    const order = ["accepted", "assigned", "submitted", "settled", "final"];
    const places = states.map((state) => order.indexOf(state));
    expect(places).to.deep.equal([...new Set(places)].sort());
    expect(await (await fetch(`${stack.relayerUrl}/metrics`)).text()).to.match(/^corridor_event_streams 0$/m);
  });

  it("need the operator's key", async () => {
    for (const apiKey of [undefined, "the key of another journey's operator"]) {
      const stranger = new CorridorClient(stack.relayerUrl, apiKey === undefined ? {} : { apiKey });
      const error = await stranger.webhooks.list().catch((thrown: unknown) => thrown);
      expect(error).to.have.nested.property("problem.code", "unauthorized");
    }
  });

  it("end when the relayer drains, and are bounded in number until then", async () => {
    await stack.provider.send("evm_setIntervalMining", [0]);
    await stack.provider.send("evm_setAutomine", [false]);
    const { id } = await pay();
    const path = `${stack.relayerUrl}/v1/payments/${id}/events`;
    const open = await Promise.all(Array.from({ length: 4 }, () => fetch(path)));
    const refused = await fetch(path);
    expect(refused.status).to.equal(503);
    expect(Number(refused.headers.get("retry-after"))).to.be.greaterThan(0);
    const ends = open.map(async ({ body }) => {
      if (body === null) throw new Error("no body");
      const events: string[] = [];
      for await (const { data } of readEventStream(body)) events.push(data);
      return events.length;
    });
    const started = Date.now();
    await stack.relayer().stop();
    expect(Date.now() - started).to.be.lessThan(10_000);
    expect(stack.relayer().child.exitCode).to.equal(0);
    for (const count of await Promise.all(ends)) expect(count).to.be.at.least(1);
  });
});
