import { inspect } from "node:util";

import { config as loadDotenv } from "dotenv";

import { AppError } from "./app-error.ts";
import { parseConfig } from "./config.ts";
import { readDeploymentFile } from "./deployment-file.ts";
import { createLog, secretsOf, withoutSecrets } from "./log.ts";
import { startRelayer } from "./relayer.ts";
import { withSettingFiles } from "./setting-files.ts";

loadDotenv({ quiet: true });

let environment: Readonly<Record<string, string | undefined>> = process.env;
try {
  environment = withSettingFiles(environment);
  const config = parseConfig(environment, await readDeploymentFile(environment.CORRIDOR_DEPLOYMENT));
  const log = createLog(config, environment);
  // What Node would print by itself goes past the log, with whatever secret an error carries.
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "uncaught");
    process.exit(1);
  });
  const relayer = await startRelayer(config, log);
  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, "draining");
    relayer.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "did not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => {
    stop("SIGTERM");
  });
  process.on("SIGINT", () => {
    stop("SIGINT");
  });
  // Started by `npm start`: if that process dies, so does what it started.
  process.on("disconnect", () => {
    stop("parent gone");
  });
  process.send?.({ url: relayer.url });
} catch (error) {
  const text = error instanceof AppError ? `${error.code}: ${error.message}` : inspect(error);
  process.stderr.write(`${withoutSecrets(text, secretsOf(environment))}\n`);
  process.exit(1);
}
