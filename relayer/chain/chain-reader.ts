import { addressIn, type ChainLog } from "./chain-log.ts";

export interface ChainBlock {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: bigint;
  readonly baseFee: bigint;
  /** Hashes of what it carries. */
  readonly transactions: readonly string[];
}

/** That a transaction was mined, and what it came to. */
export interface Receipt {
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly feeWei: bigint;
}

/** What a node says of blocks. Nothing is cached, and nothing is parsed that is not used. */
export interface ChainReader {
  block(number: bigint | "latest"): Promise<ChainBlock | undefined>;
  /**
   * The logs of the contracts that are followed, in their order. A node that is behind answers a range as if the blocks that it
   * lacks were empty.
   */
  logs(from: bigint, to: bigint): Promise<readonly ChainLog[]>;
  /** Those of one block. @throws what the node answers if it does not know the block. */
  logsOf(block: ChainBlock): Promise<readonly ChainLog[]>;
  /** `undefined` is no evidence that a transaction was not mined. */
  receipt(hash: string): Promise<Receipt | undefined>;
  /** Whether most of the nodes say that a transaction was not mined, and none says that it was. */
  isAbsent(hash: string): Promise<boolean>;
}

/** What the reader asks. */
export interface ChainSource {
  send(method: string, params: unknown[]): Promise<unknown>;
  sendToAll(method: string, params: unknown[]): Promise<readonly { readonly value: unknown }[]>;
  readonly quorum: number;
}

interface RawBlock {
  readonly number: string;
  readonly hash: string | null;
  readonly parentHash: string;
  readonly timestamp: string;
  readonly baseFeePerGas?: string;
  readonly transactions: readonly string[];
}

interface RawReceipt {
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly status: string;
  readonly gasUsed: string;
  readonly effectiveGasPrice?: string;
}

export function createChainReader(provider: ChainSource, addresses: readonly string[]): ChainReader {
  async function readLogs(range: Readonly<Record<string, string>>): Promise<ChainLog[]> {
    const logs = (await provider.send("eth_getLogs", [{ address: addresses, ...range }])) as (Omit<
      ChainLog,
      "blockNumber" | "logIndex"
    > & { readonly blockNumber: string; readonly logIndex: string })[];
    return logs.map(({ address, topics, data, transactionHash, blockHash, blockNumber, logIndex }) => ({
      ...{ topics, data, transactionHash, blockHash },
      address: addressIn(address),
      blockNumber: Number(blockNumber),
      logIndex: Number(logIndex),
    }));
  }

  return {
    async block(number) {
      const tag = number === "latest" ? number : quantity(number);
      const block = (await provider.send("eth_getBlockByNumber", [tag, false])) as RawBlock | null;
      if (block?.hash == null) return undefined;
      return {
        number: BigInt(block.number),
        hash: block.hash,
        parentHash: block.parentHash,
        timestamp: BigInt(block.timestamp),
        baseFee: BigInt(block.baseFeePerGas ?? 0),
        transactions: block.transactions,
      };
    },
    logs: (from, to) => readLogs({ fromBlock: quantity(from), toBlock: quantity(to) }),
    logsOf: ({ hash }) => readLogs({ blockHash: hash }),
    async receipt(hash) {
      const receipt = (await provider.send("eth_getTransactionReceipt", [hash])) as RawReceipt | null;
      if (receipt === null) return undefined;
      const gasUsed = BigInt(receipt.gasUsed);
      return {
        blockNumber: BigInt(receipt.blockNumber),
        blockHash: receipt.blockHash,
        succeeded: receipt.status === "0x1",
        gasUsed,
        feeWei: gasUsed * BigInt(receipt.effectiveGasPrice ?? 0),
      };
    },
    async isAbsent(hash) {
      const answers = await provider.sendToAll("eth_getTransactionReceipt", [hash]);
      return answers.length >= provider.quorum && answers.every(({ value }) => value === null);
    },
  };
}

/** A call as of one very block (EIP-1898): a node that does not know the block says so instead of answering for another. */
export async function callAt(
  provider: Pick<ChainSource, "send">,
  to: string,
  data: string,
  block: Pick<ChainBlock, "hash">,
): Promise<string> {
  return (await provider.send("eth_call", [{ to, data }, { blockHash: block.hash }])) as string;
}

export function quantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}
