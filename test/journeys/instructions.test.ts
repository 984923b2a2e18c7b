import { expect } from "chai";
import { hexlify, randomBytes, Signature, Transaction, Wallet, ZeroAddress } from "ethers";
import pg from "pg";

import { readBooks } from "../../scripts/local/books.ts";
import { deadlineIn } from "../../scripts/local/market.ts";
import { type LocalStack, localKey } from "../../scripts/local/stack.ts";
import { type InstructionView, type PaymentView, ProblemError } from "../../sdk/client.ts";
import { deviceNonce } from "../../sdk/device-nonce.ts";
import { signTypedData } from "../../sdk/gateway-typed-data.ts";
import { instructionId } from "../../sdk/instructions.ts";
import type { Payment } from "../../sdk/payment.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { WalletMock__factory } from "../../typechain-types/factories/contracts/mocks/WalletMock__factory.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { AccountOwner, outcomeOf } from "./account-owner.ts";
import { auditStack } from "./audit-stack.ts";
import { startTestStack } from "./local-stack.ts";
import { unbalancedAccounts } from "./movement-sums.ts";
import { Shop } from "./shop.ts";

const FUNDS = 10n ** 9n;
/** What the local stack takes for a withdrawal. */
const FEE = 10_000n;

describe("instructions through HTTP, PostgreSQL and a chain", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let owner: AccountOwner;

  before(async () => {
    ({ stack, stop } = await startTestStack({ CORRIDOR_BATCH_AGE_MS: "300" }));
    owner = await AccountOwner.open(stack, FUNDS);
  });

  after(() => stop());

  const ledger = () => Ledger__factory.connect(stack.deployment.ledger, stack.deployer);
  const stranger = () => hexlify(randomBytes(20));

  async function operators(): Promise<bigint> {
    const balances = await Promise.all([18, 19].map((index) => owner.balance(localKey(index).address)));
    return balances.reduce((sum, balance) => sum + balance, 0n);
  }

  async function pay(by: AccountOwner, changes: Partial<Payment> = {}, signer = by.wallet): Promise<PaymentView> {
    const { token, deadline, nonce } = await by.common();
    const payment: Payment = {
      payer: by.address,
      payee: localKey(1).address,
      token,
      amount: 1_000n,
      nonce,
      deadline,
      memo: hexlify(randomBytes(32)),
      ...changes,
    };
    return by.client.submitPayment(payment, await signPayment(signer, by.domain, payment));
  }

  /** Runs `work` while blocks are mined by `evm_mine` only. */
  async function whileChainStands<T>(work: () => Promise<T>): Promise<T> {
    await stack.provider.send("evm_setAutomine", [false]);
    await stack.provider.send("evm_setIntervalMining", [0]);
    try {
      return await work();
    } finally {
      await stack.provider.send("evm_setAutomine", [true]);
      await stack.provider.send("evm_setIntervalMining", [1_000]);
      await stack.provider.send("evm_mine", []);
    }
  }

  describe("a withdrawal", () => {
    it("pays out to a third address without gas, and the fee to the operator", async () => {
      const to = stranger();
      const [before, fees] = [await owner.balance(), await operators()];
      const message = await owner.withdrawal({ to, amount: 5_000_000n });
      const view = await owner.submit("withdrawal", message);
      expect(view).to.deep.include({ id: instructionId(owner.domain, "withdrawal", message), kind: "withdrawal" });
      expect(view).to.deep.include({ owner: owner.address, fee: FEE.toString(), code: null });
      await owner.done(Promise.resolve(view));
      expect(await owner.tokensOf(to)).to.equal(5_000_000n - FEE);
      expect(await owner.balance()).to.equal(before - 5_000_000n);
      expect((await operators()) - fees).to.equal(FEE);
      expect(await ledger().queryFilter(ledger().filters.Withdrawn(view.id))).to.have.length(1);
    });

    it("is the same one however often it is handed in", async () => {
      const message = await owner.withdrawal();
      const signature = await owner.sign("withdrawal", message);
      const views = await Promise.all(
        Array.from({ length: 4 }, () => owner.client.submitInstruction("withdrawal", message, signature)),
      );
      expect(new Set(views.map(({ id }) => id)).size).to.equal(1);
      const done = await owner.done(Promise.resolve(owner.client.instruction(views[0]?.id ?? "")));
      const again = await owner.client.submitInstruction("withdrawal", message, signature);
      expect(again.transactionHash).to.equal(done.transactionHash);
      expect(await ledger().queryFilter(ledger().filters.Withdrawn(done.id))).to.have.length(1);
    });

    it("reserves its amount and its nonce against payments, and they against it", async () => {
      const poor = await AccountOwner.open(stack, 3_000_000n);
      await whileChainStands(async () => {
        const message = await poor.withdrawal({ amount: 2_000_000n });
        const { id } = await poor.submit("withdrawal", message);
        expect((await poor.client.account(poor.address, poor.token)).reserved).to.equal("2000000");
        expect(await outcomeOf(pay(poor, { amount: 1_000_001n }))).to.equal("422 insufficient_balance");
        const conflict = await pay(poor, { nonce: message.nonce }).catch((error: unknown) => error);
        expect(conflict).to.be.instanceOf(ProblemError);
        expect((conflict as ProblemError).problem).to.deep.include({ code: "nonce_conflict", instructionId: id });
        const payment = await pay(poor, { amount: 1_000_000n });
        const other = { ...message, nonce: BigInt(payment.nonce), amount: 20_000n };
        expect(await outcomeOf(poor.submit("withdrawal", other))).to.equal("409 nonce_conflict");
        const third = await poor.withdrawal({ amount: 20_000n });
        expect(await outcomeOf(poor.submit("withdrawal", third))).to.equal("422 insufficient_balance");
        await stack.provider.send("evm_mine", []);
      });
    });

    it("is refused, naming the field, when it cannot take effect", async () => {
      const refusals: [code: string, field: string, changes: Parameters<AccountOwner["withdrawal"]>[0]][] = [
        ["fee_too_low", "maxFee", { maxFee: FEE - 1n }],
        ["amount_out_of_range", "amount", { amount: FEE }],
        ["amount_out_of_range", "amount", { amount: 0n }],
        ["invalid_payee", "to", { to: ZeroAddress }],
        ["invalid_payee", "to", { to: owner.domain.ledger }],
        ["unknown_token", "token", { token: stranger() }],
        ["expired", "deadline", { deadline: 1n }],
        ["insufficient_balance", "amount", { amount: FUNDS * 2n }],
      ];
      for (const [code, field, changes] of refusals) {
        const request = owner.submit("withdrawal", await owner.withdrawal(changes));
        const error = await request.catch((reason: unknown) => reason);
        expect(error, code).to.be.instanceOf(ProblemError);
        expect((error as ProblemError).problem).to.deep.include({ code, field });
      }
      const message = await owner.withdrawal();
      const forged = await owner.sign("withdrawal", message, new Wallet(hexlify(randomBytes(32))));
      const submit = owner.client.submitInstruction("withdrawal", message, forged);
      expect(await outcomeOf(submit)).to.equal("422 bad_signature");
    });

    it("of a contract wallet is taken as the wallet says", async () => {
      const wallet = await new WalletMock__factory(stack.deployer).deploy(owner.address);
      await wallet.waitForDeployment();
      const account = await wallet.getAddress();
      await owner.mint(4_000_000n, account);
      // Its tokens come in by its own signature, of 65 bytes as a key's.
      const deposit = await owner.deposit({ from: account, owner: account, amount: 4_000_000n });
      await owner.done(owner.submitDeposit("erc3009", deposit));
      expect(await owner.balance(account)).to.equal(4_000_000n);
      const to = stranger();
      const message = await owner.withdrawal({ owner: account, to, nonce: 0n });
      await owner.done(owner.submit("withdrawal", message));
      expect(await owner.tokensOf(to)).to.equal(1_000_000n - FEE);
      const forged = { ...message, nonce: 1n };
      const signature = await owner.sign("withdrawal", forged, new Wallet(hexlify(randomBytes(32))));
      const refused = owner.client.submitInstruction("withdrawal", forged, signature);
      expect(await outcomeOf(refused)).to.equal("422 bad_signature");
    });

    it("counts when a stranger sends it first, and not when he only makes the Ledger reject it", async () => {
      const [first, second] = [await owner.withdrawal({ to: stranger() }), await owner.withdrawal({ to: stranger() })];
      const signature = await owner.sign("withdrawal", first);
      const forged = await owner.sign("withdrawal", second, new Wallet(hexlify(randomBytes(32))));
      const [one, two] = await whileChainStands(async () => {
        const views = [await owner.submit("withdrawal", first), await owner.submit("withdrawal", second)];
        const rows = [
          { ...first, fee: 0n, signature },
          { ...second, fee: 0n, signature: forged },
        ];
        const tip = 500n * 10n ** 9n;
        const overrides = { maxPriorityFeePerGas: tip, maxFeePerGas: 2n * tip, gasLimit: 500_000n };
        await ledger().withdrawBatch(owner.token, rows, overrides);
        await stack.provider.send("evm_mine", []);
        return views;
      });
      await owner.done(owner.client.instruction(one?.id ?? ""));
      await owner.done(owner.client.instruction(two?.id ?? ""));
      // No fee went to the relayer of the first.
      expect(await owner.tokensOf(first.to)).to.equal(first.amount);
      expect(await owner.tokensOf(second.to)).to.equal(second.amount - FEE);
      for (const view of [one, two]) {
        expect(await ledger().queryFilter(ledger().filters.Withdrawn(view?.id))).to.have.length(1);
      }
    });
  });

  describe("a cancellation", () => {
    it("of a nonce that an accepted payment holds is allowed, and the chain says which was first", async () => {
      const { payment, cancellation } = await whileChainStands(async () => {
        const held = await pay(owner);
        const message = { ...(await owner.common()), nonce: BigInt(held.nonce) };
        const view = await owner.submit("cancellation", message);
        // Nothing else may have the nonce now, while both are under way.
        expect(await outcomeOf(pay(owner, { nonce: message.nonce, amount: 2n }))).to.equal("409 nonce_conflict");
        await stack.provider.send("evm_mine", []);
        return { payment: held, cancellation: view };
      });
      const ends = [await owner.client.decided(payment.id), await owner.client.instructionDecided(cancellation.id)];
      const settled = ends.filter(({ state }) => state === "settled" || state === "final");
      const rejected = ends.filter(({ state, code }) => state === "rejected" && code === "nonce_used");
      expect([settled.length, rejected.length], JSON.stringify(ends)).to.deep.equal([1, 1]);
    });

    it("comes before what was signed and not handed in", async () => {
      const message = await owner.common();
      await owner.done(owner.submit("cancellation", message));
      expect(await outcomeOf(pay(owner, { nonce: message.nonce }))).to.match(/^409 nonce_(used|conflict)$/);
      const withdrawal = await owner.withdrawal({ nonce: message.nonce });
      expect(await outcomeOf(owner.submit("withdrawal", withdrawal))).to.match(/^409 nonce_(used|conflict)$/);
      const again = { ...message, deadline: message.deadline + 1n };
      expect(await outcomeOf(owner.submit("cancellation", again))).to.equal("409 nonce_used");
    });

    it("by the owner's own call ends what waits for the nonce", async () => {
      await (await stack.deployer.sendTransaction({ to: owner.address, value: 10n ** 18n })).wait();
      const message = await owner.withdrawal();
      const view = await whileChainStands(async () => {
        const accepted = await owner.submit("withdrawal", message);
        const tip = 500n * 10n ** 9n;
        const overrides = { maxPriorityFeePerGas: tip, maxFeePerGas: 2n * tip, gasLimit: 200_000n };
        const own = ledger().connect(owner.wallet.connect(stack.provider));
        await own.cancel(message.token, message.nonce, overrides);
        await stack.provider.send("evm_mine", []);
        return accepted;
      });
      const decided = await owner.client.instructionDecided(view.id);
      expect(decided).to.deep.include({ state: "rejected", code: "nonce_used" });
      expect((await owner.client.account(owner.address, owner.token)).reserved).to.equal("0");
    });
  });

  it("an approval for the Escrow lets a refund pass that was refused without it", async () => {
    const shop = await Shop.open(stack, FUNDS);
    const hold = await shop.hold(await shop.terms(Shop.withoutArbiter));
    await shop.done(shop.capture(hold.id, 1_000_000n));
    const refused = await shop.client.actDecided((await shop.refund(hold.id, 400_000n)).id);
    expect(refused).to.include({ state: "rejected", code: "insufficient_balance" });
    const message = {
      owner: shop.merchant.address,
      spender: stack.deployment.escrow,
      token: shop.token,
      amount: 400_000n,
      nonce: 0n,
      deadline: await deadlineIn(stack, 600n),
    };
    const signature = await owner.sign("approval", message, shop.merchant);
    await owner.done(owner.client.submitInstruction("approval", message, signature));
    await shop.done(shop.refund(hold.id, 400_000n));
    expect((await shop.client.payment(hold.id)).hold).to.include({ refunded: "400000" });
  });

  it("an agreement sets what an operator earns, and the later one of two stays", async () => {
    const operator = localKey(18).address;
    const { owner: payee, ...common } = await owner.common();
    const earlier = { payee, ...common, operator, feeBps: 30, flatFee: 0n };
    const later = { ...earlier, nonce: owner.nextNonce(), feeBps: 25, flatFee: 100n };
    await owner.submit("agreement", earlier);
    await owner.done(owner.submit("agreement", later));
    const agreed = await ledger().agreementOf(owner.address, operator, owner.token);
    expect([agreed.feeBps, agreed.flatFee]).to.deep.equal([25n, 100n]);
    const tooMuch = owner.submit("agreement", { ...later, nonce: owner.nextNonce(), feeBps: 10_001 });
    expect(await outcomeOf(tooMuch)).to.equal("400 invalid_field");
  });

  it("a device is bound by signature, shown, and revoked by signature, though both are handed in at once", async () => {
    const watch = new Wallet(hexlify(randomBytes(32)));
    const key = watch.address;
    const binding = await owner.binding({ index: 7, key });
    await owner.done(
      owner.submit("device-binding", { ...binding, payees: [localKey(1).address, localKey(2).address] }),
    );
    const device = await owner.client.device(owner.address, owner.token, 7);
    expect(device).to.deep.include({ index: 7, key, perPayment: "500000", perDay: "800000", spentToday: "0" });
    expect(device.anyPayee).to.equal(false);
    expect((await ledger().deviceOf(owner.address, owner.token, 7)).key).to.equal(key);
    const paid = await pay(owner, { nonce: deviceNonce(7, 0n), amount: 400_000n }, watch);
    expect((await owner.client.decided(paid.id)).state).to.be.oneOf(["settled", "final"]);
    expect((await owner.client.device(owner.address, owner.token, 7)).spentToday).to.equal("400000");

    const other = await owner.binding({ index: 7, key: new Wallet(hexlify(randomBytes(32))).address });
    const revocation = { ...(await owner.common()), index: 7 };
    const bound = await owner.submit("device-binding", other);
    await owner.done(owner.submit("device-revocation", revocation));
    expect((await owner.client.instruction(bound.id)).state).to.be.oneOf(["settled", "final"]);
    expect((await ledger().deviceOf(owner.address, owner.token, 7)).key).to.equal(ZeroAddress);
    expect(await outcomeOf(owner.client.device(owner.address, owner.token, 7))).to.equal("404 not_found");
    expect(await outcomeOf(pay(owner, { nonce: deviceNonce(7, 1n) }, watch))).to.equal("422 device_inactive");

    const own = await owner.binding({ index: 7, key: owner.address });
    expect(await outcomeOf(owner.submit("device-binding", own))).to.equal("422 invalid_device");
    const none = await owner.binding({ index: 0, key });
    expect(await outcomeOf(owner.submit("device-binding", none))).to.equal("400 invalid_field");
  });

  describe("a deposit", () => {
    let giver: AccountOwner;

    before(async () => {
      giver = AccountOwner.penniless(stack);
      await giver.mint(10n ** 9n);
      // Permit2 asks for one allowance, by a transaction of the giver's own.
      await (await stack.deployer.sendTransaction({ to: giver.address, value: 10n ** 17n })).wait();
      const token = TestToken__factory.connect(giver.token, giver.wallet.connect(stack.provider));
      await (await token.approve(stack.deployment.permit2, 10n ** 9n)).wait();
    });

    for (const kind of ["erc3009", "permit2"] as const) {
      it(`by ${kind} is credited to whom its signer named, once`, async () => {
        const [before, credited] = [await giver.tokensOf(giver.address), await giver.balance(owner.address)];
        const deposit = await giver.deposit({ owner: owner.address });
        const views = [await giver.submitDeposit(kind, deposit), await giver.submitDeposit(kind, deposit)];
        expect(views.map(({ id }) => id)).to.deep.equal([giver.idOf(kind, deposit), giver.idOf(kind, deposit)]);
        await giver.done(giver.client.instruction(giver.idOf(kind, deposit)));
        expect(await giver.tokensOf(giver.address)).to.equal(before - deposit.amount);
        expect(await giver.balance(owner.address)).to.equal(credited + deposit.amount);
        expect((await giver.submitDeposit(kind, deposit)).state).to.be.oneOf(["settled", "final"]);
      });
    }

    it("by erc2612 is credited to its signer, and to nobody else", async () => {
      const deposit = await giver.deposit({ nonce: 0n });
      const other = { ...deposit, owner: owner.address };
      expect(await outcomeOf(giver.submitDeposit("erc2612", other))).to.equal("422 invalid_payee");
      await giver.done(giver.submitDeposit("erc2612", deposit));
      expect(await giver.balance()).to.equal(deposit.amount);
    });

    it("by a permit that somebody used first takes the allowance that it left", async () => {
      const deposit = await giver.deposit({ nonce: 1n });
      const signature = await signTypedData(giver.wallet, giver.authorization("erc2612", deposit));
      const { v, r, s } = Signature.from(signature);
      const token = TestToken__factory.connect(giver.token, stack.deployer);
      const { gateway } = stack.deployment;
      await (await token.permit(giver.address, gateway, deposit.amount, deposit.deadline, v, r, s)).wait();
      const before = await giver.balance();
      await giver.done(giver.client.submitDeposit("erc2612", deposit, signature));
      expect(await giver.balance()).to.equal(before + deposit.amount);
    });

    it("that a stranger sent first is refused, or counted if it was accepted before", async () => {
      const gateway = IGateway__factory.connect(stack.deployment.gateway, stack.deployer);
      const send = async (deposit: Awaited<ReturnType<AccountOwner["deposit"]>>, signature: string) => {
        const compact = toCompactSignature(signature);
        if (compact === undefined) throw new Error("no signature");
        await (await gateway.deposit(0, [{ token: deposit.token, rows: [{ ...deposit, ...compact }] }], [])).wait();
      };
      const [seen, unseen] = [await giver.deposit(), await giver.deposit()];
      const sign = (deposit: typeof seen) => signTypedData(giver.wallet, giver.authorization("erc3009", deposit));
      await send(unseen, await sign(unseen));
      expect(await outcomeOf(giver.submitDeposit("erc3009", unseen))).to.equal("409 authorization_used");
      const { id } = await giver.submitDeposit("erc3009", seen);
      await send(seen, await sign(seen)).catch(() => undefined);
      await giver.done(giver.client.instruction(id));
      expect(await gateway.queryFilter(gateway.filters.Deposited(id))).to.have.length(1);
    });

    it("is refused when the token would not move", async () => {
      const tooMuch = await giver.deposit({ amount: 10n ** 12n });
      expect(await outcomeOf(giver.submitDeposit("erc3009", tooMuch))).to.equal("422 transfer_failed");
      const deposit = await giver.deposit();
      const forged = await signTypedData(owner.wallet, giver.authorization("erc3009", deposit));
      expect(await outcomeOf(giver.client.submitDeposit("erc3009", deposit, forged))).to.equal("422 transfer_failed");
      const nowhere = await giver.deposit({ owner: giver.domain.ledger });
      expect(await outcomeOf(giver.submitDeposit("erc3009", nowhere))).to.equal("422 invalid_payee");
    });
  });

  describe("all of them", () => {
    it("are listed by owner, kind and state, in pages, the newest first", async () => {
      const filter = { owner: owner.address, kind: "withdrawal", limit: "2" };
      const seen: InstructionView[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const page: Awaited<ReturnType<typeof owner.client.instructions>> = await owner.client.instructions(
          cursor === "" ? filter : { ...filter, cursor },
        );
        seen.push(...page.instructions);
        cursor = page.next;
      }
      const all = await owner.client.instructions({ ...filter, limit: "200" });
      expect(seen.map(({ id }) => id)).to.deep.equal(all.instructions.map(({ id }) => id));
      expect(seen.length).to.be.greaterThan(3);
      expect(await outcomeOf(owner.client.instructions({ kind: "gift" }))).to.equal("400 invalid_field");
      expect(await outcomeOf(owner.client.instruction(hexlify(randomBytes(32))))).to.equal("404 not_found");
    });

    it("are undone by a reorg, and done again under the same transaction", async () => {
      await stack.provider.send("evm_mine", []);
      const snapshot = (await stack.provider.send("evm_snapshot", [])) as string;
      const message = await owner.withdrawal({ to: stranger() });
      const first = await owner.done(owner.submit("withdrawal", message));
      await stack.provider.send("evm_revert", [snapshot]);
      await stack.provider.send("hardhat_mine", ["0x10"]);
      const end = Date.now() + 40_000;
      let view = await owner.client.instruction(first.id);
      while (view.state !== "final" || (await owner.tokensOf(message.to)) === 0n) {
        if (Date.now() > end) throw new Error(`after the reorg: ${JSON.stringify(view)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        view = await owner.client.instruction(first.id);
      }
      expect(view.transactionHash).to.equal(first.transactionHash);
      expect(await owner.tokensOf(message.to)).to.equal(message.amount - FEE);
    });

    it("leave room below the gas that they were given", async () => {
      const database = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
      await database.connect();
      const { rows } = await database.query<{ raw: string; used: string; state: string }>(
        "SELECT raw, gas_used AS used, state FROM transactions WHERE state IN ('mined', 'failed')",
      );
      await database.end();
      for (const { raw, used, state } of rows) {
        expect(state).to.equal("mined");
        expect(Number(used)).to.be.lessThan(Number(Transaction.from(raw).gasLimit));
      }
    });

    it("leave the books balanced", async () => {
      expect((await readBooks(stack)).imbalances).to.deep.equal([]);
      expect(await unbalancedAccounts(stack)).to.deep.equal([]);
    });

    it("pass an audit, and so does the relayer's database", async () => {
      const { exceptions, counts, counters } = await auditStack(stack);
      expect(exceptions).to.deep.equal([]);
      expect(counts).to.deep.equal({});
      expect(counters.signatures).to.equal(counters.payments + counters.pulledPayments);
      expect(counters.databaseRows).to.be.greaterThan(0);
    });
  });
});
