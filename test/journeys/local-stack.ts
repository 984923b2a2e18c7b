import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { removeEmbeddedPostgres } from "../../relayer/store/postgres/embedded-postgres.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/stack.ts";
import { externalDatabase } from "../test-database.ts";
import { freePort } from "../../scripts/local/free-port.ts";

export { freePort };

/** A stack on free ports, with its data in a folder of its own. @param chainScript Another node than Hardhat's. */
export async function startTestStack(
  environment: Readonly<Record<string, string>> = {},
  chainScript?: string,
): Promise<{ stack: LocalStack; port: number; stop: () => Promise<void> }> {
  const dataFolder = await mkdtemp(join(tmpdir(), "corridor-test-"));
  const port = await freePort();
  const external = externalDatabase();
  const stack = await startLocalStack({
    ...{ chainPort: 0, port, dataFolder, environment, chainScript },
    ...{ databaseUrl: external?.server, databaseName: external?.name },
  });
  return {
    stack,
    port,
    async stop() {
      await stack.stop();
      await external?.drop();
      await removeEmbeddedPostgres(dataFolder);
    },
  };
}
