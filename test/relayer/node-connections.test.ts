import { createServer, type RequestListener, type Server } from "node:http";

import { expect } from "chai";

import { EndpointsProvider } from "../../relayer/chain/endpoints.ts";

describe("connections to nodes", () => {
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
