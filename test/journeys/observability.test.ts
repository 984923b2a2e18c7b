import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";

import { deadlineIn, fundPayers, LOCAL_CHAIN_ID, openMerchants } from "../../scripts/local/market.ts";
import { localKey, type LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, type PaymentView, type Problem } from "../../sdk/client.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { startTestStack } from "./local-stack.ts";
import { startTestKms, type TestKms } from "./test-kms.ts";
import { type ReceivedSpan, startTraceReceiver } from "./trace-receiver.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const AWS_SECRET = "not-a-secret-of-anybody";
const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of thirty-two characters").toString("base64")}`;
/** Some providers of nodes have their customers' keys in the path. */
const NODE_KEY = "0123456789abcdef-key-of-a-node";

interface NotReady extends Problem {
  readonly reasons?: readonly { readonly code: string }[];
}

describe("a relayer that is watched, with its lane's key in KMS", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let kms: TestKms;
  let receiver: Awaited<ReturnType<typeof startTraceReceiver>>;
  let client: CorridorClient;
  let log = "";
  let payment: PaymentView;

  before(async () => {
    kms = await startTestKms(localKey(18).privateKey);
    kms.answerWith("high");
    receiver = await startTraceReceiver();
    ({ stack, stop } = await startTestStack({
      CORRIDOR_LANE_KEYS: "kms:alias/lane",
      CORRIDOR_KMS_REGION: "eu-central-1",
      CORRIDOR_KMS_ENDPOINT: kms.url,
      AWS_ACCESS_KEY_ID: "AKIATESTTESTTEST",
      AWS_SECRET_ACCESS_KEY: AWS_SECRET,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      CORRIDOR_WEBHOOK_URL: "http://127.0.0.1:1",
      CORRIDOR_WEBHOOK_SECRET: WEBHOOK_SECRET,
      CORRIDOR_LOG_LEVEL: "trace",
      CORRIDOR_DRAIN_MS: "1500",
    }));
    stack.relayer().child.stderr?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    client = new CorridorClient(stack.relayerUrl);
  });

  after(async () => {
    await stop();
    await receiver.stop();
    await kms.stop();
  });

  async function until<T>(what: string, find: () => T | undefined | Promise<T | undefined>): Promise<T> {
    for (const end = Date.now() + 20_000; ;) {
      const found = await find();
      if (found !== undefined) return found;
      if (Date.now() > end) throw new Error(`no ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function submit(headers: Record<string, string>, nonce = 0n): Promise<Response> {
    const [payer] = await fundPayers(stack, 1, 10n ** 9n);
    const [merchant] = await openMerchants(stack).catch(() => []);
    if (payer === undefined) throw new Error("no payer");
    const unsigned = {
      ...{ payer: payer.address, payee: merchant?.wallet.address ?? localKey(1).address, nonce },
      ...{ token: stack.deployment.euro, amount: 1_000_000n, deadline: await deadlineIn(stack, 600n) },
      memo: hexlify(randomBytes(32)),
    };
    const domain = { chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger };
    const signature = await signPayment(payer, domain, unsigned);
    const body = { ...unsigned, nonce: String(nonce), amount: "1000000", deadline: String(unsigned.deadline) };
    return fetch(`${stack.relayerUrl}/v1/payments`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ payment: body, signature }),
    });
  }

  it("settles a payment by a signature that only KMS could make", async () => {
    // The first answers that the lane gets are of no use; it goes on once KMS is itself again.
    kms.signWith(hexlify(randomBytes(32)));
    const answer = await submit({ traceparent: `00-${TRACE}-${CALLER}-01`, "x-request-id": "shop-42" });
    expect(answer.status).to.equal(202);
    expect(answer.headers.get("x-request-id")).to.equal("shop-42");
    await until("refused signature", () => (log.includes("kms_wrong_signature") ? true : undefined));
    expect(await stack.provider.getTransactionCount(localKey(18).address)).to.equal(0);
    kms.signWith(localKey(18).privateKey);
    kms.failNext("ThrottlingException");
    const { id } = (await answer.json()) as PaymentView;
    payment = await client.decided(id);
    expect(payment.state).to.be.oneOf(["settled", "final"]);
    const transaction = await stack.provider.getTransaction(payment.transactionHash ?? "");
    expect(transaction?.from).to.equal(localKey(18).address);
    expect(kms.asked.filter((operation) => operation === "TrentService.Sign").length).to.be.greaterThan(1);
  });

  it("counts and times it", async () => {
    const text = await (await fetch(`${stack.relayerUrl}/metrics`)).text();
    const lane = localKey(18).address;
    expect(text).to.match(/^corridor_settlement_seconds_count 1$/m);
    expect(Number(/^corridor_settlement_seconds_sum (\S+)$/m.exec(text)?.[1])).to.be.within(0.01, 60);
    expect(text).to.match(new RegExp(`^corridor_transactions_total\\{lane="${lane}",outcome="mined"\\} 1$`, "m"));
    expect(text).to.match(
      new RegExp(`^corridor_lane_signing_errors_total\\{lane="${lane}",code="kms_wrong_signature"\\} [1-9]`, "m"),
    );
    expect(text).to.match(new RegExp(`^corridor_lane_lease_held\\{lane="${lane}"\\} 1$`, "m"));
    expect(text).to.match(new RegExp(`^corridor_lane_balance_ether\\{lane="${lane}"\\} \\d{3,}`, "m"));
    expect(text).to.match(/^corridor_gas_per_payment_count 1$/m);
    expect(text).to.match(/^corridor_obstacle\{reason="chain_unreachable"\} 0$/m);
    expect(text).to.match(/^corridor_follower_lag_blocks \d$/m);
  });

  it("traces it from the caller's request to the block", async () => {
    const named = (name: string, test: (span: ReceivedSpan) => boolean = () => true): Promise<ReceivedSpan> =>
      until(`span ${name}`, () => receiver.spans.find((span) => span.name === name && test(span)));
    const request = await named("POST /v1/payments");
    expect(request).to.include({ traceId: TRACE, parentSpanId: CALLER, service: "corridor-relayer" });
    expect(request.attributes).to.include({ "http.response.status_code": 202, "corridor.request": "shop-42" });
    expect(request.attributes).to.include({ "corridor.payment": payment.id });
    const group = await named("intake.group");
    expect(group.attributes).to.include({ "corridor.payments": 1 });
    expect(group.links).to.have.length(1);
    expect(group.links[0]).to.include({ traceId: TRACE, spanId: request.spanId });
    const hash = payment.transactionHash ?? "";
    const send = await named("lane.send", ({ attributes }) => attributes["corridor.transaction_hash"] === hash);
    expect(send.attributes).to.include({ "corridor.lane": localKey(18).address, "corridor.payments": 1 });
    for (const name of ["lane.prepare", "lane.sign", "lane.broadcast"]) {
      await named(name, ({ parentSpanId }) => parentSpanId === send.spanId);
    }
    const prepare = await named("lane.prepare", ({ parentSpanId }) => parentSpanId === send.spanId);
    await named("lane.simulate", ({ parentSpanId }) => parentSpanId === prepare.spanId);
    const step = await named("follower.step", ({ attributes }) => attributes["corridor.payments"] === 1);
    expect(String(step.attributes["corridor.block_number"])).to.equal(payment.blockNumber);
    // A poll that finds nothing to do is no news, nor is a probe.
    const idle = receiver.spans.filter(
      (span) => span.name === "lane.prepare" && span.attributes["corridor.idle"] !== false,
    );
    expect(idle).to.have.length(0);
    expect(receiver.spans.filter(({ name }) => /readyz|metrics/.test(name))).to.have.length(0);
  });

  it("takes no trace from a header that is not one", async () => {
    for (const traceparent of [`ff-${TRACE}-${CALLER}-01`, `00-${"0".repeat(32)}-${CALLER}-01`, "nonsense"]) {
      const before = receiver.spans.length;
      await fetch(`${stack.relayerUrl}/v1/network`, { headers: { traceparent } });
      const span = await until("span", () =>
        receiver.spans.slice(before).find(({ name }) => name === "GET /v1/network"),
      );
      expect(span.traceId).not.to.be.oneOf([TRACE, "0".repeat(32)]);
      expect(span.parentSpanId ?? "").to.equal("");
    }
  });

  it("writes the payment's id and the request's into its log", () => {
    const lines = log.split("\n").filter((line) => line.startsWith("{"));
    const about = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => "payment" in line);
    expect(about.find(({ payment: id }) => id === payment.id)).to.include({
      request: "shop-42",
      ...{ msg: "answered", route: "/v1/payments", status: 202 },
    });
  });

  it("is not ready without its chain, says why, and is measured all the same", async () => {
    await stack.chain.stop();
    const answer = await fetch(`${stack.relayerUrl}/readyz`);
    expect(answer.status).to.equal(503);
    expect(((await answer.json()) as NotReady).reasons?.map(({ code }) => code)).to.deep.equal(["chain_unreachable"]);
    const text = await (await fetch(`${stack.relayerUrl}/metrics`)).text();
    expect(text).to.match(/^corridor_obstacle\{reason="chain_unreachable"\} 1$/m);
    expect(text).to.match(/^corridor_rpc_errors_total\{method="eth_\w+",reason="no_answer"\} \d+$/m);
    expect(text).to.match(/^corridor_queue_rows\{kind="payment"\} 0$/m);
  });

  it("says that it drains, takes nothing more, and ends", async () => {
    const { child, exited } = stack.relayer();
    child.kill("SIGTERM");
    const answer = await until("draining", async () => {
      const ready = await fetch(`${stack.relayerUrl}/readyz`);
      const body = (await ready.json()) as NotReady;
      return body.reasons?.some(({ code }) => code === "draining") === true ? { ready, body } : undefined;
    });
    expect(answer.ready.status).to.equal(503);
    expect(answer.ready.headers.get("content-type")).to.contain("application/problem+json");
    expect(Number(answer.ready.headers.get("retry-after"))).to.be.greaterThan(0);
    expect((await fetch(`${stack.relayerUrl}/livez`)).status).to.equal(200);
    expect((await client.payment(payment.id)).id).to.equal(payment.id);
    const refused = await fetch(`${stack.relayerUrl}/v1/payments`, { method: "POST", body: "{}" });
    expect(refused.status).to.equal(503);
    expect(Number(refused.headers.get("retry-after"))).to.be.greaterThan(0);
    expect(((await refused.json()) as Problem).code).to.equal("draining");
    expect(await exited).to.equal(0);
  });

  it("never logs a secret, whatever fails", async () => {
    const database = new URL(stack.environment.DATABASE_URL ?? "");
    const { startPart } = await import("../../scripts/local/process.ts");
    // A node that does not answer, by a URL with a key in it; then a database that does not.
    const failure = await startPart("relayer", "relayer/main.ts", [], {
      ...stack.environment,
      CORRIDOR_RPC_URL: `http://127.0.0.1:1/v3/${NODE_KEY}`,
    }).then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(failure).to.contain("chain_unreachable");
    for (const secret of [AWS_SECRET, WEBHOOK_SECRET, NODE_KEY, database.password].filter((text) => text !== "")) {
      expect(log, secret).not.to.contain(secret);
      expect(failure, secret).not.to.contain(secret);
    }
    expect(log.length).to.be.greaterThan(1_000);
  });
});
