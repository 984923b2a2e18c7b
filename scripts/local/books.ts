import { replayAccounts } from "../../sdk/record/replay-accounts.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import type { LocalStack } from "./stack.ts";

/** The settlement of a run, as the chain alone tells it. */
export interface Books {
  readonly payments: number;
  readonly transactions: number;
  readonly batches: number;
  readonly gasUsed: bigint;
  /** Fees of the operators by token. */
  readonly fees: ReadonlyMap<string, bigint>;
  /** Credited to each payee, net of fees. */
  readonly credited: ReadonlyMap<string, bigint>;
  /** Ids with exactly one event; a second one would show as imbalance. */
  readonly settled: ReadonlySet<string>;
  /** What does not add up; empty if the books balance. */
  readonly imbalances: readonly string[];
}

/** Rebuilds every account from the events of Ledger and Gateway and holds it against the contracts' own balances. */
export async function readBooks(stack: LocalStack): Promise<Books> {
  const { ledger: address, gateway } = stack.deployment;
  const ledger = Ledger__factory.connect(address, stack.provider);
  const logs = await stack.provider.getLogs({ address: [address, gateway], fromBlock: 0, toBlock: "latest" });
  const { accounts, fees, credited, settled, transactions, batches, imbalances: found } = replayAccounts(logs, gateway);
  const imbalances = [...found];

  for (const token of [stack.deployment.dollar, stack.deployment.euro, stack.deployment.yen]) {
    let sum = 0n;
    for (const [owner, amount] of accounts.get(token) ?? []) {
      const onChain = (await ledger.accountOf(owner, token)).balance;
      if (onChain !== amount) imbalances.push(`${owner} holds ${onChain}, its events say ${amount}`);
      sum += amount;
    }
    const supply = await ledger.totalSupply(BigInt(token));
    const held = await TestToken__factory.connect(token, stack.provider).balanceOf(address);
    if (sum !== supply) imbalances.push(`accounts of ${token} sum to ${sum}, the supply is ${supply}`);
    if (held < supply) imbalances.push(`the Ledger holds ${held} of ${token} for accounts of ${supply}`);
  }

  let gasUsed = 0n;
  for (const hash of transactions) gasUsed += (await stack.provider.getTransactionReceipt(hash))?.gasUsed ?? 0n;
  return {
    payments: settled.size,
    transactions: transactions.size,
    batches,
    gasUsed,
    fees,
    credited,
    settled,
    imbalances,
  };
}
