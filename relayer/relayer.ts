import { randomUUID } from "node:crypto";

import { JsonRpcProvider } from "ethers";
import type { Logger } from "pino";

import { Ledger__factory } from "../typechain-types/factories/contracts/Ledger__factory.ts";
import { Escrow__factory } from "../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { createServer } from "./api/server.ts";
import { AppError } from "./app-error.ts";
import { type HoldToOpen, OPENING_GAS, SETTLEMENT_GAS } from "./batching/batches.ts";
import { createEscrowReader, NO_ESCROW } from "./chain/escrow-reader.ts";
import { createLedgerReader, type LedgerReader } from "./chain/ledger-reader.ts";
import type { Config } from "./config.ts";
import { createWatcher } from "./deadlines/watcher.ts";
import { createFollower } from "./follower/follower.ts";
import { createActIntake } from "./intake/act-intake.ts";
import { createIntake } from "./intake/intake.ts";
import { createActWork } from "./lanes/act-work.ts";
import { createLane } from "./lanes/lane.ts";
import { openingCall } from "./lanes/opening.ts";
import { createPaymentWork } from "./lanes/payment-work.ts";
import { settlementCall } from "./lanes/settlement.ts";
import type { Work } from "./lanes/work.ts";
import { startLoop } from "./loop.ts";
import { createMetrics } from "./metrics.ts";
import { actQueueState } from "./store/acts.ts";
import { claimDeployment, followedHead } from "./store/chain.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { migrate } from "./store/migrate.ts";
import { countExpiring } from "./store/holds.ts";
import { countUndelivered } from "./store/outbox.ts";
import { type PaymentRecord, queueState } from "./store/payments.ts";
import { startEmbeddedPostgres } from "./store/postgres/embedded-postgres.ts";
import { createDeliverer } from "./webhooks/deliverer.ts";

export interface Relayer {
  readonly url: string;
  /** Accepts nothing more, lets what is under way finish, gives its lanes up and closes. */
  stop(): Promise<void>;
}

/** Starts every part of the relayer. @throws AppError if the configuration, the chain or the database do not fit. */
export async function startRelayer(config: Config, log: Logger): Promise<Relayer> {
  const provider = new JsonRpcProvider(config.rpcUrl, undefined, {
    staticNetwork: true,
    // A cached answer is a wrong one here.
    cacheTimeout: -1,
    batchMaxCount: 1,
  });
  const chainId = await readChainId(provider, config.rpcUrl);
  const reader = createLedgerReader(provider, config.ledger);
  await requireLedger(provider, config.ledger);
  if (config.escrow !== undefined) await requireEscrow(provider, config.escrow, config.ledger);

  const embedded =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({
          dataFolder: config.dataFolder,
          database: config.databaseName,
          ...(config.postgresPort === 0 ? {} : { port: config.postgresPort }),
        })
      : undefined;
  const database = openDatabase(config.databaseUrl ?? embedded?.url ?? "");
  const closers: (() => Promise<unknown>)[] = [
    async () => embedded?.stop(),
    () => database.end(),
    () => {
      provider.destroy();
      return Promise.resolve();
    },
  ];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse())
      await closer().catch((error: unknown) => {
        log.warn({ err: error }, "closing");
      });
  };

  try {
    await migrate(database);
    await requireSameDeployment(database, reader, chainId, config);
    const metrics = createMetrics({
      queue: () => queueState(database, 1_000_000),
      waitingActs: async () => (await actQueueState(database, 1_000_000)).waiting,
      expiringHolds: async () => {
        const now = (await followedHead(database))?.timestamp ?? 0n;
        return countExpiring(database, now + BigInt(config.captureWarningSeconds));
      },
      undeliveredMessages: () => countUndelivered(database),
    });

    const follower = createFollower({
      database,
      reader,
      escrow: config.escrow === undefined ? NO_ESCROW : createEscrowReader(provider, config.escrow),
      startBlock: config.startBlock,
      finalityDepth: config.finalityDepth,
      log,
      onProgress({ head, settled, rejected }) {
        metrics.followedBlock.set(Number(head));
        metrics.settled.inc(settled);
        metrics.rejected.inc(rejected);
      },
      onReorg: () => {
        metrics.reorgs.inc();
      },
    });
    await follower.catchUp();
    const followerLoop = startLoop("follower", config.pollMs, log, () => follower.catchUp());

    const holder = randomUUID();
    const onRefused = (code: string): void => {
      metrics.refused.inc({ code });
    };
    const works = (from: string): Work[] => {
      const common = {
        ...{ database, simulator: { provider, from }, catchUp: () => follower.catchUp() },
        ...{ limits: config.batch, log, onRefused },
      };
      const settlement = createPaymentWork({
        ...common,
        kind: "payment",
        gas: SETTLEMENT_GAS,
        call: settlementCall<PaymentRecord>(config.ledger, config.batch.maxGas),
        isOfKind: (row): row is PaymentRecord => row.terms === null,
      });
      if (config.escrow === undefined) return [settlement];
      const opening = createPaymentWork({
        ...common,
        kind: "hold",
        gas: OPENING_GAS,
        call: openingCall(config.escrow, config.batch.maxGas),
        isOfKind: (row): row is HoldToOpen => row.terms !== null,
      });
      return [createActWork({ ...common, escrow: config.escrow }), opening, settlement];
    };
    const lanes = config.laneKeys.map((privateKey) =>
      createLane({
        database,
        provider,
        reader,
        catchUp: () => follower.catchUp(),
        chainId,
        privateKey,
        works,
        holder,
        leaseMs: config.leaseMs,
        tipWei: config.tipWei,
        finalityDepth: config.finalityDepth,
        log,
        onMined({ rows, gasUsed }) {
          metrics.transactions.inc();
          if (rows > 0) metrics.gasPerPayment.observe(Number(gasUsed) / rows);
        },
      }),
    );
    const laneLoops = lanes.map((lane) => startLoop(`lane ${lane.address}`, config.pollMs, log, () => lane.round()));
    const leaseLoop = startLoop("leases", Math.floor(config.leaseMs / 3), log, async () => {
      for (const lane of lanes) await lane.renew();
    });

    const wakeLanes = (): void => {
      for (const loop of laneLoops) loop.wake();
    };
    const watcher = createWatcher({
      database,
      warningSeconds: config.captureWarningSeconds,
      log,
      onDue: wakeLanes,
    });
    const backgroundLoops = [startLoop("deadlines", Math.max(1_000, config.pollMs), log, () => watcher.round())];
    if (config.webhook !== undefined) {
      const deliverer = createDeliverer({ database, endpoint: config.webhook, log });
      backgroundLoops.push(startLoop("webhooks", Math.max(500, config.pollMs), log, () => deliverer.round()));
    }

    const escrow = config.escrow === undefined ? undefined : { chainId, escrow: config.escrow };
    const intake = createIntake({
      database,
      escrow: config.escrow,
      domain: { chainId, ledger: config.ledger },
      tokens: config.tokens,
      catchUp: () => follower.catchUp(),
      onAccepted: wakeLanes,
    });
    const acts =
      escrow === undefined
        ? undefined
        : createActIntake({
            database,
            domain: escrow,
            catchUp: () => follower.catchUp(),
            onAccepted: wakeLanes,
          });
    const server = createServer({
      database,
      intake,
      acts,
      escrow,
      metrics,
      log,
      network: {
        chainId: chainId.toString(),
        ledger: config.ledger,
        escrow: config.escrow ?? null,
        operators: lanes.map((lane) => lane.address),
        tokens: config.tokens,
        finalityDepth: config.finalityDepth,
      },
      readiness: () => findObstacles(database, reader),
    });
    closers.push(
      async () => {
        for (const lane of lanes) await lane.release();
      },
      () => followerLoop.stop(),
      () => leaseLoop.stop(),
      async () => {
        await Promise.all([...laneLoops, ...backgroundLoops].map((loop) => loop.stop()));
      },
      () => intake.drain(),
      () => server.close(),
    );
    const url = await listen(server.listen({ host: config.host, port: config.port }), config);
    log.info({ url, chainId, ledger: config.ledger, lanes: lanes.map((lane) => lane.address) }, "relayer is up");
    return { url, stop: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(listening: Promise<string>, config: Config): Promise<string> {
  try {
    return await listening;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new AppError(
      "port_taken",
      `Port ${config.port} is taken. Stop what uses it, or set CORRIDOR_PORT to another (0: any free one).`,
      { cause },
    );
  }
}

async function readChainId(provider: JsonRpcProvider, rpcUrl: string): Promise<bigint> {
  try {
    return BigInt((await provider.send("eth_chainId", [])) as string);
  } catch (cause) {
    provider.destroy();
    throw new AppError("chain_unreachable", `No chain answers at ${new URL(rpcUrl).origin}. See CORRIDOR_RPC_URL.`, {
      retriable: true,
      cause,
    });
  }
}

async function requireLedger(provider: JsonRpcProvider, ledger: string): Promise<void> {
  const domain = await Ledger__factory.connect(ledger, provider)
    .eip712Domain()
    .catch(() => undefined);
  if (domain?.name === "Corridor Ledger" && domain.version === "1") return;
  provider.destroy();
  throw new AppError(
    "ledger_missing",
    `There is no Ledger of this version at ${ledger} on this chain. See CORRIDOR_LEDGER.`,
  );
}

async function requireEscrow(provider: JsonRpcProvider, escrow: string, ledger: string): Promise<void> {
  const contract = Escrow__factory.connect(escrow, provider);
  const owner = await contract.ledger().catch(() => undefined);
  if (owner === ledger) return;
  provider.destroy();
  throw new AppError(
    "escrow_missing",
    `There is no Escrow of the Ledger ${ledger} at ${escrow} on this chain. See CORRIDOR_ESCROW.`,
  );
}

/** A database belongs to one Ledger on one chain for good; a chain that was started anew is another chain. */
async function requireSameDeployment(
  database: Database,
  reader: LedgerReader,
  chainId: bigint,
  config: Config,
): Promise<void> {
  const anchor = await reader.block(config.startBlock);
  if (anchor === undefined) {
    throw new AppError("start_block_missing", `The chain has no block ${config.startBlock}. See CORRIDOR_START_BLOCK.`);
  }
  const owner = await claimDeployment(database, { chainId, ledger: config.ledger, anchor });
  const onChain = await reader.block(owner.anchor.number);
  if (owner.chainId === chainId && owner.ledger === config.ledger && onChain?.hash === owner.anchor.hash) return;
  throw new AppError(
    "deployment_mismatch",
    `The database belongs to the Ledger ${owner.ledger} on chain ${owner.chainId} (block ${owner.anchor.number} ` +
      `${owner.anchor.hash}), not to ${config.ledger} on this one. Use another database: DATABASE_URL or CORRIDOR_DATABASE_NAME.`,
  );
}

/** How far the record may be behind the chain before clients are sent elsewhere. */
const MAX_LAG = 50n;

async function findObstacles(database: Database, reader: LedgerReader): Promise<string[]> {
  const obstacles: string[] = [];
  const tip = await reader.block("latest").catch(() => undefined);
  if (tip === undefined) obstacles.push("the chain does not answer");
  const head = await followedHead(database).catch(() => null);
  if (head === null) obstacles.push("the database does not answer");
  else if (tip !== undefined && tip.number - (head?.number ?? 0n) > MAX_LAG) {
    obstacles.push(`the record is ${tip.number - (head?.number ?? 0n)} blocks behind the chain`);
  }
  return obstacles;
}
