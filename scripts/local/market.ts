import { type HDNodeWallet, hexlify, randomBytes, Wallet } from "ethers";

import { type CorridorClient, ProblemError } from "../../sdk/client.ts";
import { fxPaymentId, signFxPayment } from "../../sdk/exchange-typed-data.ts";
import type { FxPayment } from "../../sdk/fx.ts";
import { erc3009Payment, gatewayPaymentId, signTypedData } from "../../sdk/gateway-typed-data.ts";
import { p256Address } from "../../sdk/p256.ts";
import { p256PublicKey } from "../../sdk/p256-signer.ts";
import type { Funding, Payment } from "../../sdk/payment.ts";
import { AGREEMENT_TYPES, type LedgerDomain, paymentId, signPayment, typedDataDomain } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { assertionOf, signInSoftware } from "../vectors/software-passkey.ts";
import { LOCAL_MERCHANTS } from "./merchants.ts";
import { type LocalStack, localKey } from "./stack.ts";

/** The local chain signs under this id. */
export const LOCAL_CHAIN_ID = 31_337n;

export interface Merchant {
  readonly name: string;
  readonly token: string;
  readonly currency: string;
  readonly wallet: HDNodeWallet;
}

export interface SignedPayment {
  readonly id: string;
  readonly payment: Payment;
  readonly signature: string;
  readonly funding: Funding;
  /** The payment request that it pays. */
  readonly request?: string | undefined;
}

/** Somebody who pays: from an account by a key or a passkey, or out of her tokens. */
export interface Payer {
  readonly address: string;
  sign(payment: Payment): Promise<SignedPayment>;
  /** The signature over a payment in another currency; absent of who has no account. */
  signFx?(payment: FxPayment): Promise<string>;
}

export const FEE_BPS = 30;

/** Who sells on the local chain. */
export function localMerchants({ deployment: { dollar, euro } }: LocalStack): Merchant[] {
  return LOCAL_MERCHANTS.map(({ name, account, currency }) => {
    return { name, token: currency === "EUR" ? euro : dollar, currency, wallet: localKey(account) };
  });
}

/** Three merchants, each of them agreed with each lane's operator, without gas of their own. */
export async function openMerchants(
  stack: LocalStack,
  operators: readonly string[] = [localKey(18).address, localKey(19).address],
): Promise<Merchant[]> {
  const { ledger } = stack.deployment;
  const merchants = localMerchants(stack);
  const domain = typedDataDomain({ chainId: LOCAL_CHAIN_ID, ledger });
  const contract = Ledger__factory.connect(ledger, stack.deployer);
  const deadline = await deadlineIn(stack, 3_600n);
  for (const { wallet, token } of merchants) {
    for (const [nonce, operator] of operators.entries()) {
      const terms = { payee: wallet.address, operator, token, feeBps: FEE_BPS, flatFee: 0n, nonce, deadline };
      const signature = await wallet.signTypedData(domain, AGREEMENT_TYPES, terms);
      const sent = await contract.agreeWithSignature(
        wallet.address,
        operator,
        token,
        FEE_BPS,
        0n,
        nonce,
        deadline,
        signature,
      );
      await sent.wait();
    }
  }
  return merchants;
}

/** Wallets with money in the Ledger and nothing anywhere else: no gas, no tokens of their own. */
export async function fundPayers(stack: LocalStack, count: number, amount: bigint): Promise<Wallet[]> {
  const payers = Array.from({ length: count }, () => new Wallet(hexlify(randomBytes(32))));
  await depositFor(
    stack,
    payers.map(({ address }) => address),
    amount,
  );
  return payers;
}

async function depositFor(stack: LocalStack, owners: readonly string[], amount: bigint): Promise<void> {
  const { ledger, dollar, euro } = stack.deployment;
  const contract = Ledger__factory.connect(ledger, stack.deployer);
  for (const token of [dollar, euro]) {
    const coin = TestToken__factory.connect(token, stack.deployer);
    await (await coin.mint(await stack.deployer.getAddress(), amount * BigInt(owners.length))).wait();
    await (await coin.approve(ledger, amount * BigInt(owners.length))).wait();
    for (const owner of owners) await (await contract.deposit(token, owner, amount)).wait();
  }
}

export async function deadlineIn(stack: LocalStack, seconds: bigint): Promise<bigint> {
  const block = await stack.provider.getBlock("latest");
  const wall = BigInt(Math.floor(Date.now() / 1000));
  const chain = BigInt(block?.timestamp ?? 0);
  return (chain > wall ? chain : wall) + seconds;
}

/** Of ten payers one has a passkey, and one pays out of her tokens and has no account; the others sign by their wallets. */
export async function openPayers(stack: LocalStack, count: number, amount: bigint): Promise<Payer[]> {
  const wallets = (await fundPayers(stack, count, amount)).map((wallet) => walletPayer(stack, wallet));
  const others = Math.floor(count / 10);
  for (let index = 0; index < others; index += 1) {
    wallets[index * 10] = await openPasskeyPayer(stack, amount);
    wallets[index * 10 + 1] = await openTokenPayer(stack, amount);
  }
  return wallets;
}

function ledgerDomain(stack: LocalStack): LedgerDomain {
  return { chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger };
}

function walletPayer(stack: LocalStack, wallet: Wallet): Payer {
  const domain = ledgerDomain(stack);
  return {
    address: wallet.address,
    async sign(payment) {
      const signature = await signPayment(wallet, domain, payment);
      return { id: paymentId(domain, payment), payment, signature, funding: "account" };
    },
    signFx: (payment) => signFxPayment(wallet, domain, payment),
  };
}

/** A passkey in software: what a phone would answer on a page of example.com. */
async function openPasskeyPayer(stack: LocalStack, amount: bigint): Promise<Payer> {
  const key = hexlify(randomBytes(32));
  const address = p256Address(p256PublicKey(key));
  await depositFor(stack, [address], amount);
  return {
    address,
    sign(payment) {
      const id = paymentId(ledgerDomain(stack), payment);
      return Promise.resolve({ id, payment, signature: signInSoftware(key, assertionOf(id)), funding: "account" });
    },
    signFx: (payment) => Promise.resolve(signInSoftware(key, assertionOf(fxPaymentId(ledgerDomain(stack), payment)))),
  };
}

async function openTokenPayer(stack: LocalStack, amount: bigint): Promise<Payer> {
  const wallet = new Wallet(hexlify(randomBytes(32)));
  const { dollar, euro, gateway } = stack.deployment;
  const names = new Map([
    [dollar, "Test Dollar"],
    [euro, "Test Euro"],
  ]);
  for (const token of names.keys()) {
    await (await TestToken__factory.connect(token, stack.deployer).mint(wallet.address, amount)).wait();
  }
  const domain = { chainId: LOCAL_CHAIN_ID, gateway };
  return {
    address: wallet.address,
    async sign(payment) {
      const name = names.get(payment.token) ?? "";
      const token = { name, version: "1", chainId: LOCAL_CHAIN_ID, address: payment.token };
      const signature = await signTypedData(wallet, erc3009Payment(domain, token, payment));
      return { id: gatewayPaymentId(domain, "erc3009", payment), payment, signature, funding: "erc3009" };
    },
  };
}

/** A purchase that is yet to be signed for. */
export interface Order {
  readonly payer: Payer;
  /** What the merchant is to get, from the payer's account in her own token. */
  readonly payment: Payment;
  /** The payment request that it pays. */
  readonly request?: string | undefined;
}

/**
 * Purchases by payers, in turn, of merchants, in turn. @param payTokenOf In which token a payer pays a merchant; by default in
 * the merchant's own. A nonce counts in the account that pays.
 */
export async function composeOrders(
  stack: LocalStack,
  payers: readonly Payer[],
  merchants: readonly Merchant[],
  count: number,
  payTokenOf: (payer: Payer, merchant: Merchant) => string = (_payer, { token }) => token,
): Promise<Order[]> {
  const deadline = await deadlineIn(stack, 3_600n);
  const nonces = new Map<string, bigint>();
  return Array.from({ length: count }, (_, index) => {
    const payer = payers[index % payers.length];
    const merchant = merchants[(index + Math.floor(index / payers.length)) % merchants.length];
    if (payer === undefined || merchant === undefined) throw new Error("No payers or no merchants");
    const account = `${payer.address}:${payTokenOf(payer, merchant)}`;
    const nonce = nonces.get(account) ?? 0n;
    nonces.set(account, nonce + 1n);
    const payment: Payment = {
      payer: payer.address,
      payee: merchant.wallet.address,
      token: merchant.token,
      amount: 1_000_000n + BigInt(index % 97) * 123_457n,
      nonce,
      deadline,
      memo: hexlify(randomBytes(32)),
    };
    return { payer, payment };
  });
}

/** Lets payers sign, in turn, payments to merchants, in turn. Off chain: nothing is sent. */
export async function signPayments(
  stack: LocalStack,
  payers: readonly Payer[],
  merchants: readonly Merchant[],
  count: number,
): Promise<SignedPayment[]> {
  const signed: SignedPayment[] = [];
  for (const { payer, payment } of await composeOrders(stack, payers, merchants, count)) {
    signed.push(await payer.sign(payment));
  }
  return signed;
}

const REQUESTS_AT_ONCE = 48;

/**
 * Hands the payments over, many at a time, again and again while the relayer cannot be reached: a payment's id makes that
 * safe. @returns what was refused.
 */
export async function submitAll(
  client: CorridorClient,
  payments: readonly SignedPayment[],
  onAccepted: () => void,
  giveUp: () => boolean,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  await inParallel(payments, async ({ id, payment, signature, funding, request }) => {
    for (;;) {
      try {
        await client.submitPayment(payment, signature, request, funding);
        onAccepted();
        return;
      } catch (error) {
        if (error instanceof ProblemError && error.problem.status < 500) {
          refused.set(id, error.problem.code);
          return;
        }
        if (giveUp()) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  });
  return refused;
}

/** Runs `work` for each item, a bounded number at a time. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(REQUESTS_AT_ONCE, items.length) }, async () => {
      for (;;) {
        const item = items[next];
        next += 1;
        if (item === undefined) return;
        await work(item);
      }
    }),
  );
}
