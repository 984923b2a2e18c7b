import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";
import pg from "pg";

import { deadlineIn, fundPayers, LOCAL_CHAIN_ID, type Merchant, openMerchants } from "../../scripts/local/market.ts";
import { startPart } from "../../scripts/local/process.ts";
import { localKey, type LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, type PaymentView, type Problem } from "../../sdk/client.ts";
import type { Payment } from "../../sdk/payment.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { CANCELLATION_TYPES, paymentId, signPayment, typedDataDomain } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { startTestStack } from "./local-stack.ts";

const FUNDS = 1_000_000_000n;

describe("a payment through HTTP, PostgreSQL and a chain", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let client: CorridorClient;
  let merchants: Merchant[];
  let payers: Wallet[];
  let database: pg.Client;
  let nonce = 0n;

  before(async () => {
    ({ stack, stop } = await startTestStack({ CORRIDOR_BATCH_AGE_MS: "300" }));
    client = new CorridorClient(stack.relayerUrl);
    merchants = await openMerchants(stack);
    payers = await fundPayers(stack, 3, FUNDS);
    database = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
    await database.connect();
  });

  after(async () => {
    await database.end();
    await stop();
  });

  const domain = () => ({ chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger });

  function at<T>(list: readonly T[], index: number): T {
    const item = list[index];
    if (item === undefined) throw new Error(`nothing at ${index}`);
    return item;
  }

  /** A good payment by the first payer to the second merchant, with changes. */
  async function compose(changes: Partial<Payment> = {}): Promise<Payment> {
    nonce += 1n;
    return {
      payer: at(payers, 0).address,
      payee: at(merchants, 1).wallet.address,
      token: stack.deployment.dollar,
      amount: 1_000_000n,
      nonce,
      deadline: await deadlineIn(stack, 600n),
      memo: hexlify(randomBytes(32)),
      ...changes,
    };
  }

  function sign(payment: Payment, signer = at(payers, 0), where = domain()): Promise<string> {
    return signPayment(signer, where, payment);
  }

  async function post(
    body: string,
    type = "application/json",
  ): Promise<{ status: number; type: string; body: Problem }> {
    const response = await fetch(`${stack.relayerUrl}/v1/payments`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    return {
      status: response.status,
      type: response.headers.get("content-type") ?? "",
      body: (await response.json()) as Problem,
    };
  }

  function bodyOf(payment: Payment, signature: string, changes: Record<string, unknown> = {}): string {
    const { amount, nonce: n, deadline, ...rest } = payment;
    return JSON.stringify({
      payment: { ...rest, amount: String(amount), nonce: String(n), deadline: String(deadline), ...changes },
      signature,
    });
  }

  async function stored(): Promise<bigint> {
    const { rows } = await database.query<{ count: bigint }>("SELECT count(*) FROM payments");
    return at(rows, 0).count;
  }

  async function until(id: string, state: string): Promise<PaymentView> {
    const end = Date.now() + 30_000;
    for (;;) {
      const view = await client.payment(id);
      if (view.state === state) return view;
      if (Date.now() > end) throw new Error(`${id} is ${view.state} (${view.code}), not ${state}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const ledger = () => Ledger__factory.connect(stack.deployment.ledger, stack.deployer);

  it("settles, credits the merchant less the fee, becomes final, and tells so", async () => {
    const payment = await compose();
    const accepted = await client.submitPayment(payment, await sign(payment));
    expect(accepted.state).to.equal("accepted");
    expect(accepted.id).to.equal(paymentId(domain(), payment));
    const settled = await client.decided(accepted.id);
    expect(settled.state).to.be.oneOf(["settled", "final"]);
    const receipt = await stack.provider.getTransactionReceipt(settled.transactionHash ?? "");
    expect(receipt?.status).to.equal(1);
    expect(String(receipt?.blockNumber)).to.equal(settled.blockNumber);
    expect((await ledger().accountOf(payment.payee, payment.token)).balance).to.equal(997_000n);
    await until(accepted.id, "final");
    const account = await client.account(payment.payer, payment.token);
    expect(account).to.include({ balance: String(FUNDS - 1_000_000n), reserved: "0" });
  });

  it("gives the same payment the same record, before and after it settled", async () => {
    const payment = await compose();
    const signature = await sign(payment);
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(bodyOf(payment, signature))));
    expect(answers.filter(({ status }) => status === 202)).to.have.length(1);
    expect(answers.filter(({ status }) => status === 200)).to.have.length(7);
    const { id } = await client.submitPayment(payment, signature);
    await client.decided(id);
    expect((await client.submitPayment(payment, signature)).state).to.be.oneOf(["settled", "final"]);
    const logs = await ledger().queryFilter(ledger().filters.Settled(id));
    expect(logs).to.have.length(1);
  });

  describe("refuses bad input with a stable code and stores nothing", () => {
    interface Case {
      readonly name: string;
      readonly status: number;
      readonly code: string;
      readonly field?: string;
      readonly body: () => Promise<string>;
    }

    /** A payment that is bad as it was signed. */
    const signed = (changes: () => Partial<Payment>) => async () => {
      const payment = await compose(changes());
      return bodyOf(payment, await sign(payment));
    };
    /** A good payment whose JSON was changed after it was signed. */
    const changed = (changes: Record<string, unknown>) => async () => {
      const payment = await compose();
      return bodyOf(payment, await sign(payment), changes);
    };

    const cases: Case[] = [
      { name: "no JSON", status: 400, code: "malformed_body", body: () => Promise.resolve("{oops") },
      { name: "nothing", status: 400, code: "malformed_body", body: () => Promise.resolve("") },
      { name: "an array", status: 400, code: "invalid_field", field: "", body: () => Promise.resolve("[]") },
      { name: "no payment", status: 400, code: "invalid_field", field: "payment", body: () => Promise.resolve("{}") },
      {
        name: "a huge body",
        status: 413,
        code: "body_too_large",
        body: () => Promise.resolve(`{"x":"${"y".repeat(20_000)}"}`),
      },
      {
        name: "an unknown field",
        status: 400,
        code: "invalid_field",
        field: "payment.extra",
        body: changed({ extra: 1 }),
      },
      {
        name: "a number for an amount",
        status: 400,
        code: "invalid_field",
        field: "payment.amount",
        body: changed({ amount: 5 }),
      },
      {
        name: "an amount of zero",
        status: 400,
        code: "amount_out_of_range",
        field: "payment.amount",
        body: changed({ amount: "0" }),
      },
      {
        name: "an amount above uint128",
        status: 400,
        code: "amount_out_of_range",
        field: "payment.amount",
        body: changed({ amount: String(2n ** 128n) }),
      },
      {
        name: "a fraction",
        status: 400,
        code: "invalid_field",
        field: "payment.amount",
        body: changed({ amount: "1.5" }),
      },
      {
        name: "a negative nonce",
        status: 400,
        code: "invalid_field",
        field: "payment.nonce",
        body: changed({ nonce: "-1" }),
      },
      {
        name: "a nonce that no account can use",
        status: 400,
        code: "invalid_field",
        field: "payment.nonce",
        body: changed({ nonce: String(2n ** 56n - 1n) }),
      },
      {
        name: "a short memo",
        status: 400,
        code: "invalid_field",
        field: "payment.memo",
        body: changed({ memo: "0x12" }),
      },
      {
        name: "no address",
        status: 400,
        code: "invalid_field",
        field: "payment.payee",
        body: changed({ payee: "0x12" }),
      },
      {
        name: "a wrong checksum",
        status: 400,
        code: "bad_checksum",
        field: "payment.payee",
        body: changed({ payee: "0xE7f1725E7734CE288F8367e1Bb143E90bb3F0512" }),
      },
      {
        name: "an unknown token",
        status: 422,
        code: "unknown_token",
        field: "payment.token",
        body: signed(() => ({ token: Wallet.createRandom().address })),
      },
      {
        name: "a payee that cannot be paid",
        status: 422,
        code: "invalid_payee",
        field: "payment.payee",
        body: signed(() => ({ payee: stack.deployment.ledger })),
      },
      {
        name: "an expired payment",
        status: 422,
        code: "expired",
        field: "payment.deadline",
        body: signed(() => ({ deadline: 1_000_000_000n })),
      },
      {
        name: "a malformed signature",
        status: 400,
        code: "invalid_field",
        field: "signature",
        body: async () => bodyOf(await compose(), "0x12345"),
      },
      {
        name: "a stranger's signature",
        status: 422,
        code: "bad_signature",
        field: "signature",
        body: async () => {
          const payment = await compose();
          return bodyOf(payment, await sign(payment, at(payers, 1)));
        },
      },
      {
        name: "a signature for another chain",
        status: 422,
        code: "bad_signature",
        field: "signature",
        body: async () => {
          const payment = await compose();
          return bodyOf(payment, await sign(payment, at(payers, 0), { ...domain(), chainId: 1n }));
        },
      },
      {
        name: "a signature for another Ledger",
        status: 422,
        code: "bad_signature",
        field: "signature",
        body: async () => {
          const payment = await compose();
          return bodyOf(payment, await sign(payment, at(payers, 0), { ...domain(), ledger: stack.deployment.dollar }));
        },
      },
      {
        name: "too small a balance",
        status: 422,
        code: "insufficient_balance",
        field: "payment.amount",
        body: signed(() => ({ amount: FUNDS + 1n })),
      },
    ];

    for (const { name, status, code, field, body } of cases) {
      it(name, async () => {
        const before = await stored();
        const answer = await post(await body());
        expect(answer.body.code).to.equal(code);
        expect(answer.status).to.equal(status);
        expect(answer.body.status).to.equal(status);
        expect(answer.type).to.contain("application/problem+json");
        if (field !== undefined) {
          expect(answer.body.field).to.equal(field);
          expect(answer.body.expected).to.be.a("string").and.not.equal("");
        }
        expect(await stored()).to.equal(before);
      });
    }

    it("a body of another type", async () => {
      expect((await post("<payment/>", "application/xml")).body.code).to.equal("unsupported_media_type");
    });

    it("an unknown id, a malformed one, and a path that is not there", async () => {
      const get = async (path: string) => ((await (await fetch(stack.relayerUrl + path)).json()) as Problem).code;
      expect(await get(`/v1/payments/${hexlify(randomBytes(32))}`)).to.equal("not_found");
      expect(await get("/v1/payments/5")).to.equal("invalid_field");
      expect(await get("/v2")).to.equal("not_found");
    });
  });

  it("refuses another payment with a nonce that is taken, and names the holder", async () => {
    const first = await compose();
    const { id } = await client.submitPayment(first, await sign(first));
    const second = await compose({ nonce: first.nonce, amount: 2n });
    const answer = await post(bodyOf(second, await sign(second)));
    expect(answer).to.have.nested.property("body.code", "nonce_conflict");
    expect(answer).to.have.nested.property("body.paymentId", id);
    expect(answer.status).to.equal(409);
    await client.decided(id);
  });

  it("reserves what it accepted", async () => {
    const payer = at(payers, 1);
    const compose1 = (n: bigint, amount: bigint) => compose({ payer: payer.address, nonce: n, amount });
    const [one, two, three] = [await compose1(0n, FUNDS - 10n), await compose1(1n, 11n), await compose1(2n, 10n)];
    const answers = await Promise.all(
      [one, two, three].map(async (payment) => post(bodyOf(payment, await sign(payment, payer)))),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([202, 202, 422]);
    for (const payment of [one, three]) await client.decided(paymentId(domain(), payment));
  });

  it("sees a deposit that the chain has and its own record not yet", async () => {
    const payer = new Wallet(hexlify(randomBytes(32)));
    const payment = await compose({ payer: payer.address, nonce: 0n });
    const signature = await sign(payment, payer);
    expect((await post(bodyOf(payment, signature))).body.code).to.equal("insufficient_balance");
    await (await ledger().transfer(payer.address, BigInt(payment.token), 0n)).wait();
    const sender = Ledger__factory.connect(stack.deployment.ledger, at(payers, 2).connect(stack.provider));
    await (await stack.deployer.sendTransaction({ to: at(payers, 2).address, value: 10n ** 17n })).wait();
    await (await sender.transfer(payer.address, BigInt(payment.token), payment.amount)).wait();
    const { id } = await client.submitPayment(payment, signature);
    expect((await client.decided(id)).state).to.be.oneOf(["settled", "final"]);
  });

  it("takes a payment that a stranger settled for settled", async () => {
    const payment = await compose();
    const signature = await sign(payment);
    const { id } = await client.submitPayment(payment, signature);
    const compact = toCompactSignature(signature);
    if (compact === undefined) throw new Error("no signature");
    const row = { ...payment, ...compact };
    const sent = await ledger().settle([{ payee: payment.payee, token: payment.token, rows: [row] }]);
    await sent.wait();
    const view = await client.decided(id);
    expect(view.state).to.be.oneOf(["settled", "final"]);
    expect(await ledger().queryFilter(ledger().filters.Settled(id))).to.have.length(1);
  });

  it("does not believe a rejection that a stranger made the Ledger log", async () => {
    const payment = await compose();
    const { id } = await client.submitPayment(payment, await sign(payment));
    const forged = toCompactSignature(await sign(payment, at(payers, 2)));
    if (forged === undefined) throw new Error("no signature");
    await (
      await ledger().settle([{ payee: payment.payee, token: payment.token, rows: [{ ...payment, ...forged }] }])
    ).wait();
    expect(await ledger().queryFilter(ledger().filters.Rejected(id))).to.have.length(1);
    expect((await client.decided(id)).state).to.be.oneOf(["settled", "final"]);
  });

  async function cancel(payment: Payment, overrides: Record<string, bigint> = {}) {
    const value = {
      owner: payment.payer,
      token: payment.token,
      nonce: payment.nonce,
      deadline: payment.deadline,
    };
    const signature = await at(payers, 0).signTypedData(typedDataDomain(domain()), CANCELLATION_TYPES, value);
    return ledger().cancelWithSignature(value.owner, value.token, value.nonce, value.deadline, signature, overrides);
  }

  it("refuses what was cancelled meanwhile, and settles the others", async () => {
    const [bad, good] = [await compose(), await compose()];
    const [badView, goodView] = [
      await client.submitPayment(bad, await sign(bad)),
      await client.submitPayment(good, await sign(good)),
    ];
    await (await cancel(bad)).wait();
    expect(await client.decided(badView.id)).to.include({ state: "rejected", code: "nonce_used" });
    expect((await client.decided(goodView.id)).state).to.be.oneOf(["settled", "final"]);
  });

  it("shows the code of a row that the chain itself rejects, and settles the others", async () => {
    await stack.provider.send("evm_setAutomine", [false]);
    await stack.provider.send("evm_setIntervalMining", [0]);
    try {
      const [bad, good] = [await compose(), await compose()];
      const views = [
        await client.submitPayment(bad, await sign(bad)),
        await client.submitPayment(good, await sign(good)),
      ];
      const ids = views.map(({ id }) => id);
      for (const id of ids) await until(id, "submitted");
      // Goes into the same block, before the settlement that was simulated without it.
      const tip = 500n * 10n ** 9n;
      // Its gas is given, as an estimate would run after the settlement that is pending.
      await cancel(bad, { maxPriorityFeePerGas: tip, maxFeePerGas: 2n * tip, gasLimit: 200_000n });
      await stack.provider.send("evm_mine", []);
      expect(await client.decided(at(ids, 0))).to.include({ state: "rejected", code: "nonce_used" });
      const settled = await client.decided(at(ids, 1));
      expect(settled.state).to.be.oneOf(["settled", "final"]);
      const logs = await ledger().queryFilter(ledger().filters.Rejected(at(ids, 0)));
      expect(logs.map((log) => log.transactionHash)).to.deep.equal([settled.transactionHash]);
    } finally {
      await stack.provider.send("evm_setAutomine", [true]);
      await stack.provider.send("evm_setIntervalMining", [1_000]);
    }
  });

  it("expires what could not be sent in time", async () => {
    await stack.provider.send("evm_setAutomine", [false]);
    await stack.provider.send("evm_setIntervalMining", [0]);
    try {
      const payment = await compose({ deadline: await deadlineIn(stack, 3n) });
      const { id } = await client.submitPayment(payment, await sign(payment));
      await stack.provider.send("evm_increaseTime", [10]);
      await stack.provider.send("evm_mine", []);
      const view = await client.decided(id);
      expect(view).to.include({ state: "expired", code: "expired" });
    } finally {
      await stack.provider.send("evm_setAutomine", [true]);
      await stack.provider.send("evm_setIntervalMining", [1_000]);
    }
  });

  it("settles again what a reorg undid, under the same transaction", async () => {
    await stack.provider.send("evm_mine", []);
    const snapshot = (await stack.provider.send("evm_snapshot", [])) as string;
    const payment = await compose();
    const { id } = await client.submitPayment(payment, await sign(payment));
    const first = await until(id, "settled").catch(() => client.payment(id));
    await stack.provider.send("evm_revert", [snapshot]);
    expect(await ledger().queryFilter(ledger().filters.Settled(id))).to.have.length(0);
    // Another history, longer than the first.
    for (let block = 0; block < 4; block += 1) await stack.provider.send("evm_mine", []);
    const end = Date.now() + 30_000;
    let logs = await ledger().queryFilter(ledger().filters.Settled(id));
    while (logs.length === 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      logs = await ledger().queryFilter(ledger().filters.Settled(id));
    }
    expect(logs).to.have.length(1);
    const view = await until(id, "final");
    expect(view.blockNumber).to.equal(String(at(logs, 0).blockNumber));
    expect(view.transactionHash).to.equal(first.transactionHash);
  });

  it("does not start on the database of another Ledger, nor on what is no Ledger, or no Escrow, Gateway or Exchange of it", async () => {
    const start = async (
      ledgerAddress: string,
      escrowAddress = "",
      gatewayAddress = "",
      exchangeAddress = "",
    ): Promise<string> => {
      try {
        const part = await startPart("relayer", "relayer/main.ts", [], {
          ...stack.environment,
          CORRIDOR_LEDGER: ledgerAddress,
          CORRIDOR_ESCROW: escrowAddress,
          CORRIDOR_GATEWAY: gatewayAddress,
          CORRIDOR_EXCHANGE: exchangeAddress,
          CORRIDOR_PORT: "0",
        });
        await part.stop();
        return "it started";
      } catch (error) {
        return String(error);
      }
    };
    const other = await new Ledger__factory(stack.deployer).deploy(stack.deployment.manager, stack.deployment.verifier);
    await other.waitForDeployment();
    expect(await start(await other.getAddress())).to.contain("deployment_mismatch");
    expect(await start(stack.deployment.dollar)).to.contain("ledger_missing");
    expect(await start(await other.getAddress(), stack.deployment.escrow)).to.contain("escrow_missing");
    expect(await start(stack.deployment.ledger, stack.deployment.dollar)).to.contain("escrow_missing");
    expect(await start(stack.deployment.ledger, "", stack.deployment.dollar)).to.contain("gateway_missing");
    expect(await start(await other.getAddress(), "", stack.deployment.gateway)).to.contain("gateway_missing");
    expect(await start(stack.deployment.ledger, "", "", stack.deployment.dollar)).to.contain("exchange_missing");
    expect(await start(await other.getAddress(), "", "", stack.deployment.exchange)).to.contain("exchange_missing");
  });

  it("is alive, ready and measured", async () => {
    expect((await fetch(`${stack.relayerUrl}/livez`)).status).to.equal(200);
    expect((await fetch(`${stack.relayerUrl}/readyz`)).status).to.equal(200);
    const metrics = await (await fetch(`${stack.relayerUrl}/metrics`)).text();
    const settled = /^corridor_payments_settled_total (\d+)$/m.exec(metrics)?.[1];
    expect(Number(settled)).to.be.greaterThan(3);
    expect(metrics).to.match(/^corridor_payments_refused_total\{code="nonce_conflict"\} 1$/m);
    expect(metrics).to.match(/^corridor_reorg_depth_blocks_count [1-9]/m);
    expect(metrics).to.match(/^corridor_settlement_seconds_count [1-9]/m);
    expect((await client.network()).operators).to.deep.equal([localKey(18).address, localKey(19).address]);
  });
});
