import type { RecordContracts } from "../sdk/record/contracts.ts";
import type { RpcCall } from "../sdk/record/rpc.ts";
import type { BlockHeader } from "../sdk/record/rpc-answers.ts";
import type { Books } from "./books.ts";
import type { ExceptionLog } from "./exceptions.ts";
import { type TrialBalance, trialBalance } from "./journal.ts";
import { checkReserves, type TokenReserves } from "./reserves.ts";

/** How the books of a token stand at the end. */
export interface TokenBooks extends TrialBalance {
  readonly token: string;
  /** Fees of the operators in the range. */
  readonly fees: bigint;
  /** Null: its reserves were not asked for. */
  readonly reserves: TokenReserves | null;
}

/** Trial balance and reserves of each token. @param chosen Whose reserves are to be proven; null: all. */
export async function closeBooks(
  rpc: RpcCall,
  books: Books,
  contracts: RecordContracts,
  range: { readonly fromBlock: number; readonly end: BlockHeader },
  chosen: readonly string[] | null,
  exceptions: ExceptionLog,
): Promise<TokenBooks[]> {
  const tokens: TokenBooks[] = [];
  for (const [token, journal] of books.journals) {
    const balance = trialBalance(journal);
    if (!balance.isBalanced) {
      const detail = `${balance.debits} debited, ${balance.credits} credited, ${balance.owed} owed`;
      exceptions.note("unbalanced", token, books.supplies.get(token) ?? null, detail);
    }
    let fees = 0n;
    for (const [key, fee] of books.fees) if (key.startsWith(`${token}:`)) fees += fee;
    const isChosen = chosen === null || chosen.includes(token);
    const reserves = isChosen
      ? await checkReserves(rpc, books, contracts.ledger, token, balance.owed, range, exceptions)
      : null;
    tokens.push({ token, ...balance, fees, reserves });
  }
  checkKeptMoney(books, contracts, exceptions);
  return tokens;
}

/**
 * A scheme keeps what it holds for others, and what strangers sent it, which nobody can take out again; the Escrow its open holds, the
 * others nothing.
 */
function checkKeptMoney(books: Books, contracts: RecordContracts, { note }: ExceptionLog): void {
  const owed = new Map<string, bigint>();
  const { escrow, exchange, gateway } = contracts;
  for (const { status, token, amount, captured } of books.holds.values()) {
    if (status !== "open" && status !== "disputed") continue;
    const key = `${token}:${escrow}`;
    owed.set(key, (owed.get(key) ?? 0n) + amount - captured);
  }
  for (const token of books.journals.keys()) {
    for (const scheme of [escrow, exchange, gateway]) {
      if (scheme === null) continue;
      const key = `${token}:${scheme}`;
      const due = (owed.get(key) ?? 0n) + (books.strays.get(key) ?? 0n);
      const account = books.accounts.get(key);
      if ((account?.balance ?? 0n) === due) continue;
      note("kept_money", `${scheme} ${token}`, account ?? null, `it has ${account?.balance ?? 0n} and owes ${due}`);
    }
  }
}
