import { connect } from "node:net";

import { expect } from "chai";
import { pino } from "pino";

import type { ApiDependencies } from "../../relayer/api/dependencies.ts";
import { createServer } from "../../relayer/api/server.ts";
import { createMetrics } from "../../relayer/metrics.ts";
import type { Readiness } from "../../relayer/readiness.ts";
import type { Readings } from "../../relayer/readings.ts";

describe("a relayer that is about to stop", () => {
  it("finishes what is under way and turns away what comes, as a problem that says when to try again", async function () {
    // It waits for no client to go.
    this.timeout(10_000);
    let finish: (readiness: Readiness) => void = () => undefined;
    const logged: string[] = [];
    const dependencies: Partial<ApiDependencies> = {
      ...{
        log: pino({ level: "warn" }, { write: (line: string) => void logged.push(line) }),
        rateLimits: undefined,
        trustProxy: false,
        metricsOpen: true,
      },
      ...{ metrics: createMetrics({} as Readings), isDraining: () => false },
      // The request that is under way when the stop comes.
      readiness: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    };
    const server = createServer(dependencies as ApiDependencies);
    const { port } = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
    const socket = connect(Number(port), "127.0.0.1");
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = server.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 100));
    finish({ obstacles: [], lagBlocks: 0n });
    await Promise.all([closed, ended]);
    const answers = received.split(/(?=HTTP\/1\.1 )/);
    expect(answers).to.have.length(2);
    expect(answers[0]).to.contain("200 OK").and.to.contain('"ready"');
    expect(answers[1]).to.contain("503 Service Unavailable").and.to.contain("application/problem+json");
    expect(answers[1])
      .to.match(/retry-after: \d+/i)
      .and.to.contain('"code":"not_ready"');
    expect(logged, "nothing has failed").to.deep.equal([]);
  });
});
