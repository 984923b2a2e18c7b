import { createServer, type Server } from "node:http";

import { expect } from "chai";
import { pino } from "pino";

import { AppError } from "../../relayer/app-error.ts";
import { createChainReader } from "../../relayer/chain/chain-reader.ts";
import { EndpointsProvider } from "../../relayer/chain/endpoints.ts";
import { type NodeAnswer, startTinyNode, type TinyNode } from "./tiny-node.ts";

describe("the connection to a node", () => {
  let server: Server;
  let answer: { status: number; body: (id: number) => string };
  let provider: EndpointsProvider;
  const failures: string[] = [];

  beforeEach(async () => {
    failures.length = 0;
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { id } = JSON.parse(Buffer.concat(parts).toString()) as { id: number };
        response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body(id));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    provider = new EndpointsProvider([`http://127.0.0.1:${address.port}`], {
      onFailure: (method, failure) => failures.push(`${method} ${failure}`),
    });
    answerWith({ result: "0x1" });
    expect(await provider.send("eth_chainId", [])).to.equal("0x1");
  });

  afterEach(() => {
    provider.destroy();
    server.closeAllConnections();
    server.close();
  });

  function answerWith(body: Record<string, unknown>, status = 200): void {
    answer = { status, body: (id) => JSON.stringify({ jsonrpc: "2.0", id, ...body }) };
  }

  const fails = (method: string): Promise<boolean> =>
    provider.send(method, [{}]).then(
      () => false,
      () => true,
    );

  it("tells errors in the place of answers, by method, and answers that never came", async () => {
    answerWith({ error: { code: -32_005, message: "limit exceeded" } });
    expect(await fails("eth_getLogs")).to.equal(true);
    expect(await fails("eth_sendRawTransaction")).to.equal(true);
    answerWith({}, 502);
    expect(await fails("eth_getBalance")).to.equal(true);
    answer = { status: 200, body: () => "<html>" };
    expect(await fails("eth_blockNumber")).to.equal(true);
    server.closeAllConnections();
    server.close();
    expect(await fails("eth_call")).to.equal(true);
    expect(failures).to.deep.equal([
      "eth_getLogs error",
      "eth_sendRawTransaction error",
      "eth_getBalance no_answer",
      "eth_blockNumber no_answer",
      "eth_call no_answer",
    ]);
  });

  it("takes a simulation that reverts for an answer", async () => {
    for (const error of [
      { code: 3, message: "execution reverted", data: "0x" },
      { code: -32_015, message: "VM execution error" },
      { code: -32_603, message: "reverted", data: { data: "0x12" } },
    ]) {
      answerWith({ error });
      expect(await fails("eth_call")).to.equal(true);
      expect(await fails("eth_estimateGas")).to.equal(true);
    }
    expect(failures).to.deep.equal([]);
    answerWith({ error: { code: -32_000, message: "out of order" } });
    expect(await fails("eth_call")).to.equal(true);
    expect(failures).to.deep.equal(["eth_call error"]);
  });
});

describe("the connection to several nodes", () => {
  let nodes: TinyNode[] = [];
  let provider: EndpointsProvider | undefined;
  const realTimeout = AbortSignal.timeout.bind(AbortSignal);

  afterEach(async () => {
    AbortSignal.timeout = realTimeout;
    provider?.destroy();
    provider = undefined;
    await Promise.all(nodes.map((node) => node.stop()));
    nodes = [];
  });

  /** A node that is well: of chain 31337, at block 100. */
  const well =
    (name: string, head = 100): TinyNode["answer"] =>
    (method) => {
      if (method === "eth_chainId") return { result: "0x7a69" };
      if (method === "eth_blockNumber") return { result: `0x${head.toString(16)}` };
      return { result: name };
    };
  const ofOtherChain: TinyNode["answer"] = (method) => ({
    result: method === "eth_chainId" ? "0x1" : "another chain's",
  });
  /** A node that is well but for one method. */
  const but =
    (method: string, answer: NodeAnswer, name = "spoilt"): TinyNode["answer"] =>
    (asked, params) =>
      asked === method ? answer : well(name)(asked, params);

  /** @returns a connection to as many nodes, the first of which was asked last. */
  async function connect(count: number): Promise<{ provider: EndpointsProvider; nodes: TinyNode[] }> {
    for (let index = 0; index < count; index += 1) nodes.push(await startTinyNode(well(`node ${index}`)));
    const opened = new EndpointsProvider(
      nodes.map(({ url }) => url),
      undefined,
      pino({ level: "silent" }),
    );
    provider = opened;
    expect(await opened.requireOneChain()).to.equal(31_337n);
    expect(await opened.send("eth_getBalance", [])).to.equal("node 0");
    // By now each has told its chain and its head.
    await opened.checkHealth();
    for (const node of nodes) node.take();
    return { provider: opened, nodes };
  }

  function only(list: readonly TinyNode[], index: number): TinyNode {
    const node = list[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }

  async function codeOf(promise: Promise<unknown>): Promise<string> {
    return promise.then(
      () => "answered",
      (error: unknown) => (error instanceof AppError ? error.code : String((error as { code?: unknown }).code)),
    );
  }

  const ask = (connection: EndpointsProvider): Promise<unknown> => connection.send("eth_getBalance", []);

  const FAILURES: [string, NodeAnswer][] = [
    ["500", { status: 500 }],
    ["429", { status: 429 }],
    ["an internal error", { error: { code: -32_603, message: "Internal error" } }],
    ["a limit", { error: { code: -32_005, message: "limit exceeded" } }],
    ["429 as an error's code", { error: { code: 429, message: "slow down" } }],
    ["no JSON", { status: 200, text: "<html>" }],
    ["JSON that is no answer", { status: 200, text: "{}" }],
    ["a dropped connection", "drop"],
  ];
  for (const [what, failure] of FAILURES) {
    it(`asks the next node on ${what}, and stays with that`, async () => {
      const { provider: connection, nodes: all } = await connect(2);
      const [first, second] = [only(all, 0), only(all, 1)];
      first.answer = but("eth_getBalance", failure);
      expect(await ask(connection)).to.equal("node 1");
      // A connection that broke may have been one that the node no longer kept.
      expect(first.take()).to.deep.equal(
        failure === "drop" ? ["eth_getBalance", "eth_getBalance"] : ["eth_getBalance"],
      );
      expect(connection.health().map(({ state }) => state)).to.deep.equal(["down", "up"]);
      first.answer = well("node 0");
      second.take();
      await new Promise((resolve) => setTimeout(resolve, 550));
      expect(connection.health().map(({ state }) => state)).to.deep.equal(["up", "up"]);
      for (let time = 0; time < 3; time += 1) expect(await ask(connection)).to.equal("node 1");
      expect(first.take()).to.deep.equal([]);
      // Only when the second fails, and then for its chain first: another node may stand at its address.
      second.answer = but("eth_getBalance", failure);
      expect(await ask(connection)).to.equal("node 0");
      expect(first.take()).to.deep.equal(["eth_chainId", "eth_getBalance"]);
    });
  }

  it("asks the next node when one does not answer in time", async () => {
    const { provider: connection, nodes: all } = await connect(2);
    only(all, 0).answer = but("eth_getBalance", "silence");
    const patiences: number[] = [];
    AbortSignal.timeout = (ms) => {
      patiences.push(ms);
      return realTimeout(400);
    };
    expect(await ask(connection)).to.equal("node 1");
    expect(patiences).to.deep.equal([15_000, 15_000]);
  });

  it("takes a refusal for an answer, which another node would give as well", async () => {
    const { provider: connection, nodes: all } = await connect(2);
    for (const error of [
      { code: -32_603, message: "reverted", data: "0x1234" },
      { code: 3, message: "execution reverted", data: "0x" },
      { code: -32_602, message: "invalid params" },
    ]) {
      only(all, 0).answer = but("eth_call", { error });
      expect(await codeOf(connection.send("eth_call", [{}]))).not.to.equal("answered");
      expect(only(all, 1).take()).to.deep.equal([]);
      expect(connection.health()[0]?.state).to.equal("up");
    }
  });

  it("gives a node's refusal if no node does better, and `chain_unreachable` if none answers", async () => {
    const { provider: connection, nodes: all } = await connect(2);
    only(all, 0).answer = but("eth_getLogs", { error: { code: -32_005, message: "limit exceeded" } });
    only(all, 1).answer = but("eth_getLogs", "drop");
    const refusal: unknown = await connection.send("eth_getLogs", []).catch((error: unknown) => error);
    expect((refusal as Error).message).to.include("limit exceeded");
    only(all, 0).answer = () => "drop";
    const failure: unknown = await connection.send("eth_getLogs", []).catch((error: unknown) => error);
    expect(failure).to.include({ code: "chain_unreachable", retriable: true });
  });

  it("asks a node that lags last", async () => {
    const { provider: connection, nodes: all } = await connect(2);
    const [first, second] = [only(all, 0), only(all, 1)];
    for (const [head, state, asked] of [
      [97, "up", "node 0"],
      [96, "lagging", "node 1"],
    ] as const) {
      first.answer = well("node 0", head);
      await connection.checkHealth();
      expect(connection.health()).to.deep.equal([
        { origin: first.url, state, head },
        { origin: second.url, state: "up", head: 100 },
      ]);
      expect(await ask(connection)).to.equal(asked);
    }
    second.answer = but("eth_getBalance", { status: 500 });
    expect(await ask(connection)).to.equal("node 0");
  });

  it("never asks a node of another chain, until it is right again", async () => {
    const { provider: connection, nodes: all } = await connect(2);
    const [first, second] = [only(all, 0), only(all, 1)];
    // It goes down, and another chain's node comes up in its place.
    first.answer = () => "drop";
    expect(await ask(connection)).to.equal("node 1");
    first.answer = ofOtherChain;
    await connection.checkHealth();
    expect(connection.health().map(({ state }) => state)).to.deep.equal(["other_chain", "up"]);
    second.answer = (method, params) => (method === "eth_getBalance" ? "drop" : well("node 1")(method, params));
    first.take();
    expect(await codeOf(ask(connection))).to.equal("chain_unreachable");
    expect(await connection.sendToAll("eth_blockNumber", [])).to.deep.equal([{ origin: second.url, value: "0x64" }]);
    await connection.send("eth_sendRawTransaction", ["0x02"]);
    expect(first.take()).to.deep.equal([]);
    await connection.checkHealth();
    expect(first.take()).to.deep.equal(["eth_chainId"]);
    first.answer = well("node 0");
    await connection.checkHealth();
    expect(connection.health()[0]).to.deep.equal({ origin: first.url, state: "up", head: 100 });
    expect(await ask(connection)).to.equal("node 0");
  });

  it("hands a transaction to all nodes, and is content if one of them takes it", async () => {
    const { provider: connection, nodes: all } = await connect(3);
    const send = (): Promise<unknown> => connection.send("eth_sendRawTransaction", ["0x02"]);
    const refusal: NodeAnswer = { error: { code: -32_000, message: "already known" } };
    only(all, 0).answer = but("eth_sendRawTransaction", refusal);
    only(all, 1).answer = but("eth_sendRawTransaction", "drop");
    expect(await send()).to.equal("node 2");
    for (const node of all) expect(node.take()).to.deep.equal(["eth_sendRawTransaction"]);
    only(all, 2).answer = but("eth_sendRawTransaction", { status: 503 });
    const refused: unknown = await send().catch((error: unknown) => error);
    expect(JSON.stringify(refused)).to.include("already known");
    only(all, 0).answer = () => "drop";
    expect(await codeOf(send())).to.equal("chain_unreachable");
  });

  it("starts on one chain only, and with one node at least", async () => {
    nodes = [await startTinyNode(well("node 0")), await startTinyNode(ofOtherChain)];
    const urls = nodes.map(({ url }) => url);
    provider = new EndpointsProvider(urls);
    expect(await codeOf(provider.requireOneChain())).to.equal("chain_mismatch");
    only(nodes, 0).answer = () => "drop";
    expect(await provider.requireOneChain()).to.equal(1n);
    provider.destroy();
    provider = new EndpointsProvider(urls);
    only(nodes, 1).answer = () => ({ status: 500 });
    const failure: unknown = await provider.requireOneChain().catch((error: unknown) => error);
    expect(failure).to.include({ code: "chain_unreachable", retriable: true });
    for (const url of urls) expect((failure as Error).message).to.include(url);
  });

  it("takes a transaction to be absent if most of all nodes say so and none has it", async () => {
    const none: NodeAnswer = { result: null };
    const some: NodeAnswer = { result: { blockNumber: "0x1" } };
    const down: NodeAnswer = "drop";
    const cases: [NodeAnswer[], boolean][] = [
      [[none], true],
      [[some], false],
      [[down], false],
      [[none, none], true],
      [[none, some], false],
      [[none, down], false],
      [[down, down], false],
      [[none, none, none], true],
      [[none, none, down], true],
      [[none, none, some], false],
      [[none, down, down], false],
      [[none, { status: 429 }, { error: { code: -32_603 } }], false],
    ];
    for (const [votes, isAbsent] of cases) {
      nodes = await Promise.all(votes.map((vote) => startTinyNode(but("eth_getTransactionReceipt", vote))));
      provider = new EndpointsProvider(nodes.map(({ url }) => url));
      const reader = createChainReader(provider, []);
      expect(await reader.isAbsent("0x01"), JSON.stringify(votes)).to.equal(isAbsent);
      provider.destroy();
      await Promise.all(nodes.map((node) => node.stop()));
    }
    nodes = [];
  });

  it("tells a node its credentials by a header, and nobody else", async () => {
    const node = await startTinyNode(well("node 0"));
    nodes = [node];
    const { port } = new URL(node.url);
    provider = new EndpointsProvider([`http://us%40er:pass%3Aword@127.0.0.1:${port}/key?part=1`]);
    expect(await provider.requireOneChain()).to.equal(31_337n);
    const expected = `Basic ${Buffer.from("us@er:pass:word").toString("base64")}`;
    expect(node.asked.map(({ headers }) => headers.authorization)).to.deep.equal([expected]);
    expect(provider.health()).to.deep.equal([{ origin: node.url, state: "up", head: undefined }]);
    node.answer = () => "drop";
    const failure: unknown = await provider.requireOneChain().catch((error: unknown) => error);
    expect((failure as Error).message).not.to.match(/us%40er|pass|key/);
  });
});
