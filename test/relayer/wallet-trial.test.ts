import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";
import { network } from "hardhat";

import { createWalletQuestions } from "../../relayer/chain/wallet-questions.ts";
import type { WalletToTry } from "../../relayer/wallet-deployment.ts";
import { SignatureVerifier__factory } from "../../typechain-types/factories/contracts/SignatureVerifier__factory.ts";
import { WalletFactory__factory } from "../../typechain-types/factories/contracts/mocks/WalletFactory__factory.ts";

/** `WalletFactory.Mode`. */
const [REFUSES, BURNS_GAS, PRETENDS_TO] = [1, 2, 3];
const DIGEST = hexlify(randomBytes(32));

describe("the trial of a wallet that is not deployed", () => {
  async function stage() {
    const { ethers } = await network.create();
    const deployer = await ethers.provider.getSigner(0);
    const verifier = await (await new SignatureVerifier__factory(deployer).deploy()).getAddress();
    const factory = await new WalletFactory__factory(deployer).deploy();
    const owner = new Wallet(hexlify(randomBytes(32)));
    const deploying = (salt: bigint): string => factory.interface.encodeFunctionData("deploy", [owner.address, salt]);
    const wallet: WalletToTry = {
      factory: await factory.getAddress(),
      data: deploying(1n),
      signer: await factory.addressOf(owner.address, 1n),
      digest: DIGEST,
      signature: owner.signingKey.sign(DIGEST).serialized,
    };
    const { tryWallet, hasCode } = createWalletQuestions(ethers.provider, verifier, deployer.address);
    const tried = (changes: Partial<WalletToTry> = {}) => tryWallet({ ...wallet, ...changes });
    return { ethers, verifier, factory, owner, wallet, deploying, tried, hasCode };
  }

  it("finds its owner's signature valid, and leaves nothing behind", async () => {
    const { factory, wallet, tried, hasCode } = await stage();
    expect(await tried()).to.equal("valid");
    expect(await hasCode(wallet.signer)).to.equal(false);
    expect(await factory.calls()).to.equal(0n);
  });

  it("finds a stranger's signature bad", async () => {
    const { tried } = await stage();
    const { serialized: signature } = new Wallet(hexlify(randomBytes(32))).signingKey.sign(DIGEST);
    expect(await tried({ signature })).to.equal("bad_signature");
    expect(await tried({ signature: "0x" })).to.equal("bad_signature");
    expect(await tried({ digest: hexlify(randomBytes(32)) })).to.equal("bad_signature");
  });

  it("finds no code where another wallet is deployed, or none, even if the signer could sign without", async () => {
    const { deploying, tried, wallet, owner } = await stage();
    expect(await tried({ data: deploying(2n) })).to.equal("no_code");
    expect(await tried({ factory: owner.address })).to.equal("no_code");
    expect(await tried({ signer: owner.address })).to.equal("no_code");
    expect(await tried({ data: "0x12345678" })).to.equal("factory_failed");
    expect(wallet.signer).not.to.equal(owner.address);
  });

  it("survives a factory that reverts or burns its gas", async () => {
    const { factory, tried } = await stage();
    for (const mode of [REFUSES, BURNS_GAS]) {
      await factory.setMode(mode);
      expect(await tried()).to.equal("factory_failed");
    }
    await factory.setMode(PRETENDS_TO);
    expect(await tried()).to.equal("valid");
  });

  it("does not call the factory of a wallet that is there", async () => {
    const { factory, owner, wallet, tried, hasCode } = await stage();
    await factory.deploy(owner.address, 1n);
    expect(await hasCode(wallet.signer)).to.equal(true);
    await factory.setMode(REFUSES);
    expect(await tried()).to.equal("valid");
  });

  it("says nothing where the node gives it too little gas, or does not answer", async () => {
    const { ethers, verifier, wallet } = await stage();
    const stingy = createWalletQuestions(
      {
        call: (transaction) => ethers.provider.call({ ...transaction, gasLimit: 3_500_000 }),
        getCode: () => Promise.reject(new Error("connection refused")),
      },
      verifier,
    );
    for (const ask of [() => stingy.tryWallet(wallet), () => stingy.hasCode(wallet.signer)]) {
      const error: unknown = await ask().catch((reason: unknown) => reason);
      expect(error).to.include({ code: "chain_unavailable", retriable: true });
    }
    for (const answer of ["0x", `0x${"ff".repeat(32)}`]) {
      const odd = createWalletQuestions(
        { call: () => Promise.resolve(answer), getCode: () => Promise.resolve("0x") },
        verifier,
      );
      const error: unknown = await odd.tryWallet(wallet).catch((reason: unknown) => reason);
      expect(error).to.include({ code: "chain_unavailable" });
    }
  });
});
