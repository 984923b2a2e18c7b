import { readFileSync } from "node:fs";

import { config as loadDotenv } from "dotenv";
import { JsonRpcProvider, Wallet } from "ethers";
import { pino } from "pino";

import { createBook } from "./book.ts";
import { MakerConfigError, parseMakerConfig } from "./config.ts";
import { readMakerChain } from "./inventory.ts";
import { dayAt, parseSeries } from "./rates/series.ts";
import { createMakerServer } from "./server.ts";

loadDotenv({ quiet: true });

try {
  const config = parseMakerConfig(process.env);
  const log = pino({ name: "maker", level: config.logLevel }, pino.destination({ fd: 2, sync: true }));
  const provider = new JsonRpcProvider(config.rpcUrl, undefined, { staticNetwork: true, cacheTimeout: -1 });
  const wallet = new Wallet(config.key);
  const tokens = [...config.currencies.keys()];
  const chain = await readMakerChain(provider, config.exchange, wallet.address, tokens);
  const series = parseSeries(readFileSync(config.ratesFile, "utf8"));
  const startedAt = performance.now();
  const domain = { chainId: chain.chainId, exchange: config.exchange };
  const book = createBook({
    ...{ wallet, domain, chain, currencies: config.currencies, spreadBps: config.spreadBps },
    ...{ ttlSeconds: config.ttlSeconds, capacityEuros: config.capacityEuros },
    today: () => dayAt(series, config.replay, (performance.now() - startedAt) / 1000),
  });
  const server = createMakerServer({ book, domain, tokens, log });
  const url = await server.listen({ host: config.host, port: config.port });
  log.info({ url, maker: wallet.address, tokens }, "maker is up");
  const stop = (): void => {
    void server.close().finally(() => {
      provider.destroy();
      process.exit(0);
    });
  };
  for (const signal of ["SIGTERM", "SIGINT", "disconnect"] as const) process.on(signal, stop);
  process.send?.({ url });
} catch (error) {
  if (!(error instanceof MakerConfigError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exit(1);
}
