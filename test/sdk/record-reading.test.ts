import { expect } from "chai";
import { keccak256, toBeHex, ZeroHash } from "ethers";

import { readEnd, readLogs, readLogSteps } from "../../sdk/record/chain-logs.ts";
import { invoiceMemo, newSalt } from "../../sdk/record/memo.ts";
import { RecordError } from "../../sdk/record/record-error.ts";
import { downsample } from "../../sdk/record/reserves-history.ts";
import { httpRpc, type RpcCall, RpcError } from "../../sdk/record/rpc.ts";
import { retryingRpc } from "../../sdk/record/rpc-retries.ts";

const ADDRESS = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
const filter = { address: [ADDRESS], topics: [ZeroHash] };
const hashOf = (block: number): string => keccak256(toBeHex(block, 32));

/** A chain with an event in each block, whose node answers for so many blocks at once. */
function chainOf(blocks: number, most: number, asked: [number, number][] = []): RpcCall {
  return (method, params) => {
    const [first] = params as [unknown];
    if (method === "eth_getBlockByNumber") {
      const number = first === "latest" ? blocks : Number(first);
      return Promise.resolve({ number: toBeHex(number), hash: hashOf(number), timestamp: "0x1" });
    }
    const { fromBlock, toBlock } = first as { fromBlock: string; toBlock: string };
    const [from, to] = [Number(fromBlock), Number(toBlock)];
    if (to - from + 1 > most) return Promise.reject(new RpcError("range_too_large", "too many", -32_005));
    asked.push([from, to]);
    return Promise.resolve(Array.from({ length: to - from + 1 }, (_, index) => logAt(from + index)));
  };
}

function logAt(block: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...{ address: ADDRESS, topics: [ZeroHash], data: "0x", blockNumber: toBeHex(block), blockHash: hashOf(block) },
    ...{ transactionHash: ZeroHash, logIndex: "0x0", ...changes },
  };
}

async function failureOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
    return "none";
  } catch (error) {
    return error instanceof RpcError || error instanceof RecordError ? error.failure : (error as Error).name;
  }
}

describe("events over long ranges", () => {
  it("halves its steps where the node refuses, grows again, and leaves no block out", async () => {
    for (const most of [1, 2, 3, 7, 64, 1_000]) {
      const asked: [number, number][] = [];
      const rpc = chainOf(500, most, asked);
      const done: number[] = [];
      const logs = await readLogs(rpc, filter, 3, await readEnd(rpc, "latest"), {
        firstStep: 100,
        onProgress: (progress) => done.push(progress.done),
      });
      expect(logs.map(({ blockNumber }) => blockNumber)).to.deep.equal(Array.from({ length: 498 }, (_, i) => i + 3));
      expect(done.at(-1)).to.equal(500);
      expect(Math.max(...asked.map(([from, to]) => to - from + 1))).to.be.within(Math.min(most, 100) / 2, most);
    }
  });

  it("comes in steps that hold no more than is wanted at once, all of it", async () => {
    const rpc = chainOf(500, 1_000);
    const sizes: number[] = [];
    const options = { firstStep: 2, mostLogs: 20 };
    for await (const { fromBlock, toBlock, logs } of readLogSteps(
      rpc,
      filter,
      0,
      await readEnd(rpc, "latest"),
      options,
    )) {
      expect(logs).to.have.length(toBlock - fromBlock + 1);
      sizes.push(logs.length);
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(501);
    expect(Math.max(...sizes)).to.be.at.most(40);
  });

  it("gives up when a single block is too much, when it is told to, and when the chain changes", async () => {
    const end = await readEnd(chainOf(50, 9), "latest");
    expect(await failureOf(readLogs(chainOf(50, 0), filter, 0, end))).to.equal("range_too_large");
    const stop = new AbortController();
    const options = {
      firstStep: 1,
      signal: stop.signal,
      onProgress: (): void => {
        stop.abort();
      },
    };
    expect(await failureOf(readLogs(chainOf(50, 9), filter, 0, end, options))).to.equal("AbortError");
    const reorged = { ...end, hash: ZeroHash };
    expect(await failureOf(readLogs(chainOf(50, 9), filter, 0, reorged))).to.equal("reorged");
  });

  it("does not believe events that it did not ask for", async () => {
    const end = await readEnd(chainOf(5, 9), "latest");
    const lies = [
      [logAt(6)],
      [logAt(1, { address: `0x${"11".repeat(20)}` })],
      [logAt(1, { topics: [hashOf(1)] })],
      [logAt(1, { topics: [] })],
      [logAt(1), logAt(1)],
    ];
    for (const lie of lies) {
      const rpc: RpcCall = (method, params) =>
        method === "eth_getLogs" ? Promise.resolve(lie) : chainOf(5, 9)(method, params);
      expect(await failureOf(readLogs(rpc, filter, 0, end))).to.equal("contradiction");
    }
    for (const nonsense of [null, {}, [5], [logAt(1, { data: "zz" })], [logAt(1, { blockNumber: "one" })]]) {
      const rpc: RpcCall = (method, params) =>
        method === "eth_getLogs" ? Promise.resolve(nonsense) : chainOf(5, 9)(method, params);
      expect(await failureOf(readLogs(rpc, filter, 0, end))).to.equal("malformed");
    }
  });
});

describe("a node over HTTP", () => {
  const answering = (answer: (body: unknown) => unknown, sizes: number[] = []): RpcCall =>
    httpRpc("http://node.example", {
      batchSize: 3,
      fetch: (_url, init) => {
        const body = JSON.parse(typeof init?.body === "string" ? init.body : "") as unknown;
        sizes.push(Array.isArray(body) ? body.length : 1);
        return Promise.resolve(Response.json(answer(body)));
      },
    });
  const echo = (body: unknown): unknown =>
    Array.isArray(body)
      ? body.map(echo).reverse()
      : { ...(body as object), result: (body as { method: string }).method };

  it("has as many requests under way as it may", async () => {
    let [open, most] = [0, 0];
    const rpc = httpRpc("http://node.example", {
      ...{ batchSize: 2, concurrency: 3 },
      fetch: async (_url, init) => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setTimeout(resolve, 1));
        open -= 1;
        return Response.json(echo(JSON.parse(typeof init?.body === "string" ? init.body : "")));
      },
    });
    const methods = Array.from({ length: 20 }, (_, index) => `m${index}`);
    expect(await Promise.all(methods.map((method) => rpc(method, [])))).to.deep.equal(methods);
    expect(most).to.equal(3);
  });

  it("sends what is asked together in few requests, and gives each its own answer", async () => {
    const sizes: number[] = [];
    const rpc = answering(echo, sizes);
    const methods = ["a", "b", "c", "d", "e", "f", "g"];
    expect(await Promise.all(methods.map((method) => rpc(method, [])))).to.deep.equal(methods);
    expect(sizes).to.deep.equal([3, 3, 1]);
    expect(await rpc("h", [])).to.equal("h");
  });

  it("says typed why there is no answer", async () => {
    const refusing = (code: number, message: string): RpcCall => answering(() => ({ id: 0, error: { code, message } }));
    expect(await failureOf(refusing(-32_005, "no")("eth_getLogs", []))).to.equal("range_too_large");
    expect(await failureOf(refusing(-32_000, "block range too wide")("eth_getLogs", []))).to.equal("range_too_large");
    expect(await failureOf(refusing(-32_000, "block range too wide")("eth_call", []))).to.equal("refused");
    expect(await failureOf(answering(() => ({ id: 0 }))("eth_call", []))).to.equal("malformed");
    expect(await failureOf(answering(() => [])("eth_call", []))).to.equal("malformed");
    const rpc = refusing(3, "reverted");
    expect(await rpc("eth_call", []).catch((error: unknown) => (error as RpcError).code)).to.equal(3);
    const silent = httpRpc("http://node.example", { fetch: () => Promise.reject(new TypeError("failed")) });
    expect(await failureOf(silent("eth_call", []))).to.equal("unreachable");
    const html = httpRpc("http://node.example", { fetch: () => Promise.resolve(new Response("<html>")) });
    expect(await failureOf(html("eth_call", []))).to.equal("unreachable");
  });

  it("fails all calls of a batch that is refused as a whole, and goes on", async () => {
    const rpc = answering((body) =>
      Array.isArray(body) ? { id: null, error: { code: 1, message: "no batches" } } : echo(body),
    );
    const failures = await Promise.all([failureOf(rpc("a", [])), failureOf(rpc("b", []))]);
    expect(failures).to.deep.equal(["refused", "refused"]);
    expect(await rpc("c", [])).to.equal("c");
  });
});

describe("a memo", () => {
  it("is keccak256 of salt and the file's own hash, and another for each salt", () => {
    const file = new TextEncoder().encode("invoice 7");
    const salt = `0x${"11".repeat(32)}`;
    expect(invoiceMemo(file, salt)).to.equal(keccak256(salt + keccak256(file).slice(2)));
    expect(invoiceMemo(file, salt)).to.equal("0x5c0cc6ebcc3347d023dcfe968dc6664d046baafa0a53b556a2dfc8740e0b7f47");
    const salts = new Set(Array.from({ length: 100 }, newSalt));
    expect(salts.size).to.equal(100);
    expect(new Set([...salts].map((one) => invoiceMemo(file, one))).size).to.equal(100);
  });

  it("takes salts of 32 bytes only", () => {
    for (const salt of ["", "0x", "0x11", `${newSalt()}00`, newSalt().slice(2)]) {
      expect(() => invoiceMemo(new Uint8Array(), salt)).to.throw(RangeError);
    }
  });
});

describe("points of a history", () => {
  it("are few, end with the last, and show the worst cover of all", () => {
    const all = Array.from({ length: 1_000 }, (_, index) => ({
      index,
      supply: 100n,
      held: index === 437 ? 99n : 100n,
    }));
    for (const points of [2, 3, 50, 999]) {
      const kept = downsample(all, points);
      expect(kept).to.have.length(points);
      expect(kept.at(-1)?.index).to.equal(999);
      expect(kept.map(({ index }) => index)).to.include(437);
      expect(kept.map(({ index }) => index)).to.deep.equal(kept.map(({ index }) => index).sort((a, b) => a - b));
    }
    expect(downsample(all, 1_000)).to.equal(all);
  });
});

describe("a node that is asked again", () => {
  const failing = (failures: Error[], calls: string[] = []): RpcCall => {
    return (method) => {
      calls.push(method);
      const failure = failures.shift();
      return failure === undefined ? Promise.resolve("done") : Promise.reject(failure);
    };
  };
  const gone = (): RpcError => new RpcError("unreachable", "gone");

  it("is asked after longer and longer pauses, and not for ever", async () => {
    const pauses: number[] = [];
    const options = { attempts: 4, pauseMs: 10, wait: (ms: number) => Promise.resolve(void pauses.push(ms)) };
    const busy = new RpcError("refused", "slow down", -32_005);
    expect(await retryingRpc(failing([gone(), busy, gone()]), options)("a", [])).to.equal("done");
    expect(pauses).to.deep.equal([10, 20, 40]);
    expect(await failureOf(retryingRpc(failing([1, 2, 3, 4].map(gone)), options)("a", []))).to.equal("unreachable");
  });

  it("is not asked again for what it refuses", async () => {
    for (const failure of [
      new RpcError("refused", "reverted", 3),
      new RpcError("range_too_large", "x", -32_005),
      new Error(),
    ]) {
      const calls: string[] = [];
      const wait = (): Promise<void> => Promise.resolve();
      await failureOf(retryingRpc(failing([failure], calls), { wait })("a", []));
      expect(calls).to.have.length(1);
    }
  });
});
