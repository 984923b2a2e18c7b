import { randomBytes } from "node:crypto";

import { computeAddress, hexlify, SigningKey } from "ethers";

import { Ledger__factory } from "../../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { deadlineIn, LOCAL_CHAIN_ID, openMerchants } from "../../local/market.ts";
import type { LocalStack } from "../../local/stack.ts";
import type { Parties } from "./sign.ts";

const PAYERS = 400;
const FUNDS = 10n ** 13n;
const DEPOSITS_AT_ONCE = 50;

/** Payers with money in the Ledger, and the merchants of `npm start` with the fees that they agreed with the operators. */
export async function openMarket(stack: LocalStack, operators: readonly string[]): Promise<Parties> {
  const merchants = await openMerchants(stack, operators);
  const payers = Array.from({ length: PAYERS }, () => new SigningKey(hexlify(randomBytes(32))));
  const addresses = new Map(payers.map((key) => [key, computeAddress(key)]));
  const tokens = [...new Set(merchants.map(({ token }) => token))];
  for (const token of tokens) await depositForAll(stack, token, [...addresses.values()]);
  const nonces = new Map<string, bigint>();
  return {
    domain: { chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger },
    payers,
    payees: merchants.map(({ wallet, token }) => ({ payee: wallet.address, token })),
    deadline: await deadlineIn(stack, 24n * 3_600n),
    addressOf: (payer) => addresses.get(payer) ?? "",
    nextNonce(payer, token) {
      const account = `${payer}:${token}`;
      const nonce = nonces.get(account) ?? 0n;
      nonces.set(account, nonce + 1n);
      return nonce;
    },
  };
}

async function depositForAll(stack: LocalStack, token: string, owners: readonly string[]): Promise<void> {
  const { deployer, deployment } = stack;
  const total = FUNDS * BigInt(owners.length);
  const coin = TestToken__factory.connect(token, deployer);
  const ledger = Ledger__factory.connect(deployment.ledger, deployer);
  await (await coin.mint(await deployer.getAddress(), total)).wait();
  await (await coin.approve(deployment.ledger, total)).wait();
  for (let start = 0; start < owners.length; start += DEPOSITS_AT_ONCE) {
    const sent = [];
    for (const owner of owners.slice(start, start + DEPOSITS_AT_ONCE)) {
      sent.push(await ledger.deposit(token, owner, FUNDS, { gasLimit: 200_000 }));
    }
    for (const transaction of sent) await transaction.wait();
  }
}

/** How often the chain says that each payment settled. */
export async function settledOnChain(stack: LocalStack): Promise<Map<string, number>> {
  const { ledger } = stack.deployment;
  const topic = Ledger__factory.createInterface().getEvent("Settled").topicHash;
  const head = await stack.provider.getBlockNumber();
  const times = new Map<string, number>();
  for (let from = 0; from <= head; from += 200) {
    const filter = { address: ledger, topics: [topic], fromBlock: from, toBlock: Math.min(head, from + 199) };
    for (const { topics } of await stack.provider.getLogs(filter)) {
      const id = topics[1] ?? "";
      times.set(id, (times.get(id) ?? 0) + 1);
    }
  }
  return times;
}
