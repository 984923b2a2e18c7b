import { expect } from "chai";
import { getCreateAddress, hexlify, NonceManager, randomBytes, Wallet } from "ethers";

import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { type LocalStack, localKey } from "../../scripts/local/stack.ts";
import { ProblemError } from "../../sdk/client.ts";
import { wrapSignature } from "../../sdk/erc6492.ts";
import { signHoldPayment } from "../../sdk/hold-typed-data.ts";
import { signInstruction } from "../../sdk/instructions.ts";
import type { Payment } from "../../sdk/payment.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { WalletFactory__factory } from "../../typechain-types/factories/contracts/mocks/WalletFactory__factory.ts";
import type { WalletFactory } from "../../typechain-types/contracts/mocks/WalletFactory.ts";
import { startTestStack } from "./local-stack.ts";
import { Shop } from "./shop.ts";

const FUNDS = 1_000_000_000n;
const AMOUNT = 1_000_000n;
/** `WalletFactory.Mode`. */
const [REFUSES, PRETENDS_TO, REFUSES_IN_BLOCKS] = [1, 3, 4];

/** A wallet that its factory has not deployed, and whose it will be. */
interface FutureWallet {
  readonly owner: Wallet;
  readonly address: string;
  readonly factory: WalletFactory;
  readonly data: string;
}

describe("payments from wallets that are not deployed yet", () => {
  const builder = localKey(10);
  /** The builder's first contracts: two factories that the relayer is told about, and one that it is not. */
  const [good, odd, unknown] = [0, 1, 2].map((nonce) => getCreateAddress({ from: builder.address, nonce }));
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let shop: Shop;
  let factories: readonly WalletFactory[];
  let nonce = 0n;

  before(async () => {
    ({ stack, stop } = await startTestStack({
      CORRIDOR_BATCH_AGE_MS: "600",
      CORRIDOR_WALLET_FACTORIES: [good, odd].join(","),
    }));
    shop = await Shop.open(stack, FUNDS);
    const signer = new NonceManager(new Wallet(builder.privateKey, stack.provider));
    const deployed: WalletFactory[] = [];
    for (const address of [good, odd, unknown]) {
      const factory = await (await new WalletFactory__factory(signer).deploy()).waitForDeployment();
      expect(await factory.getAddress()).to.equal(address);
      deployed.push(WalletFactory__factory.connect(await factory.getAddress(), signer));
    }
    factories = deployed;
  });

  after(() => stop());

  const domain = () => ({ chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger });

  function factoryAt(index: number): WalletFactory {
    const factory = factories[index];
    if (factory === undefined) throw new Error(`no factory ${index}`);
    return factory;
  }

  /** Somebody with money in the Ledger, at an address where nothing is. */
  async function future(factory = factoryAt(0)): Promise<FutureWallet> {
    const owner = new Wallet(hexlify(randomBytes(32)));
    const salt = BigInt(hexlify(randomBytes(32)));
    const address = await factory.addressOf(owner.address, salt);
    const token = TestToken__factory.connect(shop.token, stack.deployer);
    await (await token.mint(await stack.deployer.getAddress(), FUNDS)).wait();
    await (await token.approve(stack.deployment.ledger, FUNDS)).wait();
    const ledger = Ledger__factory.connect(stack.deployment.ledger, stack.deployer);
    await (await ledger.deposit(shop.token, address, FUNDS)).wait();
    const data = factory.interface.encodeFunctionData("deploy", [owner.address, salt]);
    return { owner, address, factory, data };
  }

  async function compose(wallet: FutureWallet, changes: Partial<Payment> = {}): Promise<Payment> {
    nonce += 1n;
    return {
      payer: wallet.address,
      payee: shop.merchant.address,
      token: shop.token,
      amount: AMOUNT,
      nonce,
      deadline: await deadlineIn(stack, 600n),
      memo: hexlify(randomBytes(32)),
      ...changes,
    };
  }

  async function wrap({ factory, data: factoryCalldata }: FutureWallet, signature: string): Promise<string> {
    return wrapSignature({ factory: await factory.getAddress(), factoryCalldata, signature });
  }

  /** Hands in a payment, signed by the wallet's owner and wrapped. @returns its id. */
  async function submit(wallet: FutureWallet, signer = wallet.owner): Promise<string> {
    const payment = await compose(wallet);
    const signature = await wrap(wallet, await signPayment(signer, domain(), payment));
    return (await shop.client.submitPayment(payment, signature)).id;
  }

  async function expectSettled(id: string): Promise<void> {
    const view = await shop.client.decided(id);
    expect(view, `${view.code}`).to.have.property("state").oneOf(["settled", "final"]);
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

  const isDeployed = async ({ address }: FutureWallet): Promise<boolean> =>
    (await stack.provider.getCode(address)) !== "0x";

  /** How many transactions went to a factory. */
  async function transactionsTo(factory: WalletFactory): Promise<number> {
    const address = await factory.getAddress();
    let count = 0;
    for (let number = await stack.provider.getBlockNumber(); number > 0; number -= 1) {
      const block = await stack.provider.getBlock(number, true);
      count += block?.prefetchedTransactions.filter(({ to }) => to === address).length ?? 0;
    }
    return count;
  }

  it("tells clients whose wallets it deploys", async () => {
    expect((await shop.client.network()).walletFactories).to.deep.equal([good, odd]);
  });

  it("deploys the wallet once and settles its payments, those that came meanwhile and later ones too", async () => {
    const wallet = await future();
    const before = await shop.balance(shop.merchant);
    const calls = await wallet.factory.calls();
    const first = await submit(wallet);
    const second = await submit(wallet);
    expect(first).not.to.equal(second);
    await Promise.all([first, second].map(expectSettled));
    expect(await isDeployed(wallet)).to.equal(true);
    // By now the wallet reads the signature itself, wrapped or not.
    await expectSettled(await submit(wallet));
    const plain = await compose(wallet);
    const { id } = await shop.client.submitPayment(plain, await signPayment(wallet.owner, domain(), plain));
    await expectSettled(id);
    expect((await shop.balance(shop.merchant)) - before).to.equal(4n * AMOUNT);
    expect((await wallet.factory.calls()) - calls).to.equal(1n);
  });

  it("opens a hold that such a wallet pays into", async () => {
    const wallet = await future();
    const payment = await shop.compose(await shop.terms(), { payer: wallet.address });
    const signature = await wrap(wallet, await signHoldPayment(wallet.owner, domain(), payment));
    const { id } = await shop.client.submitPayment(payment, signature);
    expect((await shop.client.decided(id)).status).to.equal("requires_capture");
  });

  it("deploys many wallets at a time", async () => {
    const wallets = [await future(), await future(), await future()];
    const ids = await Promise.all(wallets.map((wallet) => submit(wallet)));
    await Promise.all(ids.map(expectSettled));
  });

  it("refuses a factory that it was not told about, and sends it nothing", async () => {
    const wallet = await future(factoryAt(2));
    expect(await refusal(submit(wallet))).to.equal("422 factory_not_allowed signature");
    expect(await transactionsTo(wallet.factory)).to.equal(0);
    expect(await isDeployed(wallet)).to.equal(false);
  });

  it("refuses calldata that deploys another wallet, a stranger's signature and a factory that refuses", async () => {
    const [wallet, other] = [await future(), await future()];
    expect(await refusal(submit({ ...wallet, data: other.data }))).to.equal("422 bad_signature signature");
    expect(await refusal(submit(wallet, other.owner))).to.equal("422 bad_signature signature");
    const late = await future(factoryAt(1));
    await (await late.factory.setMode(REFUSES)).wait();
    expect(await refusal(submit(late))).to.equal("422 bad_signature signature");
    for (const each of [wallet, other, late]) expect(await isDeployed(each)).to.equal(false);
  });

  it("gives a payment up whose wallet is not there after its deployment", async () => {
    const wallet = await future(factoryAt(1));
    await (await wallet.factory.setMode(PRETENDS_TO)).wait();
    const before = await transactionsTo(wallet.factory);
    const view = await shop.client.decided(await submit(wallet));
    expect(view).to.include({ state: "rejected", code: "deployment_failed" });
    expect((await transactionsTo(wallet.factory)) - before).to.equal(1);
    expect((await shop.client.account(wallet.address, shop.token)).reserved).to.equal("0");
  });

  it("tries a deployment that reverts three times, and holds nobody up meanwhile", async () => {
    const [wallet, other] = [await future(factoryAt(1)), await future()];
    await (await wallet.factory.setMode(REFUSES_IN_BLOCKS)).wait();
    const before = await transactionsTo(wallet.factory);
    const [bad, fine] = [await submit(wallet), await submit(other)];
    await expectSettled(fine);
    expect(await shop.client.decided(bad)).to.include({ state: "rejected", code: "deployment_failed" });
    expect((await transactionsTo(wallet.factory)) - before).to.equal(3);
  });

  it("deploys nothing for a payment out of tokens or an instruction, and takes them once the wallet is there", async () => {
    const wallet = await future();
    const pulled = await compose(wallet);
    const wrapped = await wrap(wallet, await signPayment(wallet.owner, domain(), pulled));
    const outOfTokens = () => shop.client.submitPayment(pulled, wrapped, undefined, "erc3009");
    expect(await refusal(outOfTokens())).to.equal("422 bad_signature signature");
    const { payer: owner, token, nonce: unused, deadline } = await compose(wallet);
    const message = { owner, token, nonce: unused, deadline };
    const signature = await wrap(wallet, await signInstruction(wallet.owner, domain(), "cancellation", message));
    const cancel = () => shop.client.submitInstruction("cancellation", message, signature);
    expect(await refusal(cancel())).to.equal("422 bad_signature signature");
    await expectSettled(await submit(wallet));
    // Now the token is asked, whose authorization this is not.
    expect(await refusal(outOfTokens())).to.equal("422 transfer_failed signature");
    const { state } = await shop.client.instructionDecided((await cancel()).id);
    expect(state).to.be.oneOf(["settled", "final"]);
  });

  it("deploys again, and settles again, what a reorg undid", async () => {
    const wallet = await future();
    await stack.provider.send("evm_mine", []);
    const snapshot = (await stack.provider.send("evm_snapshot", [])) as string;
    const id = await submit(wallet);
    await expectSettled(id);
    await stack.provider.send("evm_revert", [snapshot]);
    expect(await isDeployed(wallet)).to.equal(false);
    for (let block = 0; block < 6; block += 1) await stack.provider.send("evm_mine", []);
    const ledger = Ledger__factory.connect(stack.deployment.ledger, stack.provider);
    const end = Date.now() + 40_000;
    while ((await ledger.queryFilter(ledger.filters.Settled(id))).length === 0) {
      if (Date.now() > end) throw new Error(`after the reorg: ${JSON.stringify(await shop.client.payment(id))}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(await isDeployed(wallet)).to.equal(true);
    await expectSettled(id);
    expect(await ledger.queryFilter(ledger.filters.Settled(id))).to.have.length(1);
  });
});
