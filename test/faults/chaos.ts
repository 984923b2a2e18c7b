import { id as hashOf } from "ethers";
import pg from "pg";

import { type Part, startPart } from "../../scripts/local/process.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { freePort } from "../journeys/local-stack.ts";
import type { Receiver } from "../relayer/receiver.ts";
import type { Random } from "./random.ts";
import { type Call, type Faults, HEALTHY, type Moment, type RpcProxy, startRpcProxy } from "./rpc-proxy.ts";

/** Where in its work a relayer is killed: after it claimed rows, signed, committed, sent, saw a receipt, read logs. */
export const EDGES = ["claim", "sign", "commit", "send", "receipt", "record"] as const;
export type Edge = (typeof EDGES)[number];

const SETTLE = Ledger__factory.createInterface().getFunction("settle").selector;

/** Whether a request shows that whoever sent it stands at an edge. */
function isAt(edge: Edge, { method, params }: Call, moment: Moment, result: unknown): boolean {
  switch (edge) {
    case "claim":
      return moment === "before" && method === "eth_call" && calldata(params).startsWith(SETTLE);
    case "commit":
      return moment === "before" && method === "eth_sendRawTransaction";
    case "send":
      return moment === "after" && method === "eth_sendRawTransaction";
    case "receipt":
      return moment === "after" && method === "eth_getTransactionReceipt" && result != null;
    case "record":
      return moment === "after" && method === "eth_getLogs" && Array.isArray(result) && result.length > 0;
    case "sign":
      return false;
  }
}

function calldata(params: readonly unknown[]): string {
  const [call] = params as [{ readonly data?: string; readonly input?: string } | undefined];
  return call?.data ?? call?.input ?? "";
}

/** A relayer behind nodes that fail, killed and started again. */
export interface Instance {
  readonly url: string;
  readonly proxies: readonly RpcProxy[];
  /** Ends of its own, of which there should be none. */
  readonly crashes: readonly string[];
  /** Kills it when it next stands at the edge, and starts it again after a while. Resolves when it is up again. */
  killAt(edge: Edge, pauseMs: number): Promise<void>;
  /** Kills it when the next message comes, before that is answered; maybe it was this one that sent it. */
  killWhenTold(receiver: Receiver, pauseMs: number): Promise<void>;
  /** Starts it, again and again until it stays up. */
  ensureUp(): Promise<void>;
  stop(): Promise<void>;
}

/** After this an edge that is not reached is given up; the kill happens all the same. */
const EDGE_LIMIT_MS = 6_000;
const START_LIMIT_MS = 60_000;

export async function startInstance(
  stack: LocalStack,
  random: Random,
  nodes: number,
  settings: Readonly<Record<string, string>>,
): Promise<Instance> {
  const port = await freePort();
  const proxies: RpcProxy[] = [];
  for (let index = 0; index < nodes; index += 1)
    proxies.push(await startRpcProxy(stack.chain.url, random.of(`node ${index}`)));
  const environment = {
    ...{ ...stack.environment, ...settings },
    CORRIDOR_PORT: String(port),
    CORRIDOR_RPC_URL: proxies.map(({ url }) => url).join(","),
  };
  let part: Part | undefined;
  /** What it printed when it ended although nobody had killed it. */
  const crashes: string[] = [];

  function start(): Promise<Part> {
    return startPart("relayer", "relayer/main.ts", [], environment).then((started) => {
      void started.exited.then((code) => {
        if (code !== null && code !== 0) crashes.push(started.printed().slice(-2_000));
      });
      return started;
    });
  }

  async function ensureUp(): Promise<void> {
    for (const end = Date.now() + START_LIMIT_MS; ;) {
      if (part?.child.exitCode === null && part.child.signalCode === null) return;
      try {
        part = await start();
      } catch (error) {
        // Its node may have failed it, or said that it is of another chain.
        if (Date.now() > end) throw error;
      }
    }
  }

  async function kill(): Promise<void> {
    part?.child.kill("SIGKILL");
    await part?.exited;
  }

  /** Resolves when the edge was reached and the process is dead. */
  async function killWhenAt(edge: Edge): Promise<void> {
    if (edge === "sign") return killWhileSigning(stack.environment.DATABASE_URL ?? "", kill);
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => {
        done();
      }, EDGE_LIMIT_MS);
      const done = (): void => {
        clearTimeout(limit);
        for (const proxy of proxies) proxy.watch = () => undefined;
        void kill().then(resolve);
      };
      for (const proxy of proxies) {
        proxy.watch = (call, moment, result) => {
          if (!isAt(edge, call, moment, result)) return;
          done();
          // Nothing of the request is done, or told, any more.
          throw new Error(`killed at ${edge}`);
        };
      }
    });
  }

  return {
    url: `http://127.0.0.1:${port}`,
    proxies,
    crashes,
    async killAt(edge, pauseMs) {
      await killWhenAt(edge);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await ensureUp();
    },
    async killWhenTold(receiver, pauseMs) {
      await new Promise<void>((resolve) => {
        const former = receiver.answer;
        const done = (): void => {
          clearTimeout(limit);
          receiver.answer = former;
          void kill().then(resolve);
        };
        const limit = setTimeout(done, EDGE_LIMIT_MS);
        receiver.answer = (response) => {
          response.destroy();
          done();
        };
      });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await ensureUp();
    },
    ensureUp,
    async stop() {
      await part?.stop();
      for (const proxy of proxies) await proxy.stop();
    },
  };
}

/** Holds the table that signed bytes go into, so that whoever has signed waits there, not committed; then kills. */
async function killWhileSigning(databaseUrl: string, kill: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("LOCK TABLE transactions IN EXCLUSIVE MODE");
    for (const end = Date.now() + EDGE_LIMIT_MS; Date.now() < end;) {
      const { rows } = await client.query(
        "SELECT 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'transactions' AND NOT l.granted",
      );
      if (rows.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await kill();
    await client.query("ROLLBACK");
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Faults of a node for a while, as the random numbers have it: often none, mostly one kind, now and then all. */
export function someFaults(random: Random, finalityDepth: number): Faults {
  const chance = (): number => 0.02 + random.next() * 0.25;
  const kinds: (() => Partial<Faults>)[] = [
    () => ({}),
    () => ({ drop: chance() }),
    () => ({ refuse: chance() }),
    () => ({ delay: chance() }),
    () => ({ duplicate: 1 }),
    () => ({ nullReceipt: 1 }),
    () => ({ staleReceipt: chance() }),
    () => ({ tooMany: chance() }),
    () => ({ internal: chance() }),
    () => ({ lag: 1 + random.below(finalityDepth) }),
    () => ({ fork: 1 + random.below(finalityDepth) }),
    () => ({ otherChain: true }),
    () => ({ drop: 0.05, refuse: 0.05, delay: 0.1, tooMany: 0.05, internal: 0.05, staleReceipt: 0.3 }),
  ];
  return { ...HEALTHY, ...random.pick(kinds)() };
}

/** Changes the faults of all nodes again and again until it is stopped; then they are healthy. */
export function stirUp(proxies: readonly RpcProxy[], random: Random, finalityDepth: number): { stop(): Promise<void> } {
  const state = { stopped: false };
  const stirring = (async () => {
    while (!state.stopped) {
      random.pick(proxies).faults = someFaults(random, finalityDepth);
      await new Promise((resolve) => setTimeout(resolve, 200 + random.below(600)));
    }
    for (const proxy of proxies) proxy.faults = HEALTHY;
  })();
  return {
    async stop() {
      state.stopped = true;
      await stirring;
    },
  };
}

/** A name for a run, to tell its payments from those of others. */
export function memoOf(seed: number, index: number): string {
  return hashOf(`faults ${seed} ${index}`);
}
