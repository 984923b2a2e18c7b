import type { SettleResponse } from "@x402/core/types";
import { decodePaymentResponseHeader } from "@x402/fetch";
import {
  appendPaymentIdentifierToExtensions,
  declarePaymentIdentifierExtension,
} from "@x402/extensions/payment-identifier";
import { expect } from "chai";

import { deadlineIn } from "../../scripts/local/market.ts";
import { type Part, startPart } from "../../scripts/local/process.ts";
import { type LocalStack, localKey } from "../../scripts/local/stack.ts";
import { IX402Settler__factory } from "../../typechain-types/factories/contracts/interfaces/IX402Settler__factory.ts";
import { IX402ExactPermit2Proxy__factory } from "../../typechain-types/factories/contracts/interfaces/IX402ExactPermit2Proxy__factory.ts";
import { Permit2Double__factory } from "../../typechain-types/factories/contracts/mocks/Permit2Double__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { WalletMock__factory } from "../../typechain-types/factories/contracts/mocks/WalletMock__factory.ts";
import { startTestStack } from "./local-stack.ts";
import { type Method, METHODS, NETWORK, newAddress, X402Shop } from "./x402-shop.ts";

const PRICE = 10_000n;
const CROWD = 64;
const PROXY = "0x402085c248EeA27D92E8b30b2C58ed07f9E20001";

const USED = { eip3009: "invalid_exact_evm_nonce_already_used", permit2: "permit2_invalid_nonce" };
const SHORT = { eip3009: "invalid_exact_evm_insufficient_balance", permit2: "permit2_insufficient_balance" };
const AMOUNT = {
  eip3009: "invalid_exact_evm_payload_authorization_value_mismatch",
  permit2: "permit2_amount_mismatch",
};
const PAYEE = { eip3009: "invalid_exact_evm_recipient_mismatch", permit2: "invalid_permit2_recipient_mismatch" };
const LATE = { eip3009: "invalid_exact_evm_payload_authorization_valid_before", permit2: "permit2_deadline_expired" };
const FORGED = { eip3009: "invalid_exact_evm_signature", permit2: "invalid_permit2_signature" };

describe("x402", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let shop: X402Shop;
  /** Sells by another instance of the relayer, which does not wait long. */
  let hasty: X402Shop;
  let hastyRelayer: Part;

  before(async () => {
    ({ stack, stop } = await startTestStack({ CORRIDOR_X402_WAIT_MS: "60000" }));
    hastyRelayer = await startPart("relayer", "relayer/main.ts", [], {
      ...{ ...stack.environment, CORRIDOR_PORT: "0", CORRIDOR_X402_WAIT_MS: "2000" },
      CORRIDOR_LANE_KEYS: localKey(15).privateKey,
    });
    shop = await X402Shop.open(stack, PRICE);
    hasty = await X402Shop.open(stack, PRICE, hastyRelayer.url);
  });

  after(async () => {
    await hasty.close();
    await shop.close();
    await hastyRelayer.stop();
    await stop();
  });

  const settler = () => IX402Settler__factory.connect(stack.deployment.x402, stack.provider);

  /** A payload, what it must pay, and to whom; nobody else is paid there. */
  async function order(method: Method, funds?: bigint) {
    const payer = await shop.payer(funds);
    const payee = newAddress();
    const requirements = shop.requirements(method, payee);
    return { payer, payee, requirements, payload: await shop.payload(payer, requirements) };
  }

  /** A stranger takes a payload to where it is good, past the relayer. */
  async function frontRun(payload: Record<string, unknown>, method: Method, tip?: bigint): Promise<string> {
    const fees = tip === undefined ? {} : { maxPriorityFeePerGas: tip, maxFeePerGas: tip * 2n, gasLimit: 300_000n };
    const signature = String(payload.signature);
    if (method === "eip3009") {
      const token = TestToken__factory.connect(shop.token, stack.deployer);
      const { from, to, value, validAfter, validBefore, nonce } = payload.authorization as Record<string, string>;
      const [r, s, v] = [signature.slice(0, 66), `0x${signature.slice(66, 130)}`, Number(`0x${signature.slice(130)}`)];
      const args = [from, to, value, validAfter, validBefore, nonce] as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      return (await token.transferWithAuthorization(...args, v, r, s, fees)).hash;
    }
    const { permitted, from, nonce, deadline, witness } = payload.permit2Authorization as {
      permitted: { token: string; amount: string };
      from: string;
      nonce: string;
      deadline: string;
      witness: { to: string; validAfter: string };
    };
    const proxy = IX402ExactPermit2Proxy__factory.connect(PROXY, stack.deployer);
    return (await proxy.settle({ permitted, nonce, deadline }, from, witness, signature, fees)).hash;
  }

  /** Nothing is mined until the returned function is called. */
  async function holdBlocks(): Promise<() => Promise<void>> {
    await stack.provider.send("evm_setAutomine", [false]);
    await stack.provider.send("evm_setIntervalMining", [0]);
    return async () => {
      await stack.provider.send("evm_setAutomine", [true]);
      await stack.provider.send("evm_setIntervalMining", [1_000]);
      await stack.provider.send("evm_mine", []);
    };
  }

  /** Once something waits to be mined. */
  async function untilSent(count = 1): Promise<void> {
    for (const end = Date.now() + 20_000; ;) {
      const pending = (await stack.provider.send("eth_getBlockByNumber", ["pending", false])) as {
        transactions: string[];
      };
      if (pending.transactions.length >= count) return;
      if (Date.now() > end) throw new Error("Nothing was sent");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** How often the chain says that the payee was paid. */
  async function timesPaid(payee: string): Promise<number> {
    const token = TestToken__factory.connect(shop.token, stack.provider);
    return (await token.queryFilter(token.filters.Transfer(undefined, payee))).length;
  }

  it("says what it supports", async () => {
    const supported = await shop.facilitator.getSupported();
    expect(supported.kinds).to.deep.equal([{ x402Version: 2, scheme: "exact", network: NETWORK }]);
    expect(supported.extensions).to.deep.equal(["payment-identifier"]);
    const { operators } = (await (await fetch(`${stack.relayerUrl}/v1/network`)).json()) as { operators: string[] };
    expect(supported.signers).to.deep.equal({ "eip155:*": operators });
  });

  it(`sells to ${CROWD} customers by ERC-3009 and ${CROWD} by Permit2 at once, each paying once, many in one transaction`, async () => {
    const payers = await shop.payers(CROWD, PRICE * 2n);
    const responses = await Promise.all(
      METHODS.flatMap((method) =>
        payers.map(async (payer) => ({ method, payer, response: await shop.buy(payer, method) })),
      ),
    );
    const transactions = new Set<string>();
    for (const { method, payer, response } of responses) {
      const header = response.headers.get("PAYMENT-RESPONSE") ?? "";
      const refused = response.headers.get("PAYMENT-REQUIRED") ?? "";
      expect(response.status, `${atob(header)} ${atob(refused)}`).to.equal(200);
      expect(await response.json()).to.deep.equal({ goods: method });
      const paid = decodePaymentResponseHeader(header);
      expect(paid).to.include({ success: true, network: NETWORK, payer: payer.address, amount: PRICE.toString() });
      transactions.add(paid.transaction);
    }
    expect(shop.served).to.equal(2 * CROWD);
    for (const payer of payers) expect(await shop.balanceOf(payer.address)).to.equal(0n);
    for (const method of METHODS) {
      expect(await shop.balanceOf(shop.payees[method])).to.equal(PRICE * BigInt(CROWD));
      expect(await timesPaid(shop.payees[method])).to.equal(CROWD);
    }
    const settled = await settler().queryFilter(settler().filters.Settled());
    expect(new Set(settled.map(({ args }) => args.id)).size).to.equal(2 * CROWD);
    expect(new Set(settled.map(({ transactionHash }) => transactionHash))).to.deep.equal(transactions);
    // How many wait for a block depends on how fast it comes: more than four a transaction on average do anywhere.
    expect(transactions.size).to.be.lessThan(CROWD / 2);
  });

  for (const method of METHODS) {
    describe(`by ${method}`, () => {
      it("gives those who settle the same at once the same record, and later ones too, but verifies it no more", async () => {
        const { payer, payee, requirements, payload } = await order(method);
        expect(await shop.facilitator.verify(payload, requirements)).to.include({
          isValid: true,
          payer: payer.address,
        });
        const answers = await Promise.all(
          Array.from({ length: 8 }, () => shop.facilitator.settle(payload, requirements)),
        );
        for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
        expect(answers[0]).to.include({ success: true, network: NETWORK, payer: payer.address, amount: String(PRICE) });
        expect(await shop.facilitator.settle(payload, requirements)).to.deep.equal(answers[0]);
        expect(await shop.facilitator.verify(payload, requirements)).to.include({
          ...{ isValid: false, invalidReason: USED[method], payer: payer.address },
        });
        expect(await timesPaid(payee)).to.equal(1);
        // What it paid once, it does not pay elsewhere.
        const elsewhere = shop.requirements(method, newAddress());
        expect(await shop.facilitator.settle(payload, elsewhere)).to.include({
          success: false,
          errorReason: PAYEE[method],
        });
        const dearer = { ...requirements, amount: String(PRICE + 1n) };
        expect(await shop.facilitator.settle(payload, dearer)).to.include({
          success: false,
          errorReason: AMOUNT[method],
        });
      });

      it("serves nothing for a payload that was used before", async () => {
        const payer = await shop.payer();
        const requirements = shop.requirements(method, shop.payees[method]);
        const offer = await fetch(`${shop.url}/${method}`);
        expect(offer.status).to.equal(402);
        const { accepts } = JSON.parse(atob(offer.headers.get("PAYMENT-REQUIRED") ?? "")) as { accepts: unknown[] };
        expect(accepts).to.have.length(1);
        const payload = await shop.payload(payer, { ...requirements, ...(accepts[0] as object) });
        const headers = { "PAYMENT-SIGNATURE": btoa(JSON.stringify(payload)) };
        expect((await fetch(`${shop.url}/${method}`, { headers })).status).to.equal(200);
        const served = shop.served;
        expect((await fetch(`${shop.url}/${method}`, { headers })).status).to.equal(402);
        expect(shop.served).to.equal(served);
      });

      it("refuses what does not pay, and stores nothing of it", async () => {
        const { payer, payee, requirements, payload } = await order(method, PRICE);
        const inner = (changes: object) => ({ ...payload, payload: { ...payload.payload, ...changes } });
        const ask = async (asked: typeof payload, required: typeof requirements) => {
          const { invalidReason } = await shop.facilitator.verify(asked, required);
          const { success, errorReason, transaction } = await shop.facilitator.settle(asked, required);
          expect({ success, errorReason, transaction }).to.deep.equal({
            ...{ success: false, errorReason: invalidReason, transaction: "" },
          });
          return invalidReason;
        };
        const flipped = `${String(payload.payload.signature).slice(0, 20)}${"0".repeat(12)}${String(payload.payload.signature).slice(32)}`;
        expect(await ask(inner({ signature: flipped }), requirements)).to.equal(FORGED[method]);
        expect(await ask(payload, { ...requirements, amount: "9999" })).to.equal(AMOUNT[method]);
        expect(await ask(payload, { ...requirements, payTo: payer.address })).to.equal(PAYEE[method]);
        expect(await ask(payload, { ...requirements, network: "eip155:1" })).to.equal("invalid_network");
        expect(await ask(payload, { ...requirements, scheme: "upto" })).to.equal("unsupported_scheme");
        expect(await ask(payload, { ...requirements, asset: payer.address })).to.equal("invalid_payment_requirements");
        expect(await ask(inner({ signature: "0x" }), requirements)).to.equal("invalid_payload");
        const short = { ...requirements, maxTimeoutSeconds: 2 };
        expect(await ask(await shop.payload(payer, short), short)).to.equal(LATE[method]);
        const dear = { ...requirements, amount: String(PRICE + 1n) };
        expect(await ask(await shop.payload(payer, dear), dear)).to.equal(SHORT[method]);
        expect(await shop.facilitator.settle(payload, requirements)).to.include({ success: true });
        expect(await timesPaid(payee)).to.equal(1);
      });

      it("finds a stranger's transaction that paid after it was verified", async () => {
        const { payee, requirements, payload } = await order(method);
        expect((await shop.facilitator.verify(payload, requirements)).isValid).to.equal(true);
        const hash = await frontRun(payload.payload, method);
        await stack.provider.waitForTransaction(hash);
        const answer = await shop.facilitator.settle(payload, requirements);
        expect(answer).to.include({ success: true, transaction: hash });
        expect(await shop.facilitator.settle(payload, requirements)).to.deep.equal(answer);
        expect(await timesPaid(payee)).to.equal(1);
      });

      it("does not take for this payment what was paid before it was verified", async () => {
        const { requirements, payload } = await order(method);
        await stack.provider.waitForTransaction(await frontRun(payload.payload, method));
        expect(await shop.facilitator.settle(payload, requirements)).to.include({
          ...{ success: false, errorReason: USED[method] },
        });
      });

      it("finds a stranger's transaction that was mined before its own, and settles the others", async () => {
        const [first, second] = [await order(method), await order(method)];
        const release = await holdBlocks();
        let answers: Promise<SettleResponse[]>;
        let hash: string;
        try {
          answers = Promise.all([first, second].map((of) => shop.facilitator.settle(of.payload, of.requirements)));
          await untilSent();
          hash = await frontRun(first.payload.payload, method, 10n ** 11n);
          await untilSent(2);
        } finally {
          await release();
        }
        const [taken, own] = await answers;
        expect(taken).to.include({ success: true, transaction: hash });
        expect(own).to.include({ success: true });
        expect(own?.transaction).not.to.equal(hash);
        for (const { payee } of [first, second]) expect(await timesPaid(payee)).to.equal(1);
      });

      it("says that a payment is pending, with its hash, and then that it is settled by it", async () => {
        const { payee, requirements, payload } = await order(method);
        const release = await holdBlocks();
        let pending: SettleResponse;
        try {
          pending = await hasty.facilitator.settle(payload, requirements);
          expect(pending).to.include({ success: false, errorReason: "settlement_pending" });
          expect(pending.transaction).to.match(/^0x[0-9a-f]{64}$/);
          expect((await hasty.facilitator.settle(payload, requirements)).transaction).to.equal(pending.transaction);
        } finally {
          await release();
        }
        const settled = await hasty.facilitator.settle(payload, requirements);
        expect(settled).to.include({ success: true, transaction: pending.transaction });
        expect(await timesPaid(payee)).to.equal(1);
      });

      it("says that a payment has expired only once the chain does", async () => {
        const { payer, payee, requirements } = await order(method);
        // Clients go by the wall's clock; the chain's may be ahead of it.
        const ahead = Number(await deadlineIn(stack, 0n)) - Math.floor(Date.now() / 1_000);
        const brief = { ...requirements, maxTimeoutSeconds: ahead + 20 };
        const payload = await shop.payload(payer, brief);
        const release = await holdBlocks();
        try {
          const pending = await hasty.facilitator.settle(payload, brief);
          expect(pending).to.include({ success: false, errorReason: "settlement_pending" });
          await stack.provider.send("evm_increaseTime", [30]);
        } finally {
          await release();
        }
        const expired = { success: false, errorReason: LATE[method], transaction: "" };
        expect(await hasty.facilitator.settle(payload, brief)).to.include(expired);
        expect(await hasty.facilitator.verify(payload, brief)).to.include({
          ...{ isValid: false, invalidReason: LATE[method] },
        });
        expect(await timesPaid(payee)).to.equal(0);
      });

      it("serves a customer whose payment was pending once it is settled, by x402's own middleware", async () => {
        const payer = await shop.payer(PRICE);
        const release = await holdBlocks();
        const buying = hasty.buy(payer, method);
        try {
          await untilSent();
          await new Promise((resolve) => setTimeout(resolve, 2_500));
        } finally {
          await release();
        }
        expect((await buying).status).to.equal(200);
        expect(await shop.balanceOf(payer.address)).to.equal(0n);
      });

      it("settles once what a reorg takes back", async () => {
        const { payee, requirements, payload } = await order(method);
        const snapshot: unknown = await stack.provider.send("evm_snapshot", []);
        const first = await shop.facilitator.settle(payload, requirements);
        expect(first).to.include({ success: true });
        await stack.provider.send("evm_revert", [snapshot]);
        expect(await timesPaid(payee)).to.equal(0);
        for (const end = Date.now() + 20_000; (await timesPaid(payee)) === 0 && Date.now() < end;) {
          await stack.provider.send("evm_mine", []);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        expect(await shop.facilitator.settle(payload, requirements)).to.include({ success: true });
        expect(await timesPaid(payee)).to.equal(1);
      });

      it("keeps what it took when it dies", async () => {
        const { payee, requirements, payload } = await order(method);
        const release = await holdBlocks();
        try {
          const lost = shop.facilitator.settle(payload, requirements).catch(() => undefined);
          await untilSent();
          stack.relayer().child.kill("SIGKILL");
          await lost;
          await stack.restartRelayer();
        } finally {
          await release();
        }
        expect(await shop.facilitator.settle(payload, requirements)).to.include({ success: true });
        expect(await timesPaid(payee)).to.equal(1);
      });

      it("honours payment identifiers", async () => {
        const { payer, payee, requirements } = await order(method);
        const identified = (id: string) =>
          shop.payload(
            payer,
            requirements,
            appendPaymentIdentifierToExtensions({ "payment-identifier": declarePaymentIdentifierExtension(true) }, id),
          );
        const [one, other] = [await identified("pay_0123456789abcdef"), await identified("pay_0123456789abcdef")];
        expect(one.extensions).to.have.property("payment-identifier");
        // A machine that is busy may need longer than a request waits: then the same question is asked again.
        const settled = async (of: typeof one) => {
          for (const end = Date.now() + 60_000; ;) {
            const answer = await shop.facilitator.settle(of, requirements);
            if (answer.errorReason !== "settlement_pending" || Date.now() > end) return answer;
          }
        };
        const [first, again] = await Promise.all([one, one].map(settled));
        expect(first).to.include({ success: true });
        expect(again).to.deep.equal(first);
        for (const path of ["verify", "settle"]) {
          const response = await post(path, other, requirements);
          expect(response.status).to.equal(409);
          expect(await response.json()).to.include({
            ...{ code: "payment_identifier_reused", [path === "verify" ? "isValid" : "success"]: false },
          });
        }
        // It is another payee's to use again.
        const elsewhere = shop.requirements(method, newAddress());
        const there = await shop.payload(payer, elsewhere, one.extensions);
        expect(await shop.facilitator.settle(there, elsewhere)).to.include({ success: true });
        expect(await timesPaid(payee)).to.equal(1);
      });
    });
  }

  it("asks a Permit2 payer without an allowance for one", async () => {
    const { payer, requirements, payload } = await order("permit2");
    const token = TestToken__factory.connect(shop.token, payer);
    await (await token.approve(stack.deployment.permit2, PRICE - 1n)).wait();
    expect(await shop.facilitator.verify(payload, requirements)).to.include({
      ...{ isValid: false, invalidReason: "permit2_allowance_required" },
    });
  });

  it("takes a contract wallet's payment by its owner's signature", async () => {
    const owner = await shop.payer();
    const wallet = await new WalletMock__factory(owner).deploy(owner.address);
    const address = await wallet.getAddress();
    const token = TestToken__factory.connect(shop.token, stack.deployer);
    await (await token.mint(address, PRICE)).wait();
    const approval = token.interface.encodeFunctionData("approve", [stack.deployment.permit2, PRICE]);
    await (await wallet.execute(shop.token, approval)).wait();
    const payee = newAddress();
    const requirements = shop.requirements("permit2", payee);
    const payload = await shop.payload(owner, requirements);
    const { permit2Authorization } = payload.payload as { permit2Authorization: object };
    const byWallet = {
      ...payload,
      payload: { ...payload.payload, permit2Authorization: { ...permit2Authorization, from: address } },
    };
    expect(await shop.facilitator.verify(byWallet, requirements)).to.include({ isValid: true, payer: address });
    expect(await shop.facilitator.settle(byWallet, requirements)).to.include({ success: true, payer: address });
    expect(await shop.balanceOf(payee)).to.equal(PRICE);
  });

  it("pays one payment by one transfer", async () => {
    // The same payer, payee and amount twice; a stranger settles one of them, and the other one's nonce is cancelled.
    const { payer, payee, requirements, payload } = await order("permit2");
    const other = await shop.payload(payer, requirements);
    for (const of of [payload, other]) expect((await shop.facilitator.verify(of, requirements)).isValid).to.equal(true);
    const { nonce } = (other.payload as { permit2Authorization: { nonce: string } }).permit2Authorization;
    const permit2 = Permit2Double__factory.connect(stack.deployment.permit2, payer);
    await (await permit2.invalidateUnorderedNonces(BigInt(nonce) >> 8n, 1n << (BigInt(nonce) & 255n))).wait();
    await stack.provider.waitForTransaction(await frontRun(payload.payload, "permit2"));
    const [paid, unpaid] = await Promise.all([payload, other].map((of) => shop.facilitator.settle(of, requirements)));
    expect(paid).to.include({ success: true });
    expect(unpaid).to.include({ success: false });
    let last = unpaid;
    for (const end = Date.now() + 20_000; last?.errorReason === "settlement_pending" && Date.now() < end;) {
      last = await shop.facilitator.settle(other, requirements);
    }
    expect(last).to.include({ success: false, errorReason: USED.permit2, transaction: "" });
    expect(await timesPaid(payee)).to.equal(1);
  });

  it("does not start on what is no settler", async () => {
    const environment = { ...stack.environment, CORRIDOR_PORT: "0", CORRIDOR_X402: stack.deployment.ledger };
    const started = startPart("relayer", "relayer/main.ts", [], environment).then(
      () => "started",
      (error: unknown) => String(error),
    );
    expect(await started).to.contain("x402_missing");
  });

  it("is no facilitator without a settler", async () => {
    const relayer = await startPart("relayer", "relayer/main.ts", [], {
      ...{ ...stack.environment, CORRIDOR_PORT: "0", CORRIDOR_X402: "", CORRIDOR_LANE_KEYS: localKey(16).privateKey },
    });
    expect((await fetch(`${relayer.url}/x402/supported`)).status).to.equal(404);
    await relayer.stop();
  });

  const post = (path: string, paymentPayload: unknown, paymentRequirements: unknown, x402Version: unknown = 2) =>
    fetch(`${stack.relayerUrl}/x402/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ x402Version, paymentPayload, paymentRequirements }),
    });

  it("names the field that is wrong in a malformed body", async () => {
    const { requirements, payload } = await order("eip3009");
    const cases: [string, unknown, unknown][] = [
      ["paymentPayload", undefined, requirements],
      ["paymentPayload.accepted", { ...payload, accepted: 1 }, requirements],
      ["paymentPayload.payload", { ...payload, payload: "0x" }, requirements],
      ["paymentRequirements", payload, null],
      ["paymentRequirements.amount", payload, { ...requirements, amount: 5 }],
      ["paymentRequirements.amount", payload, { ...requirements, amount: "0" }],
      ["paymentRequirements.payTo", payload, { ...requirements, payTo: "merchant" }],
      ["paymentRequirements.maxTimeoutSeconds", payload, { ...requirements, maxTimeoutSeconds: "60" }],
      [
        "paymentPayload.extensions.payment-identifier.info.id",
        { ...payload, extensions: { "payment-identifier": { info: { required: true } } } },
        requirements,
      ],
      [
        "paymentPayload.extensions.payment-identifier.info.id",
        { ...payload, extensions: { "payment-identifier": { info: { id: "too short" } } } },
        requirements,
      ],
    ];
    for (const path of ["verify", "settle"]) {
      for (const [field, asked, required] of cases) {
        const response = await post(path, asked, required);
        expect(response.status, field).to.equal(400);
        expect(response.headers.get("content-type")).to.contain("application/problem+json");
        expect(await response.json()).to.have.property("field", field);
      }
      expect((await post(path, payload, requirements, "2")).status).to.equal(400);
      const other = (await (await post(path, payload, requirements, 1)).json()) as Record<string, unknown>;
      expect(other[path === "verify" ? "invalidReason" : "errorReason"]).to.equal("invalid_x402_version");
    }
  });
});
