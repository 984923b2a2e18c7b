import { Contract } from "ethers";

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
  const abi = new Contract(address, Ledger__factory.abi).interface;
  const logs = await stack.provider.getLogs({ address: [address, gateway], fromBlock: 0, toBlock: "latest" });
  const accounts = new Map<string, bigint>();
  const fees = new Map<string, bigint>();
  const credited = new Map<string, bigint>();
  const settled = new Set<string>();
  const hashes = new Set<string>();
  const imbalances: string[] = [];
  let batches = 0;
  let open: { payer: string; amount: bigint }[] = [];
  const move = (owner: string, token: string, amount: bigint): void => {
    const key = `${owner}:${token}`;
    accounts.set(key, (accounts.get(key) ?? 0n) + amount);
  };

  for (const log of logs) {
    const event = abi.parseLog(log);
    // A pulled payment comes from no account, and the Ledger logs by itself what it credits.
    const isPulled = log.address === gateway;
    const args = event?.args.toObject() as Record<string, unknown> | undefined;
    if (event === null || args === undefined) continue;
    if (event.name === "Transfer") {
      const token = `0x${(args.id as bigint).toString(16).padStart(40, "0")}`;
      if (BigInt(String(args.sender)) !== 0n) move(String(args.sender), token, -(args.amount as bigint));
      if (BigInt(String(args.receiver)) !== 0n) move(String(args.receiver), token, args.amount as bigint);
    } else if (event.name === "Settled") {
      const id = String(args.id);
      if (settled.has(id)) imbalances.push(`payment ${id} settled twice`);
      settled.add(id);
      hashes.add(log.transactionHash);
      open.push({ payer: String(args.payer), amount: args.amount as bigint });
    } else if (event.name === "BatchSettled") {
      const token = String(args.token).toLowerCase();
      const [gross, fee] = [args.gross as bigint, args.fee as bigint];
      const sum = open.reduce((total, row) => total + row.amount, 0n);
      if (sum !== gross) imbalances.push(`a batch in ${log.transactionHash} credits ${gross} for ${sum}`);
      if (!isPulled) {
        for (const row of open) move(row.payer, token, -row.amount);
        move(String(args.payee), token, gross - fee);
        move(String(args.operator), token, fee);
      }
      open = [];
      batches += 1;
      fees.set(token, (fees.get(token) ?? 0n) + fee);
      credited.set(String(args.payee), (credited.get(String(args.payee)) ?? 0n) + gross - fee);
    }
  }

  for (const token of [stack.deployment.dollar, stack.deployment.euro, stack.deployment.yen]) {
    const mine = [...accounts].filter(([key]) => key.endsWith(token.toLowerCase()));
    let sum = 0n;
    for (const [key, amount] of mine) {
      const owner = key.split(":")[0] ?? "";
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
  for (const hash of hashes) gasUsed += (await stack.provider.getTransactionReceipt(hash))?.gasUsed ?? 0n;
  return { payments: settled.size, transactions: hashes.size, batches, gasUsed, fees, credited, settled, imbalances };
}
