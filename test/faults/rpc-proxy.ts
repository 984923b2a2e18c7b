import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { id as hashOf } from "ethers";

import type { Random } from "./random.ts";

/** What a node may do to whoever asks it. Each lasts as long as it is set; the others strike request by request. */
export interface Faults {
  /** Does what it was asked for and drops the connection instead of answering. {0..1} */
  readonly drop: number;
  /** Drops the connection at once. */
  readonly refuse: number;
  readonly delay: number;
  /** Does what it was asked for twice. */
  readonly duplicate: number;
  /** Knows no receipt. */
  readonly nullReceipt: number;
  /** Tells a receipt as of a block that is not on the chain any more. */
  readonly staleReceipt: number;
  /** "Too many requests." */
  readonly tooMany: number;
  /** "Internal error." */
  readonly internal: number;
  /** Is so many blocks behind. */
  readonly lag: number;
  /** Is on a branch of its own since so many blocks. */
  readonly fork: number;
  /** Says that it is of another chain. */
  readonly otherChain: boolean;
}

export const HEALTHY: Faults = {
  ...{ drop: 0, refuse: 0, delay: 0, duplicate: 0, nullReceipt: 0, staleReceipt: 0, tooMany: 0, internal: 0 },
  ...{ lag: 0, fork: 0, otherChain: false },
};

/** When a request has come in, and when it was done but not answered yet. */
export type Moment = "before" | "after";

export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface RpcProxy {
  readonly url: string;
  faults: Faults;
  /** Called at each moment of each request; what it returns is awaited. */
  watch: (call: Call, moment: Moment, result: unknown) => void | Promise<void>;
  stop(): Promise<void>;
}

const LONGEST_DELAY_MS = 600;
const JSON_TYPE = { "content-type": "application/json" };

/** A JSON-RPC node in front of another one that fails as it is told to, the same way for the same random numbers. */
export async function startRpcProxy(target: string, random: Random): Promise<RpcProxy> {
  /** Blocks of branches of its own. */
  const forged = new Set<string>();
  /** The branch that the node is on while it is on one of its own. */
  let branch: { readonly base: number; readonly name: string } | undefined;

  async function ask(method: string, params: readonly unknown[]): Promise<Answer> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(target, { method: "POST", headers: JSON_TYPE, body });
    return (await response.json()) as Answer;
  }

  async function head(): Promise<number> {
    return Number((await ask("eth_blockNumber", [])).result);
  }

  /** The last block that this node tells the truth about; undefined: all of them. */
  async function horizon(): Promise<number | undefined> {
    const { lag, fork } = proxy.faults;
    if (fork === 0) branch = undefined;
    else branch ??= { base: Math.max(0, (await head()) - fork), name: String(random.next()) };
    if (lag > 0) return Math.max(0, (await head()) - lag);
    return branch?.base;
  }

  async function answer({ method, params }: Call): Promise<Answer> {
    const { faults } = proxy;
    if (method === "eth_chainId" && faults.otherChain) return { result: "0x1" };
    const known = await horizon();
    if (known === undefined) return ask(method, params);
    const hex = `0x${known.toString(16)}`;
    const latestIs = (tag: unknown): unknown => (tag === "latest" || Number(tag) > known ? hex : tag);
    switch (method) {
      case "eth_blockNumber":
        return branch === undefined ? { result: hex } : ask(method, params);
      case "eth_getBlockByNumber":
        return branch === undefined ? laggingBlock(params, known) : forkedBlock(params, known, branch.name);
      case "eth_getLogs": {
        const [filter] = params as [{ fromBlock: string; toBlock: string; blockHash?: string }];
        if (filter.blockHash !== undefined) return logsOf(filter.blockHash, known, params);
        if (Number(filter.fromBlock) > known) return { result: [] };
        return ask(method, [{ ...filter, toBlock: latestIs(filter.toBlock) }]);
      }
      case "eth_getTransactionReceipt": {
        const receipt = await ask(method, params);
        const { blockNumber } = (receipt.result ?? { blockNumber: "0x0" }) as { blockNumber: string };
        return Number(blockNumber) > known ? { result: null } : receipt;
      }
      case "eth_getTransactionCount":
      case "eth_getBalance":
      case "eth_call":
        return ask(method, [params[0], latestIs(params[1])]);
      default:
        return ask(method, params);
    }
  }

  async function logsOf(blockHash: string, known: number, params: readonly unknown[]): Promise<Answer> {
    if (forged.has(blockHash)) return { result: [] };
    const block = (await ask("eth_getBlockByHash", [blockHash, false])).result as { number: string } | null;
    if (block !== null && Number(block.number) <= known) return ask("eth_getLogs", params);
    return { error: { code: -32_000, message: "unknown block" } };
  }

  async function laggingBlock(params: readonly unknown[], known: number): Promise<Answer> {
    const [tag, full] = params;
    if (tag === "latest") return ask("eth_getBlockByNumber", [`0x${known.toString(16)}`, full]);
    return Number(tag) > known ? { result: null } : ask("eth_getBlockByNumber", params);
  }

  async function forkedBlock(params: readonly unknown[], known: number, name: string): Promise<Answer> {
    const found = await ask("eth_getBlockByNumber", params);
    const block = found.result as { number: string; hash: string; parentHash: string; transactions: string[] } | null;
    if (block === null || Number(block.number) <= known) return found;
    const other = (hash: string): string => hashOf(hash + name);
    const parentHash = Number(block.number) === known + 1 ? block.parentHash : other(block.parentHash);
    forged.add(other(block.hash));
    return { result: { ...block, hash: other(block.hash), parentHash, transactions: [] } };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = JSON.parse(Buffer.concat(chunks).toString()) as Call & { readonly id: number };
    const strikes = (chance: number): boolean => random.next() < chance;
    const { faults } = proxy;
    if (strikes(faults.refuse)) {
      request.socket.destroy();
      return;
    }
    if (strikes(faults.delay)) await new Promise((resolve) => setTimeout(resolve, random.below(LONGEST_DELAY_MS)));
    if (strikes(faults.tooMany)) {
      response.writeHead(429, { "retry-after": "1" }).end();
      return;
    }
    const reply = (answered: Answer): void => {
      response.writeHead(200, JSON_TYPE).end(JSON.stringify({ jsonrpc: "2.0", id: call.id, ...answered }));
    };
    if (strikes(faults.internal)) {
      reply({ error: { code: -32603, message: "Internal error" } });
      return;
    }
    await proxy.watch(call, "before", undefined);
    let answered = await answer(call);
    if (call.method === "eth_sendRawTransaction" && strikes(faults.duplicate)) answered = await answer(call);
    await proxy.watch(call, "after", answered.result);
    if (strikes(faults.drop)) {
      request.socket.destroy();
      return;
    }
    if (call.method === "eth_getTransactionReceipt" && answered.result != null) {
      if (strikes(faults.nullReceipt)) answered = { result: null };
      else if (strikes(faults.staleReceipt)) {
        answered = { result: { ...answered.result, blockHash: hashOf(String(random.next())) } };
      }
    }
    reply(answered);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      request.socket.destroy();
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  const proxy: RpcProxy = {
    url: `http://127.0.0.1:${port}`,
    faults: HEALTHY,
    watch: () => undefined,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}
