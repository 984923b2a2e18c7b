import type { JsonRpcProvider } from "ethers";

/** What was seen of some accounts' transactions before they were mined. */
export interface MempoolRecord {
  /** The most that one account had waiting at a time. */
  readonly mostWaiting: number;
  /** Transactions that another one with the same nonce took the place of. */
  readonly replaced: number;
  stop(): Promise<MempoolRecord>;
}

interface Pool {
  readonly pending?: Readonly<Record<string, Readonly<Record<string, { readonly hash: string }>>>>;
}

const INTERVAL_MS = 200;

/** Looks into a node's mempool again and again (`txpool_content`). */
export function watchMempool(provider: JsonRpcProvider, accounts: readonly string[]): MempoolRecord {
  const seen = new Map<string, Set<string>>();
  let mostWaiting = 0;
  let stopped = false;
  const look = async (): Promise<void> => {
    const { pending = {} } = (await provider.send("txpool_content", [])) as Pool;
    const byAccount = new Map(Object.entries(pending).map(([address, txs]) => [address.toLowerCase(), txs]));
    for (const account of accounts) {
      const waiting = Object.entries(byAccount.get(account.toLowerCase()) ?? {});
      mostWaiting = Math.max(mostWaiting, waiting.length);
      for (const [nonce, { hash }] of waiting) {
        const key = `${account}:${nonce}`;
        seen.set(key, (seen.get(key) ?? new Set()).add(hash));
      }
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    }
  };
  const running = loop();
  const record: MempoolRecord = {
    get mostWaiting() {
      return mostWaiting;
    },
    get replaced() {
      return [...seen.values()].reduce((sum, hashes) => sum + hashes.size - 1, 0);
    },
    async stop() {
      stopped = true;
      await running;
      return record;
    },
  };
  return record;
}
