import { hexlify, randomBytes, Wallet } from "ethers";
import { network } from "hardhat";

import { type CompactSignature, toCompactSignature } from "../../sdk/signature.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { Gateway__factory } from "../../typechain-types/factories/contracts/Gateway__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";

/** `gasUsed` of whole transactions over their rows. */
export interface Result {
  readonly path: string;
  readonly rows: number;
  readonly gasPerPayment: number;
}

export const AMOUNT = 12_345_678n;
export const DAY = 86_400n;

/** A chain where nobody is new: each account that a path touches is there and has some money. */
export async function setStage(payerCount: number) {
  const { ethers } = await network.create();
  const [operator, funder] = await ethers.getSigners();
  if (operator === undefined || funder === undefined) throw new Error("The chain has no accounts");

  const manager = await ethers.deployContract("AccessManager", [operator.address]);
  const verifier = await ethers.deployContract("SignatureVerifier");
  const ledgerContract = await ethers.deployContract("Ledger", [
    await manager.getAddress(),
    await verifier.getAddress(),
  ]);
  const ledgerAddress = await ledgerContract.getAddress();
  const escrowContract = await ethers.deployContract("Escrow", [ledgerAddress]);
  const escrowAddress = await escrowContract.getAddress();
  const permit2 = await (await ethers.deployContract("Permit2Double")).getAddress();
  const gatewayContract = await ethers.deployContract("Gateway", [escrowAddress, permit2]);
  const gatewayAddress = await gatewayContract.getAddress();
  const tokenContract = await ethers.deployContract("TestToken", ["Test Dollar", "tUSD", 6]);
  const token = await tokenContract.getAddress();
  const ledger = Ledger__factory.connect(ledgerAddress, operator);
  const dollar = TestToken__factory.connect(token, operator);
  const { chainId } = await ethers.provider.getNetwork();
  const latest = await ethers.provider.getBlock("latest");
  if (latest === null) throw new Error("The chain has no blocks");

  const payee = new Wallet(hexlify(randomBytes(32)), ethers.provider);
  await operator.sendTransaction({ to: payee.address, value: 10n ** 18n });
  // An existing merchant: she agreed to a fee, was paid before, and so was the operator. She refunds through the Escrow.
  await (await ledger.connect(payee).agree(operator.address, token, 30, 0)).wait();
  await (await ledger.connect(payee).setOperator(escrowAddress, true)).wait();
  const payers = Array.from({ length: payerCount }, () => new Wallet(hexlify(randomBytes(32)), ethers.provider));
  await (await dollar.mint(operator.address, 10n ** 18n)).wait();
  await (await dollar.approve(ledgerAddress, 10n ** 18n)).wait();
  // Payers who have no account but the token, and once approved Permit2.
  for (const { address } of payers) await (await dollar.mint(address, 10n ** 12n)).wait();
  // The Escrow holds money for others all the while, so that no batch empties its account.
  for (const owner of [...payers.map(({ address }) => address), payee.address, operator.address, escrowAddress]) {
    await (await ledger.deposit(token, owner, 10n ** 12n)).wait();
  }

  const nonces = new Map<string, bigint>();
  return {
    ethers,
    operator,
    funder,
    payee,
    payers,
    arbiter: new Wallet(hexlify(randomBytes(32))).address,
    ledger,
    escrow: Escrow__factory.connect(escrowAddress, operator),
    gateway: Gateway__factory.connect(gatewayAddress, operator),
    permit2,
    dollar,
    token,
    domain: { chainId, ledger: ledgerAddress },
    gatewayDomain: { chainId, gateway: gatewayAddress },
    tokenDomain: { name: "Test Dollar", version: "1", chainId, address: token },
    escrowDomain: { chainId, escrow: escrowAddress },
    deadline: BigInt(latest.timestamp) + 7n * DAY,
    nextNonce: (owner: string): bigint => {
      const nonce = nonces.get(owner) ?? 0n;
      nonces.set(owner, nonce + 1n);
      return nonce;
    },
  };
}

export type Stage = Awaited<ReturnType<typeof setStage>>;

export function compact(signature: string): CompactSignature {
  const read = toCompactSignature(signature);
  if (read === undefined) throw new Error("No signature");
  return read;
}
