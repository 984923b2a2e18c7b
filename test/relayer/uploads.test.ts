import { connect, type Socket } from "node:net";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";

import type { ApiDependencies } from "../../relayer/api/dependencies.ts";
import { createServer } from "../../relayer/api/server.ts";
import { createMetrics } from "../../relayer/metrics.ts";
import type { Readings } from "../../relayer/readings.ts";

const PIECE = Buffer.alloc(64 * 1_024, "x");
const PIECES = 320;
const HEAD = "POST /v1/payments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

describe("a request's body", () => {
  let server: FastifyInstance;
  let socket: Socket;
  let received: string;
  let closed: Promise<unknown>;

  beforeEach(async () => {
    const dependencies: Partial<ApiDependencies> = {
      ...{ log: pino({ level: "silent" }), rateLimits: undefined, trustProxy: false, metricsOpen: true },
      ...{ metrics: createMetrics({} as Readings), isDraining: () => false, isOverloaded: () => false },
    };
    server = createServer(dependencies as ApiDependencies);
    const { port } = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
    received = "";
    socket = connect(Number(port), "127.0.0.1");
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    closed = new Promise((resolve) => socket.once("close", resolve));
  });

  afterEach(async () => {
    socket.destroy();
    await server.close();
  });

  const write = (bytes: string | Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.write(bytes, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });

  async function answers(count: number): Promise<readonly string[]> {
    for (;;) {
      const found = received.split(/(?=HTTP\/1\.1 )/);
      if (found.length >= count && found.at(-1)?.endsWith("}") === true) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  for (const [how, head, before, after] of [
    ["says how long it is", `Content-Length: ${PIECES * PIECE.length}\r\n\r\n`, "", ""],
    ["comes in chunks", "Transfer-Encoding: chunked\r\n\r\n", "10000\r\n", "\r\n"],
  ] as const) {
    it(`that is too large and ${how} is refused while it comes, and the connection stays good`, async () => {
      await write(HEAD + head);
      for (let sent = 0; sent < PIECES; sent += 1) {
        await write(before);
        await write(PIECE);
        await write(after);
      }
      if (before !== "") await write("0\r\n\r\n");
      await write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
      const [refusal, next] = await answers(2);
      expect(refusal).to.contain("413 Payload Too Large").and.to.contain('"code":"body_too_large"');
      expect(refusal).not.to.match(/connection: close/i);
      expect(next).to.contain("200 OK").and.to.contain('"alive"');
    });
  }

  it("that never ends is given up on, as a problem", async function () {
    this.timeout(10_000);
    expect(server.server.requestTimeout).to.equal(120_000);
    // Node takes the smaller of the two for the headers'.
    Object.assign(server.server, { requestTimeout: 200, headersTimeout: 100 });
    await write(`${HEAD}Content-Length: 100\r\n\r\n{`);
    await closed;
    expect(received).to.contain("408 Request Timeout").and.to.contain('"code":"request_timeout"');
  });
});
