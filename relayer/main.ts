import { config as loadDotenv } from "dotenv";
import { pino } from "pino";

import { AppError } from "./app-error.ts";
import { parseConfig } from "./config.ts";
import { startRelayer } from "./relayer.ts";

loadDotenv({ quiet: true });

try {
  const config = parseConfig(process.env);
  const log = pino({ name: "corridor", level: config.logLevel }, pino.destination({ fd: 2, sync: true }));
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
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exit(1);
}
