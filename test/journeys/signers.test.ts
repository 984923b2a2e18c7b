import { randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, keccak256, randomBytes, Signature, toUtf8Bytes, Wallet } from "ethers";

import { deadlineIn, fundPayers, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { startPart } from "../../scripts/local/process.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, type PaymentView, ProblemError } from "../../sdk/client.ts";
import { deviceNonce } from "../../sdk/device-nonce.ts";
import {
  erc3009Hold,
  erc3009Payment,
  gatewayPaymentId,
  permit2Hold,
  permit2Payment,
  signTypedData,
  type TypedData,
} from "../../sdk/gateway-typed-data.ts";
import {
  CAPTURE_TYPES,
  consentDigest,
  DISPUTE_TYPES,
  DOCUMENT_ACCESS_TYPES,
  holdId,
  signHoldPayment,
} from "../../sdk/hold-typed-data.ts";
import type { HoldPayment } from "../../sdk/hold.ts";
import type { Funding, Payment } from "../../sdk/payment.ts";
import { DEVICE_BINDING_TYPES, paymentId, signPayment, typedDataDomain, type Types } from "../../sdk/typed-data.ts";
import { Gateway__factory } from "../../typechain-types/factories/contracts/Gateway__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { HostileWallet__factory } from "../../typechain-types/factories/contracts/mocks/HostileWallet__factory.ts";
import { Permit2Double__factory } from "../../typechain-types/factories/contracts/mocks/Permit2Double__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { WalletMock__factory } from "../../typechain-types/factories/contracts/mocks/WalletMock__factory.ts";
import { auditStack } from "./audit-stack.ts";
import { startTestStack } from "./local-stack.ts";
import { unbalancedAccounts } from "./movement-sums.ts";
import { P256Key } from "./p256-key.ts";
import { Shop } from "./shop.ts";

const FUNDS = 1_000_000_000n;
const AMOUNT = 1_000_000n;
/** `HostileWallet.Mode`. */
const [ACCEPTS, BURNS_GAS] = [0, 2];

describe("payments by every kind of signer and funding", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let shop: Shop;
  let payer: Wallet;
  let nonce = 0n;

  before(async () => {
    ({ stack, stop } = await startTestStack({ CORRIDOR_BATCH_AGE_MS: "600" }));
    shop = await Shop.open(stack, FUNDS);
    const [funded] = await fundPayers(stack, 1, FUNDS);
    if (funded === undefined) throw new Error("no payer");
    payer = funded;
  });

  after(() => stop());

  const ledgerDomain = () => ({ chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger });
  const gatewayDomain = () => ({ chainId: LOCAL_CHAIN_ID, gateway: stack.deployment.gateway });
  const ledger = () => Ledger__factory.connect(stack.deployment.ledger, stack.deployer);
  const gateway = () => Gateway__factory.connect(stack.deployment.gateway, stack.deployer);
  const coin = () => TestToken__factory.connect(shop.token, stack.deployer);

  async function compose(changes: Partial<Payment> = {}): Promise<Payment> {
    nonce += 1n;
    return {
      payer: payer.address,
      payee: shop.merchant.address,
      token: shop.token,
      amount: AMOUNT,
      nonce,
      deadline: await deadlineIn(stack, 600n),
      memo: hexlify(randomBytes(32)),
      ...changes,
    };
  }

  /** Puts money into the Ledger for an owner who has none. */
  async function fund(owner: string): Promise<void> {
    await (await coin().mint(await stack.deployer.getAddress(), FUNDS)).wait();
    await (await coin().approve(stack.deployment.ledger, FUNDS)).wait();
    await (await ledger().deposit(shop.token, owner, FUNDS)).wait();
  }

  async function pay(
    payment: Payment | HoldPayment,
    signature: string,
    funding: Funding = "account",
  ): Promise<PaymentView> {
    const { id } = await shop.client.submitPayment(payment, signature, undefined, funding);
    return shop.client.decided(id);
  }

  /** Pays and expects the merchant to have it, once. */
  async function expectPaid(payment: Payment, signature: string, funding: Funding = "account"): Promise<PaymentView> {
    const before = await shop.balance(shop.merchant);
    const view = await pay(payment, signature, funding);
    expect(view, `${view.code}`).to.have.property("state").oneOf(["settled", "final"]);
    expect(view.funding).to.equal(funding);
    expect((await shop.balance(shop.merchant)) - before).to.equal(payment.amount);
    return view;
  }

  async function refusal(promise: Promise<unknown>): Promise<string> {
    try {
      await promise;
      return "accepted";
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { status, code, field = "" } = error.problem;
      return `${status} ${code} ${field}`.trim();
    }
  }

  describe("from an account in the Ledger", () => {
    it("pays by a P-256 key, whose address is its account", async () => {
      const key = new P256Key();
      await fund(key.address);
      const payment = await compose({ payer: key.address });
      await expectPaid(payment, key.sign(paymentId(ledgerDomain(), payment)));
      const other = await compose({ payer: key.address });
      const foreign = new P256Key().sign(paymentId(ledgerDomain(), other));
      expect(await refusal(pay(other, foreign))).to.equal("422 bad_signature signature");
    });

    it("pays by a passkey, and refuses one that another page asked for", async () => {
      const key = new P256Key();
      await fund(key.address);
      const payment = await compose({ payer: key.address });
      const digest = paymentId(ledgerDomain(), payment);
      const phished = key.signAsPasskey(digest, "https://shop.example.evil.example");
      expect(await refusal(pay(payment, phished))).to.equal("422 bad_signature signature");
      await expectPaid(payment, key.signAsPasskey(digest));
    });

    it("pays by a contract wallet, whose owner's signature is its own", async () => {
      const wallet = await new WalletMock__factory(stack.deployer).deploy(payer.address);
      const address = await wallet.getAddress();
      await fund(address);
      const payment = await compose({ payer: address });
      const byStranger = await signPayment(shop.carrier, ledgerDomain(), payment);
      expect(await refusal(pay(payment, byStranger))).to.equal("422 bad_signature signature");
      await expectPaid(payment, await signPayment(payer, ledgerDomain(), payment));
    });

    it("pays by the key of an account that delegated to code (EIP-7702)", async () => {
      const [owner] = await fundPayers(stack, 1, FUNDS);
      if (owner === undefined) throw new Error("no payer");
      // Code that would accept nothing of hers.
      const code = await new WalletMock__factory(stack.deployer).deploy(shop.carrier.address);
      const authorization = owner.authorizeSync({
        address: await code.getAddress(),
        chainId: LOCAL_CHAIN_ID,
        nonce: 0,
      });
      const sent = await stack.deployer.sendTransaction({
        type: 4,
        to: shop.carrier.address,
        authorizationList: [authorization],
        gasLimit: 200_000n,
      });
      await sent.wait();
      expect((await stack.provider.getCode(owner.address)).slice(0, 8)).to.equal("0xef0100");
      const payment = await compose({ payer: owner.address });
      await expectPaid(payment, await signPayment(owner, ledgerDomain(), payment));
    });

    it("settles many kinds in one transaction", async () => {
      const [raw, passkey] = [new P256Key(), new P256Key()];
      for (const { address } of [raw, passkey]) await fund(address);
      const plain = await compose();
      const [byKey, byPasskey] = [
        await compose({ payer: raw.address }),
        await compose({ payer: passkey.address, payee: shop.carrier.address }),
      ];
      const views = await Promise.all([
        pay(plain, await signPayment(payer, ledgerDomain(), plain)),
        pay(byKey, raw.sign(paymentId(ledgerDomain(), byKey))),
        pay(byPasskey, passkey.signAsPasskey(paymentId(ledgerDomain(), byPasskey))),
      ]);
      expect(new Set(views.map(({ transactionHash }) => transactionHash)).size).to.equal(1);
      for (const { state } of views) expect(state).to.be.oneOf(["settled", "final"]);
    });

    it("refuses a wallet that turned hostile, and settles the others", async () => {
      const wallet = await new HostileWallet__factory(stack.deployer).deploy(ACCEPTS);
      const address = await wallet.getAddress();
      await fund(address);
      const [hostile, good] = [await compose({ payer: address }), await compose()];
      const { id } = await shop.client.submitPayment(hostile, "0x1234");
      const decided = pay(good, await signPayment(payer, ledgerDomain(), good));
      await (await wallet.setMode(BURNS_GAS)).wait();
      expect((await decided).state).to.be.oneOf(["settled", "final"]);
      expect(await shop.client.decided(id)).to.include({ state: "rejected", code: "bad_signature" });
      const again = await compose({ payer: address });
      expect(await refusal(pay(again, "0x1234"))).to.equal("422 bad_signature signature");
    });
  });

  describe("by a device of the owner's", () => {
    const device = new P256Key();
    const INDEX = 3;
    const [perPayment, perDay] = [2_000_000n, 3_000_000n];

    /** The owner binds by her signature; anybody carries it. */
    async function bind(index: number, key: string, changes: { expiry?: bigint; payees?: string[] } = {}) {
      const deadline = await deadlineIn(stack, 600n);
      const terms = { key, expiry: deadline, perPayment, perDay, payees: [shop.merchant.address], ...changes };
      nonce += 1n;
      const message = { owner: payer.address, token: shop.token, index, ...terms, nonce, deadline };
      const signature = await payer.signTypedData(typedDataDomain(ledgerDomain()), DEVICE_BINDING_TYPES, message);
      const { owner, token } = message;
      await (await ledger().bindDeviceWithSignature(owner, token, index, terms, nonce, deadline, signature)).wait();
    }

    async function byDevice(sequence: bigint, changes: Partial<Payment> = {}, key = device, index = INDEX) {
      const payment = await compose({ nonce: deviceNonce(index, sequence), ...changes });
      return { payment, signature: key.sign(paymentId(ledgerDomain(), payment)) };
    }

    it("pays at once after it was bound, within its limits", async () => {
      const unbound = await byDevice(0n);
      expect(await refusal(pay(unbound.payment, unbound.signature))).to.equal("422 device_inactive payment.nonce");
      await bind(INDEX, device.address);
      const { payment, signature } = await byDevice(0n);
      await expectPaid(payment, signature);
      const replayed = await byDevice(0n, { amount: 1n });
      expect(await refusal(pay(replayed.payment, replayed.signature))).to.match(/^409 nonce_(used|conflict)/);
    });

    it("is refused above what it may pay at once, and to others than its payees", async () => {
      const cases: [Partial<Payment>, string][] = [
        [{ amount: perPayment + 1n }, "422 over_device_limit payment.amount"],
        [{ payee: shop.carrier.address }, "422 payee_not_allowed payment.payee"],
      ];
      for (const [changes, expected] of cases) {
        const { payment, signature } = await byDevice(1n, changes);
        expect(await refusal(pay(payment, signature))).to.equal(expected);
      }
      const byOwner = await compose({ nonce: deviceNonce(INDEX, 1n) });
      const signature = await signPayment(payer, ledgerDomain(), byOwner);
      expect(await refusal(pay(byOwner, signature))).to.equal("422 bad_signature signature");
    });

    it("reserves what it accepted against what the device may pay a day", async () => {
      // Of 3,000,000 a day it has paid 1,000,000.
      const attempts = await Promise.all(
        [1n, 2n, 3n].map(async (sequence) => {
          const { payment, signature } = await byDevice(sequence, { amount: AMOUNT });
          return refusal(pay(payment, signature));
        }),
      );
      expect(attempts.sort()).to.deep.equal(["422 over_device_limit payment.amount", "accepted", "accepted"]);
    });

    it("stops when it expires", async () => {
      const other = new P256Key();
      await bind(9, other.address, { expiry: 1_000_000_000n });
      const { payment, signature } = await byDevice(0n, {}, other, 9);
      expect(await refusal(pay(payment, signature))).to.equal("422 device_inactive payment.nonce");
    });
  });

  describe("out of the payer's tokens", () => {
    const tokenDomain = () => ({ name: "Test Dollar", version: "1", chainId: LOCAL_CHAIN_ID, address: shop.token });

    /** Somebody with tokens, no account and, but for Permit2's sake, no gas. */
    async function stranger(): Promise<Wallet> {
      const wallet = new Wallet(hexlify(randomBytes(32)));
      await (await coin().mint(wallet.address, FUNDS)).wait();
      await (await stack.deployer.sendTransaction({ to: wallet.address, value: 10n ** 17n })).wait();
      const own = TestToken__factory.connect(shop.token, wallet.connect(stack.provider));
      await (await own.approve(stack.deployment.permit2, FUNDS)).wait();
      return wallet;
    }

    const authorizationOf = (funding: Funding, payment: Payment): TypedData =>
      funding === "erc3009"
        ? erc3009Payment(gatewayDomain(), tokenDomain(), payment)
        : permit2Payment(gatewayDomain(), stack.deployment.permit2, payment);

    for (const funding of ["erc3009", "permit2"] as const) {
      it(`pays a merchant by ${funding}, once for the same authorization`, async () => {
        const wallet = await stranger();
        // Any 64 bits will do; they name no device.
        const payment = await compose({ payer: wallet.address, nonce: 2n ** 64n - 1n });
        const signature = await signTypedData(wallet, authorizationOf(funding, payment));
        const view = await expectPaid(payment, signature, funding);
        expect(view.id).to.equal(gatewayPaymentId(gatewayDomain(), funding, payment));
        expect(view.nonce).to.equal(String(2n ** 64n - 1n));
        const again = await Promise.all([1, 2, 3].map(() => pay(payment, signature, funding)));
        for (const { id } of again) expect(id).to.equal(view.id);
        expect(await gateway().queryFilter(gateway().filters.Settled(view.id))).to.have.length(1);
        expect(await coin().balanceOf(wallet.address)).to.equal(FUNDS - AMOUNT);
        expect((await shop.client.account(wallet.address, shop.token)).balance).to.equal("0");
      });

      it(`pays into a hold by ${funding}, and the merchant captures`, async () => {
        const wallet = await stranger();
        const terms = await shop.terms();
        const payment = await shop.compose(terms, { payer: wallet.address });
        const typed =
          funding === "erc3009"
            ? erc3009Hold(gatewayDomain(), ledgerDomain(), tokenDomain(), payment)
            : permit2Hold(gatewayDomain(), stack.deployment.permit2, payment);
        const view = await pay(payment, await signTypedData(wallet, typed), funding);
        expect(view).to.include({ status: "requires_capture", funding, id: holdId(ledgerDomain(), payment) });
        const before = await shop.balance(shop.merchant);
        await shop.done(shop.capture(view.id, payment.amount));
        expect((await shop.balance(shop.merchant)) - before).to.equal(payment.amount);
      });

      it(`refuses a used or foreign authorization by ${funding}, and money that is not there`, async () => {
        const wallet = await stranger();
        const payment = await compose({ payer: wallet.address });
        const signature = await signTypedData(wallet, authorizationOf(funding, payment));
        await cancelAuthorization(funding, wallet, payment);
        expect(await refusal(pay(payment, signature, funding))).to.equal("409 authorization_used payment.nonce");
        const other = await compose({ payer: wallet.address, nonce: 77n });
        const byStranger = await signTypedData(shop.carrier, authorizationOf(funding, other));
        expect(await refusal(pay(other, byStranger, funding))).to.equal("422 transfer_failed signature");
        const rich = await compose({ payer: wallet.address, nonce: 78n, amount: FUNDS + 1n });
        const overdrawn = await signTypedData(wallet, authorizationOf(funding, rich));
        expect(await refusal(pay(rich, overdrawn, funding))).to.equal("422 transfer_failed signature");
      });

      it(`refuses by its code what was cancelled after it was accepted by ${funding}, and settles the others`, async () => {
        const [fickle, steady] = [await stranger(), await stranger()];
        const [bad, good] = [await compose({ payer: fickle.address }), await compose({ payer: steady.address })];
        const signature = await signTypedData(fickle, authorizationOf(funding, bad));
        const { id } = await shop.client.submitPayment(bad, signature, undefined, funding);
        const settled = pay(good, await signTypedData(steady, authorizationOf(funding, good)), funding);
        await cancelAuthorization(funding, fickle, bad);
        expect(await shop.client.decided(id)).to.include({ state: "rejected", code: "authorization_used" });
        expect((await settled).state).to.be.oneOf(["settled", "final"]);
      });
    }

    it("takes a contract wallet's authorization", async () => {
      const wallet = await new WalletMock__factory(stack.deployer).deploy(payer.address);
      const address = await wallet.getAddress();
      await (await coin().mint(address, FUNDS)).wait();
      const payment = await compose({ payer: address });
      await expectPaid(payment, await signTypedData(payer, authorizationOf("erc3009", payment)), "erc3009");
    });

    it("does not mind a nonce that a payment from the same payer's account holds", async () => {
      await (await coin().mint(payer.address, AMOUNT)).wait();
      const [fromAccount, pulled] = [await compose(), await compose()];
      const same = { ...pulled, nonce: fromAccount.nonce };
      const signature = await signTypedData(payer, authorizationOf("erc3009", same));
      await shop.client.submitPayment(fromAccount, await signPayment(payer, ledgerDomain(), fromAccount));
      const { id: pulledId } = await shop.client.submitPayment(same, signature, undefined, "erc3009");
      // A stranger pulls at once, while the other one still waits.
      const { r, yParityAndS: vs } = Signature.from(signature);
      const batch = { payee: same.payee, token: same.token, rows: [{ ...same, r, vs }] };
      await (await gateway().pay(0, [batch], [])).wait();
      await shop.client.decided(pulledId);
      await shop.client.decided(paymentId(ledgerDomain(), fromAccount));
      for (const id of [paymentId(ledgerDomain(), fromAccount), gatewayPaymentId(gatewayDomain(), "erc3009", same)]) {
        expect((await shop.client.payment(id)).state).to.be.oneOf(["settled", "final"]);
      }
    });

    async function cancelAuthorization(funding: Funding, wallet: Wallet, payment: Payment): Promise<void> {
      const own = wallet.connect(stack.provider);
      if (funding === "permit2") {
        const permit2 = Permit2Double__factory.connect(stack.deployment.permit2, own);
        await (await permit2.invalidateUnorderedNonces(payment.nonce >> 8n, 1n << (payment.nonce & 255n))).wait();
        return;
      }
      const types: Types = {
        CancelAuthorization: [
          { name: "authorizer", type: "address" },
          { name: "nonce", type: "bytes32" },
        ],
      };
      const { name, version, chainId, address } = tokenDomain();
      const domain = { name, version, chainId, verifyingContract: address };
      const id = gatewayPaymentId(gatewayDomain(), "erc3009", payment);
      const signature = await own.signTypedData(domain, types, { authorizer: wallet.address, nonce: id });
      const { v, r, s } = Signature.from(signature);
      await (await coin().cancelAuthorization(wallet.address, id, v, r, s)).wait();
    }
  });

  describe("when things go otherwise", () => {
    const authorization = (payment: Payment): TypedData =>
      erc3009Payment(
        gatewayDomain(),
        { name: "Test Dollar", version: "1", chainId: LOCAL_CHAIN_ID, address: shop.token },
        payment,
      );

    /** A payment out of the tokens of somebody new, signed. */
    async function pulled(changes: Partial<Payment> = {}): Promise<{ payment: Payment; signature: string }> {
      const wallet = new Wallet(hexlify(randomBytes(32)));
      await (await coin().mint(wallet.address, FUNDS)).wait();
      const payment = await compose({ payer: wallet.address, ...changes });
      return { payment, signature: await signTypedData(wallet, authorization(payment)) };
    }

    async function submitted(id: string): Promise<void> {
      const end = Date.now() + 30_000;
      while ((await shop.client.payment(id)).state !== "submitted") {
        if (Date.now() > end) throw new Error(`${id} was not submitted`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    it("settles the others when a wallet changes its mind between simulation and block", async () => {
      const wallet = await new HostileWallet__factory(stack.deployer).deploy(ACCEPTS);
      const address = await wallet.getAddress();
      await fund(address);
      await stack.provider.send("evm_setAutomine", [false]);
      await stack.provider.send("evm_setIntervalMining", [0]);
      try {
        const [fickle, steady] = [await compose({ payer: address }), await compose()];
        // Handed over at once, so that one batch takes both.
        const signature = await signPayment(payer, ledgerDomain(), steady);
        const [{ id }, { id: steadyId }] = await Promise.all([
          shop.client.submitPayment(fickle, "0x1234"),
          shop.client.submitPayment(steady, signature),
        ]);
        await submitted(id);
        await submitted(steadyId);
        // Into the same block, before the settlement.
        const tip = 500n * 10n ** 9n;
        await wallet.setMode(BURNS_GAS, {
          maxPriorityFeePerGas: tip,
          maxFeePerGas: 2n * tip,
          gasLimit: 100_000n,
        });
        await stack.provider.send("evm_mine", []);
        const settled = await shop.client.decided(steadyId);
        expect(settled.state).to.be.oneOf(["settled", "final"]);
        expect(await shop.client.decided(id)).to.include({ state: "rejected", code: "bad_signature" });
        const logs = await ledger().queryFilter(ledger().filters.Rejected(id));
        expect(logs.map((log) => log.transactionHash)).to.deep.equal([settled.transactionHash]);
      } finally {
        await stack.provider.send("evm_setAutomine", [true]);
        await stack.provider.send("evm_setIntervalMining", [1_000]);
      }
    });

    it("takes a pulled payment that a stranger settled for settled", async () => {
      const { payment, signature } = await pulled();
      const { id } = await shop.client.submitPayment(payment, signature, undefined, "erc3009");
      const { r, yParityAndS: vs } = Signature.from(signature);
      const batch = { payee: payment.payee, token: payment.token, rows: [{ ...payment, r, vs }] };
      await (await gateway().pay(0, [batch], [])).wait();
      expect((await shop.client.decided(id)).state).to.be.oneOf(["settled", "final"]);
      expect(await gateway().queryFilter(gateway().filters.Settled(id))).to.have.length(1);
    });

    it("holds a pulled payment to the request that it pays", async () => {
      const request = await shop.client.createPaymentRequest(
        {
          ...{ merchant: shop.merchant.address, token: shop.token, amount: String(AMOUNT) },
          ...{ memo: hexlify(randomBytes(32)), expiresAt: String(await deadlineIn(stack, 600n)), capture: "automatic" },
        },
        randomUUID(),
      );
      const [short, exact] = [await pulled({ amount: 5n, memo: request.memo }), await pulled({ memo: request.memo })];
      const submit = ({ payment, signature }: typeof exact) =>
        shop.client.submitPayment(payment, signature, request.id, "erc3009");
      expect(await refusal(submit(short))).to.equal("422 request_mismatch payment.amount");
      const { id } = await submit(exact);
      await shop.client.decided(id);
      expect(await shop.client.paymentRequest(request.id)).to.include({ paymentId: id, status: "succeeded" });
    });

    it("pulls once what is handed to two relayers at once, one of which is killed", async () => {
      const second = await startPart("relayer", "relayer/main.ts", [], { ...stack.environment, CORRIDOR_PORT: "0" });
      try {
        const clients = [shop.client, new CorridorClient(second.url)];
        const payments = await Promise.all(Array.from({ length: 6 }, () => pulled()));
        const views = await Promise.all(
          payments.flatMap(({ payment, signature }) =>
            clients.map((client) => client.submitPayment(payment, signature, undefined, "erc3009")),
          ),
        );
        const ids = [...new Set(views.map(({ id }) => id))];
        expect(ids).to.have.length(6);
        second.child.kill("SIGKILL");
        await second.exited;
        for (const id of ids) {
          expect((await shop.client.decided(id)).state).to.be.oneOf(["settled", "final"]);
          expect(await gateway().queryFilter(gateway().filters.Settled(id))).to.have.length(1);
        }
      } finally {
        await second.stop();
      }
    });
  });

  describe("acts on a hold", () => {
    it("takes a passkey's consents as payee, a wallet's as payer, and lets the passkey read the evidence", async () => {
      const payee = new P256Key();
      const wallet = await new WalletMock__factory(stack.deployer).deploy(payer.address);
      const address = await wallet.getAddress();
      await fund(address);
      const terms = await shop.terms({ payee: payee.address });
      const payment = await shop.compose(terms, { payer: address });
      const id = holdId(ledgerDomain(), payment);
      const view = await pay(payment, await signHoldPayment(payer, ledgerDomain(), payment));
      expect(view, `${view.code}`).to.include({ id, status: "requires_capture" });

      const deadline = await deadlineIn(stack, 600n);
      const capture = consentDigest(shop.escrow, CAPTURE_TYPES, { id, amount: 10n, captured: 0n, deadline });
      const forged = new P256Key().signAsPasskey(capture);
      const body = (signature: string) => ({
        amount: "10",
        captured: "0",
        consent: { deadline: String(deadline), signature },
      });
      expect(await refusal(shop.client.act(id, "capture", body(forged), randomUUID()))).to.equal(
        "422 bad_signature consent.signature",
      );
      await shop.done(shop.client.act(id, "capture", body(payee.signAsPasskey(capture)), randomUUID()));
      expect(await shop.balance(payee)).to.equal(10n);

      const evidence = keccak256(toUtf8Bytes("a broken cup"));
      const dispute = consentDigest(shop.escrow, DISPUTE_TYPES, { id, evidence, captured: 10n, deadline });
      const signature = payer.signingKey.sign(dispute).serialized;
      const consent = { deadline: String(deadline), signature };
      await shop.done(shop.client.act(id, "dispute", { actor: address, evidence, consent }, randomUUID()));
      expect((await shop.client.payment(id)).status).to.equal("disputed");

      expect(await shop.client.uploadDocument(id, new Blob(["a broken cup"]))).to.equal(evidence);
      const access = { id, document: evidence, reader: payee.address, deadline };
      const read = consentDigest(shop.escrow, DOCUMENT_ACCESS_TYPES, access);
      const document = await shop.client.readDocument(id, evidence, {
        reader: payee.address,
        deadline: String(deadline),
        signature: payee.signAsPasskey(read),
      });
      expect(await document.text()).to.equal("a broken cup");
    });
  });

  it("leaves each account with what its recorded movements come to", async () => {
    expect(await unbalancedAccounts(stack)).to.deep.equal([]);
  });

  it("tells a client what it needs to know before it signs", async () => {
    const { gateway: at, permit2, verifier } = stack.deployment;
    expect(await shop.client.network()).to.include({ gateway: at, permit2, signatureVerifier: verifier });
  });

  // After the nested ones, as a suite's own tests come first.
  describe("at the end", () => {
    it("passes an audit, and so does the relayer's database", async () => {
      const { exceptions, counts, counters } = await auditStack(stack);
      expect(exceptions).to.deep.equal([]);
      expect(counts).to.deep.equal({});
      expect(counters.signatures).to.equal(counters.payments + counters.pulledPayments);
      expect(counters.databaseRows).to.be.greaterThan(0);
    });
  });
});
