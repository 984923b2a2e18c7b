import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";

import { readBooks } from "../../scripts/local/books.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import type { InstructionView } from "../../sdk/client.ts";
import { signTypedData } from "../../sdk/gateway-typed-data.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { AccountOwner } from "./account-owner.ts";
import { startTestStack } from "./local-stack.ts";
import { patiently } from "./patience.ts";

/** Of each kind that is counted. */
const COUNT = 24;
const FEE = 10_000n;

describe("instructions, while the relayer is killed again and again", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();

  before(async () => {
    ({ stack, stop } = await startTestStack({
      CORRIDOR_BATCH_ROWS: "6",
      CORRIDOR_BATCH_AGE_MS: "30",
      CORRIDOR_LEASE_MS: "1000",
    }));
  });

  after(() => stop());

  /** Hands it in, twice, and waits for its end, however often the relayer is away. */
  async function carried(submit: () => Promise<InstructionView>): Promise<InstructionView> {
    const { id } = await patiently(submit);
    expect((await patiently(submit)).id).to.equal(id);
    const { client } = owner;
    const end = Date.now() + 90_000;
    for (;;) {
      const view = await patiently(() => client.instruction(id));
      if (view.state === "settled" || view.state === "final") return view;
      if (view.state === "rejected" || view.state === "expired" || Date.now() > end) {
        throw new Error(`${view.kind} is ${view.state} (${view.code})`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  let owner: AccountOwner;

  it("each happens once", async () => {
    owner = await AccountOwner.open(stack, 10n ** 9n);
    await owner.mint(10n ** 9n);
    const to = hexlify(randomBytes(20));
    const killing = (async () => {
      for (let round = 0; round < 4; round += 1) {
        await new Promise((resolve) => setTimeout(resolve, 700));
        stack.relayer().child.kill("SIGKILL");
        await stack.relayer().exited;
        await stack.restartRelayer();
      }
    })();
    const withdrawals = Array.from({ length: COUNT }, async () => {
      const message = await owner.withdrawal({ to, amount: 100_000n });
      const signature = await owner.sign("withdrawal", message);
      return carried(() => owner.client.submitInstruction("withdrawal", message, signature));
    });
    const deposits = Array.from({ length: COUNT }, async () => {
      const deposit = await owner.deposit({ amount: 50_000n });
      const signature = await signTypedData(owner.wallet, owner.authorization("erc3009", deposit));
      return carried(() => owner.client.submitDeposit("erc3009", deposit, signature));
    });
    const bindings = Array.from({ length: 6 }, async (_, index) => {
      const key = new Wallet(hexlify(randomBytes(32))).address;
      const message = await owner.binding({ index: index + 1, key });
      const signature = await owner.sign("device-binding", message);
      return carried(() => owner.client.submitInstruction("device-binding", message, signature));
    });
    const done = await Promise.all([...withdrawals, ...deposits, ...bindings]);
    await killing;

    const ledger = Ledger__factory.connect(stack.deployment.ledger, stack.provider);
    const gateway = IGateway__factory.connect(stack.deployment.gateway, stack.provider);
    expect(await owner.tokensOf(to)).to.equal(BigInt(COUNT) * (100_000n - FEE));
    expect(await owner.balance()).to.equal(10n ** 9n - BigInt(COUNT) * 50_000n);
    expect(await ledger.queryFilter(ledger.filters.Withdrawn())).to.have.length(COUNT);
    expect(await gateway.queryFilter(gateway.filters.Deposited())).to.have.length(COUNT);
    expect(await ledger.queryFilter(ledger.filters.DeviceBound())).to.have.length(6);
    expect(new Set(done.map(({ id }) => id)).size).to.equal(2 * COUNT + 6);
    expect((await readBooks(stack)).imbalances).to.deep.equal([]);
  });
});
