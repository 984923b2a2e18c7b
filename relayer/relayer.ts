import { randomUUID } from "node:crypto";

import { JsonRpcProvider, ZeroAddress } from "ethers";
import type { Logger } from "pino";

import { AUTHORIZATIONS } from "../sdk/gateway-typed-data.ts";
import { Ledger__factory } from "../typechain-types/factories/contracts/Ledger__factory.ts";
import { IExchange__factory } from "../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { IGateway__factory } from "../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { Escrow__factory } from "../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { createServer } from "./api/server.ts";
import { AppError } from "./app-error.ts";
import { createDepositQuestion } from "./chain/deposits.ts";
import { createDeviceReader } from "./chain/device-reader.ts";
import { createDeviceView } from "./chain/device-view.ts";
import { createEscrowReader, NO_ESCROW } from "./chain/escrow-reader.ts";
import { createExchangeReader, NO_EXCHANGE } from "./chain/exchange-reader.ts";
import { createGuardQuestion } from "./chain/guard-question.ts";
import { createLedgerReader, type LedgerReader } from "./chain/ledger-reader.ts";
import { hasP256Precompile } from "./chain/p256-precompile.ts";
import { createQuoteQuestion } from "./chain/quote-question.ts";
import { createSignatureQuestion } from "./chain/signature-question.ts";
import { createWalletQuestions } from "./chain/wallet-questions.ts";
import { NO_X402 } from "./chain/x402-reader.ts";
import type { Config } from "./config.ts";
import { createWatcher } from "./deadlines/watcher.ts";
import { createFollower } from "./follower/follower.ts";
import { createActIntake } from "./intake/act-intake.ts";
import { createInstructionIntake } from "./intake/instruction-intake.ts";
import { createIntake, currentTime } from "./intake/intake.ts";
import { escrowActCalls } from "./lanes/act-calls.ts";
import { createActWork } from "./lanes/act-work.ts";
import { depositCalls } from "./lanes/deposit-calls.ts";
import { fxRefundCalls } from "./lanes/fx-refund-calls.ts";
import { createInstructionWork } from "./lanes/instruction-work.ts";
import { createLane } from "./lanes/lane.ts";
import { ledgerCalls } from "./lanes/ledger-calls.ts";
import { createPaymentWorks } from "./lanes/payment-works.ts";
import { createPulledTrial } from "./lanes/pulled-trial.ts";
import { createWalletWork } from "./lanes/wallet-work.ts";
import type { Work } from "./lanes/work.ts";
import { startLoop } from "./loop.ts";
import { createQuoteDesk } from "./makers/quote-desk.ts";
import { checkSignature } from "./signatures/check-signature.ts";
import { createMetrics } from "./metrics.ts";
import { actQueueState } from "./store/acts.ts";
import { claimDeployment, followedHead } from "./store/chain.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { migrate } from "./store/migrate.ts";
import { countExpiring } from "./store/holds.ts";
import { instructionQueueState } from "./store/instructions.ts";
import { countUndelivered } from "./store/outbox.ts";
import { queueState } from "./store/payments.ts";
import { startEmbeddedPostgres } from "./store/postgres/embedded-postgres.ts";
import { createDeliverer } from "./webhooks/deliverer.ts";
import { openX402 } from "./x402-parts.ts";

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
  const reader = createLedgerReader(provider, config.ledger, config.gateway);
  const signatureVerifier = await requireLedger(provider, config.ledger);
  if (config.escrow !== undefined) await requireEscrow(provider, config.escrow, config.ledger);
  if (config.exchange !== undefined) await requireExchange(provider, config.exchange, config);
  const permit2 = config.gateway === undefined ? null : await requireGateway(provider, config.gateway, config);
  const x402 = await openX402(provider, config);
  const cheapP256 = await hasP256Precompile(provider);

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
      waitingInstructions: async () => (await instructionQueueState(database, 1_000_000)).waiting,
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
      exchange: config.exchange === undefined ? NO_EXCHANGE : createExchangeReader(provider, config.exchange),
      x402: x402?.reader ?? NO_X402,
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
      const { ledger, escrow, gateway, exchange } = config;
      const { simulator, ...rest } = common;
      const instructionCalls = [
        // First of all: a cancellation is after something that is accepted already.
        ledgerCalls(simulator, ledger, cheapP256),
        ...(gateway === undefined
          ? []
          : AUTHORIZATIONS.map((kind) => depositCalls(simulator, gateway, kind, config.batch.maxGas))),
      ];
      const instructionWorks = instructionCalls.map((calls) => createInstructionWork({ ...rest, calls }));
      const addresses = { ledger, escrow, gateway, exchange };
      const payments = createPaymentWorks({ ...common, ...addresses, hasP256Precompile: cheapP256 });
      const wallets = createWalletWork({
        ...rest,
        factories: config.walletFactories,
        questions: createWalletQuestions(provider, signatureVerifier, from),
      });
      const actCalls = [
        ...(escrow === undefined ? [] : [escrowActCalls(escrow, cheapP256)]),
        ...(escrow === undefined || exchange === undefined ? [] : [fxRefundCalls(exchange, cheapP256)]),
      ];
      const acts = actCalls.map((calls) => createActWork({ ...common, calls }));
      const x402Works = x402 === undefined ? [] : [x402.createWork({ ...common, readBlock: (at) => reader.block(at) })];
      return [...instructionWorks, ...acts, ...payments, wallets, ...x402Works];
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
    const exchange = config.exchange === undefined ? undefined : { chainId, exchange: config.exchange };
    const { hasCode, tryWallet } = createWalletQuestions(provider, signatureVerifier);
    const signatures = { checkSignature, askContract: createSignatureQuestion(provider, signatureVerifier), hasCode };
    const intake = createIntake({
      database,
      signatures,
      walletFactories: config.walletFactories,
      tryWallet,
      askDevice: createDeviceReader(provider, config.ledger),
      isGuarded: createGuardQuestion(provider, config.exchange ?? ZeroAddress),
      tryPulling:
        config.gateway === undefined
          ? undefined
          : createPulledTrial({ provider, gateway: config.gateway, from: lanes[0]?.address ?? ZeroAddress }),
      escrow: config.escrow,
      gateway: config.gateway,
      exchange: config.exchange,
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
            domains: { escrow, exchange },
            signatures,
            catchUp: () => follower.catchUp(),
            onAccepted: wakeLanes,
          });
    const instructions = createInstructionIntake({
      database,
      domain: { chainId, ledger: config.ledger, gateway: config.gateway },
      tokens: config.tokens,
      withdrawalFees: config.withdrawalFees,
      checkSignature,
      askContract: createSignatureQuestion(provider, signatureVerifier),
      hasCode,
      tryDeposit: createDepositQuestion(provider, config.gateway ?? ZeroAddress),
      catchUp: () => follower.catchUp(),
      onAccepted: wakeLanes,
    });
    const quotes =
      exchange === undefined
        ? undefined
        : createQuoteDesk({
            ...{ makers: config.makers, domain: exchange, tokens: config.tokens, log },
            isFillable: createQuoteQuestion(provider, exchange.exchange),
            now: () => currentTime(database),
          });
    const facilitator = x402?.createFacilitator({
      ...{ database, signatures, chainId, log, pollMs: config.pollMs, onAccepted: wakeLanes },
      signers: lanes.map((lane) => lane.address),
      catchUp: () => follower.catchUp(),
    });
    const server = createServer({
      database,
      intake,
      acts,
      escrow,
      quotes,
      facilitator,
      signatures,
      instructions,
      readDevice: createDeviceView(provider, config.ledger),
      metrics,
      log,
      network: {
        chainId: chainId.toString(),
        ledger: config.ledger,
        escrow: config.escrow ?? null,
        gateway: config.gateway ?? null,
        permit2,
        exchange: config.exchange ?? null,
        signatureVerifier,
        operators: lanes.map((lane) => lane.address),
        tokens: config.tokens,
        finalityDepth: config.finalityDepth,
        withdrawalFees: Object.fromEntries(
          config.tokens.map((token) => [token, String(config.withdrawalFees.get(token) ?? 0n)]),
        ),
        walletFactories: config.walletFactories,
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
      // Whoever waits for the chain is answered now.
      async () => facilitator?.stop(),
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

/** @returns the verifier of signatures that the Ledger goes by. */
async function requireLedger(provider: JsonRpcProvider, ledger: string): Promise<string> {
  const contract = Ledger__factory.connect(ledger, provider);
  const domain = await contract.eip712Domain().catch(() => undefined);
  const verifier = await contract.signatureVerifier().catch(() => undefined);
  if (domain?.name === "Corridor Ledger" && domain.version === "1" && verifier !== undefined) return verifier;
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

async function requireExchange(
  provider: JsonRpcProvider,
  exchange: string,
  { ledger, escrow }: Pick<Config, "ledger" | "escrow">,
): Promise<void> {
  const contract = IExchange__factory.connect(exchange, provider);
  const found = await Promise.all([contract.ledger(), contract.escrow()]).catch(() => undefined);
  if (found !== undefined && found[0] === ledger && (escrow === undefined || found[1] === escrow)) return;
  provider.destroy();
  throw new AppError(
    "exchange_missing",
    `There is no Exchange of the Ledger ${ledger} and the Escrow ${escrow} at ${exchange} on this chain. See CORRIDOR_EXCHANGE.`,
  );
}

/** @returns Permit2's address, as the Gateway has it. */
async function requireGateway(
  provider: JsonRpcProvider,
  gateway: string,
  { ledger, escrow }: Pick<Config, "ledger" | "escrow">,
): Promise<string> {
  const contract = IGateway__factory.connect(gateway, provider);
  const found = await Promise.all([contract.ledger(), contract.escrow(), contract.permit2()]).catch(() => undefined);
  if (found !== undefined && found[0] === ledger && (escrow === undefined || found[1] === escrow)) return found[2];
  provider.destroy();
  throw new AppError(
    "gateway_missing",
    `There is no Gateway of the Ledger ${ledger} and the Escrow ${escrow} at ${gateway} on this chain. See CORRIDOR_GATEWAY.`,
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
