import { createServer, type RequestListener, type Server } from "node:http";

import { expect } from "chai";

import { EndpointsProvider } from "../../relayer/chain/endpoints.ts";

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
  const servers: Server[] = [];
  let provider: EndpointsProvider | undefined;

  afterEach(() => {
    provider?.destroy();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function start(handler: RequestListener): Promise<string> {
    const server = createServer(handler);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  const answering =
    (body: object): RequestListener =>
    (request, response) => {
      request.resume().on("end", () => response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, ...body })));
    };

  it("does not wait for a node that hangs once another one took a transaction", async () => {
    let asked = 0;
    const hanging = await start(() => (asked += 1));
    provider = new EndpointsProvider([hanging, await start(answering({ result: "0xab" }))]);
    const begun = Date.now();
    expect(await provider.send("eth_sendRawTransaction", ["0x"])).to.equal("0xab");
    expect(Date.now() - begun).to.be.lessThan(5_000);
    expect(asked).to.equal(1);
  });

  it("asks again where a node closes the connection that it kept", async () => {
    let isClosed = false;
    let count = 0;
    const closing = await start((request, response) => {
      count += 1;
      if (isClosed) request.socket.destroy();
      else answering({ result: "0xab" })(request, response);
      isClosed = false;
    });
    provider = new EndpointsProvider([closing]);
    expect(await provider.send("eth_blockNumber", [])).to.equal("0xab");
    const before = count;
    isClosed = true;
    expect(await provider.send("eth_blockNumber", [])).to.equal("0xab");
    expect(count).to.equal(before + 2);
  });
});
