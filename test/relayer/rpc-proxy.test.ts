import { expect } from "chai";
import { id as hashOf } from "ethers";

import { seeded } from "../faults/random.ts";
import { type Faults, HEALTHY, type Moment, type RpcProxy, startRpcProxy } from "../faults/rpc-proxy.ts";
import { startTinyNode, type TinyNode } from "./tiny-node.ts";

const HEAD = 10;
const hex = (value: number): string => `0x${value.toString(16)}`;

function block(number: number): Record<string, unknown> {
  const parentHash = hashOf(`block ${number - 1}`);
  return { number: hex(number), hash: hashOf(`block ${number}`), parentHash, transactions: [hashOf(`in ${number}`)] };
}

/** A chain of eleven blocks, with a transaction and a log in each. */
const chain: TinyNode["answer"] = (method, params) => {
  const [first, second] = params;
  const numberOf = (tag: unknown): number => (tag === "latest" ? HEAD : Number(tag));
  switch (method) {
    case "eth_chainId":
      return { result: "0x7a69" };
    case "eth_blockNumber":
      return { result: hex(HEAD) };
    case "eth_getBlockByNumber":
      return { result: numberOf(first) > HEAD ? null : block(numberOf(first)) };
    case "eth_getLogs": {
      const { fromBlock, toBlock } = first as { fromBlock: string; toBlock: string };
      const count = Math.max(0, numberOf(toBlock) - Number(fromBlock) + 1);
      return { result: Array.from({ length: count }, (_, index) => Number(fromBlock) + index) };
    }
    case "eth_getTransactionReceipt": {
      const number = Number(first);
      return { result: number > HEAD ? null : { blockNumber: hex(number), blockHash: hashOf(`block ${number}`) } };
    }
    case "eth_getTransactionCount":
    case "eth_getBalance":
    case "eth_call":
      return { result: second };
    default:
      return { result: method };
  }
};

describe("the proxy that makes a node fail", () => {
  let node: TinyNode;
  let proxy: RpcProxy;

  beforeEach(async () => {
    node = await startTinyNode(chain);
    proxy = await startRpcProxy(node.url, seeded(1));
  });

  afterEach(async () => {
    await proxy.stop();
    await node.stop();
  });

  const fail = (faults: Partial<Faults>): void => {
    proxy.faults = { ...HEALTHY, ...faults };
  };

  async function post(method: string, params: readonly unknown[] = []): Promise<Response> {
    return fetch(proxy.url, { method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 7, method, params }) });
  }

  interface Answer {
    readonly id: number;
    readonly result?: unknown;
    readonly error?: unknown;
  }

  async function answerTo(method: string, params: readonly unknown[] = []): Promise<Answer> {
    return (await (await post(method, params)).json()) as Answer;
  }

  const ask = async (method: string, params: readonly unknown[] = []): Promise<unknown> =>
    (await answerTo(method, params)).result;

  const drops = (method: string): Promise<boolean> =>
    post(method).then(
      () => false,
      () => true,
    );

  async function readBlock(
    tag: string,
  ): Promise<{ hash: string; parentHash: string; number: string; transactions: unknown[] }> {
    return (await ask("eth_getBlockByNumber", [tag, false])) as Awaited<ReturnType<typeof readBlock>>;
  }

  it("lets everything through while it is healthy", async () => {
    expect(await answerTo("eth_chainId")).to.deep.equal({ jsonrpc: "2.0", id: 7, result: "0x7a69" });
    expect(await readBlock("latest")).to.deep.equal(block(HEAD));
    expect(await ask("eth_getTransactionCount", ["0x", "latest"])).to.equal("latest");
    node.answer = () => ({ error: { code: 3, message: "execution reverted", data: "0x12" } });
    expect((await answerTo("eth_call", [{}, "latest"])).error).to.deep.equal({
      ...{ code: 3, message: "execution reverted", data: "0x12" },
    });
  });

  it("drops the answer to what was done, or refuses to do it", async () => {
    fail({ drop: 1 });
    expect(await drops("eth_sendRawTransaction")).to.equal(true);
    expect(node.take()).to.deep.equal(["eth_sendRawTransaction"]);
    fail({ refuse: 1 });
    expect(await drops("eth_sendRawTransaction")).to.equal(true);
    expect(node.take()).to.deep.equal([]);
  });

  it("delays, for less than a second", async () => {
    fail({ delay: 1 });
    const start = Date.now();
    for (let time = 0; time < 3; time += 1) expect(await ask("eth_blockNumber")).to.equal(hex(HEAD));
    expect(Date.now() - start).to.be.greaterThan(50);
  });

  it("sends a transaction twice, and nothing else", async () => {
    fail({ duplicate: 1 });
    await ask("eth_sendRawTransaction", ["0x02"]);
    await ask("eth_getBalance", ["0x", "latest"]);
    expect(node.take()).to.deep.equal(["eth_sendRawTransaction", "eth_sendRawTransaction", "eth_getBalance"]);
  });

  it("knows no receipt, or tells one of a block that is nowhere", async () => {
    fail({ nullReceipt: 1 });
    expect(await ask("eth_getTransactionReceipt", ["0x5"])).to.equal(null);
    fail({ staleReceipt: 1 });
    const stale = (await ask("eth_getTransactionReceipt", ["0x5"])) as { blockNumber: string; blockHash: string };
    expect(stale.blockNumber).to.equal("0x5");
    expect(stale.blockHash)
      .to.match(/^0x[0-9a-f]{64}$/)
      .and.not.equal(hashOf("block 5"));
    expect(await ask("eth_getTransactionReceipt", ["0x63"]), "of what is not mined").to.equal(null);
  });

  it("has too many requests or an internal error, and does not do what it was asked", async () => {
    fail({ tooMany: 1 });
    const response = await post("eth_blockNumber");
    expect([response.status, response.headers.get("retry-after")]).to.deep.equal([429, "1"]);
    fail({ internal: 1 });
    expect((await answerTo("eth_blockNumber")).error).to.include({ code: -32_603 });
    expect(node.take()).to.deep.equal([]);
  });

  it("says that it is of another chain", async () => {
    fail({ otherChain: true });
    expect(await ask("eth_chainId")).to.equal("0x1");
    expect(await ask("eth_blockNumber")).to.equal(hex(HEAD));
  });

  it("is behind in all that it says", async () => {
    fail({ lag: 3 });
    expect(await ask("eth_blockNumber")).to.equal("0x7");
    expect(await readBlock("latest")).to.deep.equal(block(7));
    expect(await readBlock("0x7")).to.deep.equal(block(7));
    expect(await readBlock("0x8")).to.equal(null);
    expect(await ask("eth_getLogs", [{ fromBlock: "0x6", toBlock: "latest" }])).to.deep.equal([6, 7]);
    expect(await ask("eth_getLogs", [{ fromBlock: "0x6", toBlock: "0xa" }])).to.deep.equal([6, 7]);
    expect(await ask("eth_getLogs", [{ fromBlock: "0x8", toBlock: "0xa" }])).to.deep.equal([]);
    expect(await ask("eth_getTransactionReceipt", ["0x7"])).to.include({ blockNumber: "0x7" });
    expect(await ask("eth_getTransactionReceipt", ["0x8"])).to.equal(null);
    for (const method of ["eth_getTransactionCount", "eth_getBalance", "eth_call"]) {
      expect(await ask(method, ["0x", "latest"])).to.equal("0x7");
      // An error: it does not know the block.
      expect(await ask(method, ["0x", "0x9"])).to.equal(undefined);
      expect(await ask(method, ["0x", "0x5"])).to.equal("0x5");
    }
  });

  it("is on a branch of its own that fits together, the same one until it is healthy again", async () => {
    fail({ fork: 2 });
    expect(await ask("eth_blockNumber")).to.equal(hex(HEAD));
    expect(await readBlock("0x8")).to.deep.equal(block(8));
    const [ninth, tenth] = [await readBlock("0x9"), await readBlock("latest")];
    expect(ninth.parentHash).to.equal(hashOf("block 8"));
    expect(ninth.hash).not.to.equal(hashOf("block 9"));
    expect(tenth.parentHash).to.equal(ninth.hash);
    expect(tenth.number).to.equal(hex(HEAD));
    expect([...ninth.transactions, ...tenth.transactions]).to.deep.equal([]);
    expect(await ask("eth_getLogs", [{ fromBlock: "0x7", toBlock: "0xa" }])).to.deep.equal([7, 8]);
    expect(await ask("eth_getTransactionReceipt", ["0x8"])).to.include({ blockNumber: "0x8" });
    expect(await ask("eth_getTransactionReceipt", ["0x9"])).to.equal(null);
    expect(await ask("eth_getTransactionCount", ["0x", "latest"])).to.equal("0x8");
    expect(await readBlock("latest")).to.deep.equal(tenth);
    fail({});
    expect(await readBlock("latest")).to.deep.equal(block(HEAD));
    fail({ fork: 2 });
    expect((await readBlock("latest")).hash, "another branch").not.to.be.oneOf([tenth.hash, hashOf("block 10")]);
  });

  it("tells who watches what comes in and what was done, before it is answered", async () => {
    const seen: [string, Moment, unknown, number][] = [];
    proxy.watch = ({ method }, moment, result) => {
      seen.push([method, moment, result, node.asked.length]);
    };
    await ask("eth_blockNumber");
    expect(seen).to.deep.equal([
      ["eth_blockNumber", "before", undefined, 0],
      ["eth_blockNumber", "after", "0xa", 1],
    ]);
  });

  it("fails at the same requests for the same numbers", async () => {
    const faults = { refuse: 0.2, tooMany: 0.3, internal: 0.3 };
    async function play(seed: number): Promise<string[]> {
      const other = await startRpcProxy(node.url, seeded(seed));
      other.faults = { ...HEALTHY, ...faults };
      const answers: string[] = [];
      for (let request = 0; request < 30; request += 1) {
        const body = JSON.stringify({ jsonrpc: "2.0", id: request, method: "eth_blockNumber", params: [] });
        answers.push(
          await fetch(other.url, { method: "POST", body }).then(
            async (response) => `${response.status} ${await response.text()}`,
            () => "dropped",
          ),
        );
      }
      await other.stop();
      return answers;
    }
    const played = await play(5);
    expect(new Set(played.map((answer) => answer.slice(0, 3)))).to.deep.equal(new Set(["dro", "429", "200"]));
    expect(await play(5)).to.deep.equal(played);
    expect(await play(6)).not.to.deep.equal(played);
  });
});
