import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type LocalStack, startLocalStack } from "../../scripts/local/stack.ts";
import { externalDatabase } from "../test-database.ts";

/** A stack on free ports, with its data in a folder of its own. */
export async function startTestStack(
  environment: Readonly<Record<string, string>> = {},
): Promise<{ stack: LocalStack; port: number; stop: () => Promise<void> }> {
  const dataFolder = await mkdtemp(join(tmpdir(), "corridor-test-"));
  const port = await freePort();
  const external = externalDatabase();
  const stack = await startLocalStack({
    ...{ chainPort: 0, port, dataFolder, environment },
    ...{ databaseUrl: external?.server, databaseName: external?.name },
  });
  return {
    stack,
    port,
    async stop() {
      await stack.stop();
      await external?.drop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}
