import { quantity } from "./chain-reader.ts";

interface Source {
  send(method: string, params: unknown[]): Promise<unknown>;
}

interface FullTransaction {
  readonly hash: string;
  readonly from: string;
  readonly nonce: string;
}

/**
 * The hash of the transaction that used a nonce of an account up, in block `to` or before. A node may not know a receipt, or
 * not yet: only the winner itself is evidence that another transaction has lost.
 * @returns undefined if the node's answers do not show it.
 */
export async function findNonceWinner(
  source: Source,
  account: string,
  nonce: bigint,
  to: bigint,
): Promise<string | undefined> {
  const isUsedAt = async (block: bigint): Promise<boolean> => {
    const count = await source.send("eth_getTransactionCount", [account, quantity(block)]);
    return BigInt(String(count)) > nonce;
  };
  if (!(await isUsedAt(to))) return undefined;
  let used = to;
  let unused = -1n;
  for (let back = 1n; used > 0n; back *= 2n) {
    const block = to > back ? to - back : 0n;
    if (!(await isUsedAt(block))) {
      unused = block;
      break;
    }
    used = block;
  }
  while (used - unused > 1n) {
    const middle = (used + unused) / 2n;
    if (await isUsedAt(middle)) used = middle;
    else unused = middle;
  }
  const block = (await source.send("eth_getBlockByNumber", [quantity(used), true])) as {
    readonly transactions: readonly FullTransaction[];
  } | null;
  const isWinner = ({ from, nonce: of }: FullTransaction): boolean =>
    from.toLowerCase() === account.toLowerCase() && BigInt(of) === nonce;
  return block?.transactions.find(isWinner)?.hash;
}
