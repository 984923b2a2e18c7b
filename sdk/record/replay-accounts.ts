import { getAddress, Interface, toBeHex } from "ethers";

import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";

const LEDGER = new Interface(ILedger__factory.abi);

/** What is needed of an event of Ledger or Gateway. */
export interface ReplayLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
}

/** What the events of Ledger and Gateway come to. Addresses with their checksum, amounts in smallest units. */
export interface Replay {
  /** Balances by token, then by owner. */
  readonly accounts: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  /** Minted less burnt, by token. */
  readonly supplies: ReadonlyMap<string, bigint>;
  /** Fees of the operators by token. */
  readonly fees: ReadonlyMap<string, bigint>;
  /** Credited to each payee, net of fees. */
  readonly credited: ReadonlyMap<string, bigint>;
  /** Ids of settled payments; a second event for one shows as imbalance. */
  readonly settled: ReadonlySet<string>;
  /** The transactions that settled them. */
  readonly transactions: ReadonlySet<string>;
  readonly batches: number;
  /** What does not add up; empty if the events are consistent. */
  readonly imbalances: readonly string[];
}

/** Rebuilds every account from all events of Ledger and Gateway, in the chain's order. */
export function replayAccounts(logs: readonly ReplayLog[], gateway: string | null): Replay {
  const accounts = new Map<string, Map<string, bigint>>();
  const supplies = new Map<string, bigint>();
  const fees = new Map<string, bigint>();
  const credited = new Map<string, bigint>();
  const settled = new Set<string>();
  const transactions = new Set<string>();
  const imbalances: string[] = [];
  let batches = 0;
  let open: { payer: string; amount: bigint }[] = [];

  function move(owner: string, token: string, amount: bigint): void {
    const ofToken = accounts.get(token) ?? new Map<string, bigint>();
    const balance = (ofToken.get(owner) ?? 0n) + amount;
    if (balance < 0n) imbalances.push(`${owner} spends more of ${token} than the events gave her`);
    accounts.set(token, ofToken.set(owner, balance));
  }

  for (const log of logs) {
    // A pulled payment comes from no account, and the Ledger logs by itself what it credits.
    const isPulled = log.address.toLowerCase() === gateway?.toLowerCase();
    const event = LEDGER.parseLog(log);
    const args = event?.args.toObject() as Record<string, unknown> | undefined;
    if (event === null || args === undefined) continue;
    if (event.name === "Transfer") {
      const token = getAddress(toBeHex(args.id as bigint, 20));
      const [sender, receiver, amount] = [String(args.sender), String(args.receiver), args.amount as bigint];
      const isMint = BigInt(sender) === 0n;
      const isBurn = BigInt(receiver) === 0n;
      if (!isMint) move(sender, token, -amount);
      if (!isBurn) move(receiver, token, amount);
      if (isMint !== isBurn) supplies.set(token, (supplies.get(token) ?? 0n) + (isMint ? amount : -amount));
    } else if (event.name === "Settled") {
      const id = String(args.id);
      if (settled.has(id)) imbalances.push(`payment ${id} settled twice`);
      settled.add(id);
      transactions.add(log.transactionHash);
      open.push({ payer: String(args.payer), amount: args.amount as bigint });
    } else if (event.name === "BatchSettled") {
      const [payee, operator, token] = [String(args.payee), String(args.operator), String(args.token)];
      const [gross, fee] = [args.gross as bigint, args.fee as bigint];
      const sum = open.reduce((total, row) => total + row.amount, 0n);
      if (sum !== gross) imbalances.push(`a batch in ${log.transactionHash} credits ${gross} for ${sum}`);
      if (!isPulled) {
        for (const row of open) move(row.payer, token, -row.amount);
        move(payee, token, gross - fee);
        move(operator, token, fee);
      }
      open = [];
      batches += 1;
      fees.set(token, (fees.get(token) ?? 0n) + fee);
      credited.set(payee, (credited.get(payee) ?? 0n) + gross - fee);
    }
  }
  return { accounts, supplies, fees, credited, settled, transactions, batches, imbalances };
}
