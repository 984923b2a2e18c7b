import {
  type ContractTransactionResponse,
  hexlify,
  keccak256,
  type Provider,
  randomBytes,
  type Signer,
  Wallet,
} from "ethers";

import { rowCode } from "../../sdk/row-codes.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { paymentId, signPayment } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { DeployError } from "./deploy-error.ts";

const WAIT_MS = 600_000;

export interface SmokeToken {
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
  /** Whether it is one that anyone can mint. */
  readonly mintable: boolean;
}

export interface SmokeResult {
  readonly token: string;
  /** {qTok} */
  readonly amount: string;
  readonly payment: string;
  readonly gas: bigint;
  readonly fee: bigint;
  readonly transactions: number;
}

/** A hundredth of one unit. {qTok} */
export function smokeAmount(decimals: number): bigint {
  return 10n ** BigInt(Math.max(decimals - 2, 0));
}

/**
 * Who pays: a key that only the deployer can derive, and derives again after a crash, so that the payment's money is found by
 * the next run.
 */
export async function smokePayer(deployer: Signer, chainId: number, ledger: string): Promise<Wallet> {
  return new Wallet(
    keccak256(await deployer.signMessage(`Corridor smoke payment, chain ${chainId}, Ledger ${ledger}`)),
  );
}

/**
 * One payment all the way: the deployer deposits for a payer, the payer signs, anyone settles, the deployer, who is paid,
 * withdraws. What it moves ends where it was. @throws DeployError `smoke_failed`
 */
export async function smokePayment(
  provider: Provider,
  deployer: Signer,
  payer: Wallet,
  where: {
    readonly chainId: number;
    readonly ledger: string;
    readonly token: SmokeToken;
    /** Blocks to wait for after each step, so that whichever node answers next knows of it. */
    readonly confirmations: number;
  },
): Promise<SmokeResult> {
  const { chainId, ledger: at, token, confirmations } = where;
  const ledger = Ledger__factory.connect(at, deployer);
  const coin = TestToken__factory.connect(token.address, deployer);
  const payee = await deployer.getAddress();
  const amount = smokeAmount(token.decimals);
  const spent = { gas: 0n, fee: 0n, transactions: 0 };
  const send = async (sent: Promise<ContractTransactionResponse>): Promise<void> => {
    const receipt = await (await sent).wait(confirmations, WAIT_MS);
    if (receipt?.status !== 1) throw failed(`The transaction ${(await sent).hash} did not succeed.`);
    spent.gas += receipt.gasUsed;
    spent.fee += receipt.fee;
    spent.transactions += 1;
  };

  const account = await ledger.accountOf(payer.address, token.address);
  if (account.balance < amount) {
    if (token.mintable) await send(coin.mint(payee, amount));
    if ((await coin.allowance(payee, at)) < amount) await send(coin.approve(at, amount));
    await send(ledger.deposit(token.address, payer.address, amount));
  }
  const latest = await provider.getBlock("latest");
  const payment = {
    ...{ payer: payer.address, payee, token: token.address, amount, nonce: account.nextNonce },
    ...{ deadline: BigInt(latest?.timestamp ?? 0) + 86_400n, memo: hexlify(randomBytes(32)) },
  };
  const signature = await signPayment(payer, { chainId: BigInt(chainId), ledger: at }, payment);
  const compact = toCompactSignature(signature);
  if (compact === undefined) throw failed("The payer's signature is none.");
  const { nonce, deadline, memo } = payment;
  const rows = [{ payer: payer.address, amount, nonce, deadline, memo, ...compact }];
  const batches = [{ payee, token: token.address, rows }];
  const code = Number((await ledger.settle.staticCall(batches))[0]?.[0] ?? 0);
  if (rowCode(code) !== "settled") throw failed(`The Ledger would reject the payment: ${rowCode(code)}.`);
  const before = await coin.balanceOf(payee);
  await send(ledger.settle(batches));
  const credited = (await ledger.accountOf(payee, token.address)).balance;
  if (credited < amount) throw failed(`The payee has ${credited} in the Ledger.`);
  await send(ledger.withdraw(token.address, payee, amount));
  const got = (await coin.balanceOf(payee)) - before;
  if (got !== amount) throw failed(`The withdrawal paid ${got} of ${amount}.`);
  const id = paymentId({ chainId: BigInt(chainId), ledger: at }, payment);
  return { token: token.symbol, amount: amount.toString(), payment: id, ...spent };
}

function failed(found: string): DeployError {
  return new DeployError(
    "smoke_failed",
    found,
    "a payment that is deposited, settled and withdrawn",
    "the contracts are there, and their file is written; run the command again to repeat the payment",
  );
}
