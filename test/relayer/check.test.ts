import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { checkAccount } from "../../relayer/intake/check.ts";
import type { NewPayment } from "../../relayer/store/payments.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

function payment(nonce: bigint, amount = 1n): NewPayment {
  const texts = { id: "", payer: "", payee: "", token: "", memo: "", r: "", vs: "", merchant: "" };
  const nothing = {
    terms: null,
    holdId: null,
    fx: null,
    requestId: null,
    signature: null,
    signer: null,
    deployment: null,
  };
  return { ...texts, ...nothing, funding: "account", amount, nonce, deadline: 0n };
}

const ACCOUNT = { owner: "", token: "", balance: 100n, reserved: 0n, window: 0n, nextNonce: 0n, frozenUntil: 0n };

describe("the relayer's mirror of an account", () => {
  it("judges nonces as the contract does", async () => {
    const { ethers } = await network.create();
    const [owner] = await ethers.getSigners();
    if (owner === undefined) throw new Error("no account");
    const manager = await ethers.deployContract("AccessManager", [owner.address]);
    const verifier = await ethers.deployContract("SignatureVerifier");
    const deployed = await ethers.deployContract("Ledger", [await manager.getAddress(), await verifier.getAddress()]);
    const ledger = Ledger__factory.connect(await deployed.getAddress(), owner);
    const token = owner.address;
    const nonces = fc.sample(fc.bigInt(0n, 150n), { numRuns: 60, seed: 7 });
    for (const nonce of nonces) {
      const view = await ledger.accountOf(owner.address, token);
      const account = { ...ACCOUNT, window: view.window, nextNonce: view.nextNonce };
      const refusal = checkAccount(payment(nonce), account, 0n);
      expect(refusal !== undefined, `nonce ${nonce}`).to.equal(await ledger.isNonceUsed(owner.address, token, nonce));
      if (refusal === undefined) await (await ledger.cancel(token, nonce)).wait();
    }
  });

  it("counts what is reserved", () => {
    expect(checkAccount(payment(0n, 60n), { ...ACCOUNT, reserved: 40n }, 0n)).to.equal(undefined);
    expect(checkAccount(payment(0n, 61n), { ...ACCOUNT, reserved: 40n }, 0n)?.code).to.equal("insufficient_balance");
  });

  it("knows when a freeze ends", () => {
    const frozen = { ...ACCOUNT, frozenUntil: 10n };
    expect(checkAccount(payment(0n), frozen, 9n)?.code).to.equal("account_frozen");
    expect(checkAccount(payment(0n), frozen, 10n)).to.equal(undefined);
  });
});
