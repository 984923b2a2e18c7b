import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";

import { formatEther, type JsonRpcProvider, ZeroAddress } from "ethers";
import type { Logger } from "pino";

import type { NetworkView } from "../sdk/client.ts";
import { AUTHORIZATIONS } from "../sdk/gateway-typed-data.ts";
import { Ledger__factory } from "../typechain-types/factories/contracts/Ledger__factory.ts";
import { IExchange__factory } from "../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { IGateway__factory } from "../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { Escrow__factory } from "../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { createAccess } from "./api/access.ts";
import { createKeyRing } from "./api/key-ring.ts";
import { rateLimitsOf } from "./api/rate-limits.ts";
import { createServer } from "./api/server.ts";
import { AppError } from "./app-error.ts";
import { type ChainReader, createChainReader } from "./chain/chain-reader.ts";
import { readCurrencies } from "./chain/currencies.ts";
import { createDepositQuestion } from "./chain/deposits.ts";
import { createDeviceReader } from "./chain/device-reader.ts";
import { createDeviceView } from "./chain/device-view.ts";
import { EndpointsProvider, type RpcObserver } from "./chain/endpoints.ts";
import { createEscrowReader, NO_ESCROW } from "./chain/escrow-reader.ts";
import { createExchangeReader, NO_EXCHANGE } from "./chain/exchange-reader.ts";
import { createGuardQuestion } from "./chain/guard-question.ts";
import { createLedgerReader } from "./chain/ledger-reader.ts";
import { hasP256Precompile } from "./chain/p256-precompile.ts";
import { createQuoteQuestion } from "./chain/quote-question.ts";
import { createSignatureQuestion } from "./chain/signature-question.ts";
import { createWalletQuestions } from "./chain/wallet-questions.ts";
import { NO_X402 } from "./chain/x402-reader.ts";
import type { Config } from "./config.ts";
import { requireDeploymentsChain } from "./deployment-file.ts";
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
import { createLane, HOLD_UPS } from "./lanes/lane.ts";
import { ledgerCalls } from "./lanes/ledger-calls.ts";
import { createPaymentWorks } from "./lanes/payment-works.ts";
import { createPulledTrial } from "./lanes/pulled-trial.ts";
import { createWalletWork } from "./lanes/wallet-work.ts";
import type { Work } from "./lanes/work.ts";
import { startLoop } from "./loop.ts";
import { createQuoteDesk } from "./makers/quote-desk.ts";
import { checkSignature } from "../native/check-signature.ts";
import { createMetrics } from "./metrics.ts";
import { createReadiness } from "./readiness.ts";
import { createReadings } from "./readings.ts";
import { rpcOf } from "./receipts/block-proofs.ts";
import { createReceiptDesk } from "./receipts/receipt-desk.ts";
import type { LaneSigner } from "./signers/lane-signer.ts";
import { openSigners } from "./signers/open-signers.ts";
import { claimDeployment } from "./store/chain.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { migrate } from "./store/migrate.ts";
import { startEmbeddedPostgres } from "./store/postgres/embedded-postgres.ts";
import { requireDatabase } from "./store/require-database.ts";
import { abandonedLanes } from "./store/transactions.ts";
import { saveConfiguredEndpoint } from "./store/webhook-endpoints.ts";
import { tracedSigner, tracedSimulator, tracedWork } from "./traced-lane.ts";
import { annotate, ATTRIBUTES, startTracing } from "./tracing.ts";
import { createVault } from "./vault/vault.ts";
import { startDeliverer } from "./webhooks/deliverer.ts";
import { STANDARD_RETRIES_MS } from "./webhooks/schedule.ts";
import { openX402 } from "./x402-parts.ts";

/** Where Vite puts the console. */
const CONSOLE_FOLDER = fileURLToPath(new URL("../web/dist", import.meta.url));
const HEALTH_MS = 5_000;

export interface Relayer {
  readonly url: string;
  /** Accepts nothing more, lets what is under way finish, gives its lanes up and closes. */
  stop(): Promise<void>;
}

/** Starts every part of the relayer. @throws AppError if the configuration, the chain or the database do not fit. */
export async function startRelayer(config: Config, log: Logger): Promise<Relayer> {
  const stopTracing = await startTracing(config.tracing, log);
  const rpcObserver: RpcObserver = { onFailure: () => undefined };
  const provider = new EndpointsProvider(config.rpcUrls, rpcObserver, log);
  const chainId = await provider
    .requireOneChain()
    .then((answer) => {
      requireDeploymentsChain(config.chainId, answer);
      return answer;
    })
    .catch((error: unknown) => {
      provider.destroy();
      throw error;
    });
  const followed = [config.ledger, config.escrow, config.gateway, config.exchange, config.x402];
  const reader = createChainReader(
    provider,
    followed.filter((contract) => contract !== undefined),
  );
  const signatureVerifier = await requireLedger(provider, config.ledger);
  if (config.escrow !== undefined) await requireEscrow(provider, config.escrow, config.ledger);
  if (config.exchange !== undefined) await requireExchange(provider, config.exchange, config);
  const permit2 = config.gateway === undefined ? null : await requireGateway(provider, config.gateway, config);
  const x402 = await openX402(provider, config);
  const currencies = await readCurrencies(provider, chainId, config.tokens, (token) => {
    log.warn({ token }, "a token does not say how it is called or counted: it is shown by its address");
  });
  const cheapP256 = await hasP256Precompile(provider);
  const signers = await openSigners(config.laneKeys, config.kms).catch((error: unknown) => {
    provider.destroy();
    throw error;
  });

  // Not among the lanes: it sends nothing.
  const [receiptSigner] = await openSigners(
    config.receiptKey === undefined ? [] : [config.receiptKey],
    config.kms,
  ).catch((error: unknown) => {
    provider.destroy();
    throw error;
  });

  const embedded =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({
          dataFolder: config.dataFolder,
          database: config.databaseName,
          ...(config.postgresPort === 0 ? {} : { port: config.postgresPort }),
        })
      : undefined;
  const database = openDatabase(config.databaseUrl ?? embedded?.url ?? "");
  let draining = false;
  const closers: (() => Promise<unknown>)[] = [
    stopTracing,
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
    await requireDatabase(database);
    await migrate(database);
    await requireSameDeployment(database, reader, chainId, config);
    const holder = randomUUID();
    const readiness = createReadiness({ database, provider, reader, chainId, isDraining: () => draining });
    const metrics = createMetrics(
      createReadings({
        ...{ database, holder, readiness, captureWarningSeconds: config.captureWarningSeconds },
        lanes: signers.map(({ address }) => address),
      }),
    );
    rpcObserver.onFailure = (method, reason) => {
      metrics.rpcErrors.inc({ method, reason });
    };

    const escrowReader = config.escrow === undefined ? NO_ESCROW : createEscrowReader(provider, config.escrow);
    const follower = createFollower({
      database,
      reader,
      ledger: createLedgerReader(provider, config.ledger, config.gateway),
      escrow: escrowReader,
      exchange: config.exchange === undefined ? NO_EXCHANGE : createExchangeReader(provider, config.exchange),
      x402: x402?.reader ?? NO_X402,
      contracts: config,
      startBlock: config.startBlock,
      finalityDepth: config.finalityDepth,
      log,
      onProgress({ head, settled, rejected }) {
        metrics.followedBlock.set(Number(head));
        metrics.settled.inc(settled.length);
        metrics.rejected.inc(rejected);
        for (const seconds of settled) metrics.settlementSeconds.observe(seconds);
        annotate({ [ATTRIBUTES.block]: Number(head), [ATTRIBUTES.payments]: settled.length });
      },
      onReorg: (depth) => {
        metrics.reorgDepth.observe(Number(depth));
        if (depth > BigInt(config.finalityDepth)) metrics.deepReorgs.inc();
      },
      onMined({ lane, rows, gasUsed, succeeded }) {
        metrics.transactions.inc({ lane, outcome: succeeded ? "mined" : "failed" });
        if (rows > 0) metrics.gasPerPayment.observe(Number(gasUsed) / rows);
      },
    });
    await follower.catchUp();
    const followerLoop = startLoop("follower", config.pollMs, log, () => follower.catchUp());

    const onRefused = (code: string): void => {
      metrics.refused.inc({ code });
    };
    const works = (from: string): Work[] => {
      const common = {
        ...{ database, simulator: tracedSimulator({ provider, from }), catchUp: () => follower.catchUp() },
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
      return [...instructionWorks, ...acts, ...payments, wallets, ...x402Works].map(tracedWork);
    };
    const countErrors = (signer: LaneSigner): LaneSigner => ({
      address: signer.address,
      sign: (digest) =>
        signer.sign(digest).catch((error: unknown) => {
          const code = error instanceof AppError ? error.code : "unknown";
          metrics.signingErrors.inc({ lane: signer.address, code });
          throw error;
        }),
    });
    const lanes = signers.map((signer) =>
      createLane({
        database,
        provider,
        reader,
        catchUp: () => follower.catchUp(),
        chainId,
        signer: tracedSigner(countErrors(signer)),
        works,
        maxRows: config.batch.maxRows,
        holder,
        leaseMs: config.leaseMs,
        fees: config.fees,
        patience: { resendMs: config.resendMs, stuckMs: config.stuckMs },
        finalityDepth: config.finalityDepth,
        lowBalance: config.lowBalance,
        log,
        onSent: () => {
          followerLoop.wake();
        },
        onLost: () => {
          metrics.transactions.inc({ lane: signer.address, outcome: "lost" });
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
    const backgroundLoops = [
      startLoop("health", HEALTH_MS, log, async () => {
        await provider.checkHealth();
        for (const lane of lanes) {
          await lane.checkBalance();
          const { address, balance, holdUp } = lane.health();
          if (balance !== undefined) metrics.laneBalance.set({ lane: address }, Number(formatEther(balance)));
          for (const by of HOLD_UPS) metrics.laneHeldUp.set({ lane: address, by }, holdUp === by ? 1 : 0);
        }
      }),
      startLoop("deadlines", Math.max(1_000, config.pollMs), log, () => watcher.round()),
    ];
    await saveConfiguredEndpoint(database, config.webhook);
    const deliverer = startDeliverer({
      ...{ database, key: config.webhookKey, configuredSecret: config.webhook?.secret, log },
      ...{ allowPrivate: config.webhookAllowPrivate, retries: config.webhookRetriesMs ?? STANDARD_RETRIES_MS },
      pollMs: Math.max(500, config.pollMs),
      onAttempt: (outcome) => {
        metrics.webhookAttempts.inc({ outcome });
      },
    });

    const escrow = config.escrow === undefined ? undefined : { chainId, escrow: config.escrow };
    const exchange = config.exchange === undefined ? undefined : { chainId, exchange: config.exchange };
    const { hasCode, tryWallet } = createWalletQuestions(provider, signatureVerifier);
    const signatures = { checkSignature, askContract: createSignatureQuestion(provider, signatureVerifier), hasCode };
    const intake = createIntake({
      database,
      readHolds: (ids, at) => escrowReader.holds(ids, at),
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
            onLeftOut: (maker, reason) => {
              metrics.makersLeftOut.inc({ maker, reason });
            },
          });
    const facilitator = x402?.createFacilitator({
      ...{ database, signatures, chainId, log, pollMs: config.pollMs, onAccepted: wakeLanes },
      signers: lanes.map((lane) => lane.address),
      catchUp: () => follower.catchUp(),
    });
    const network: NetworkView = {
      chainId: chainId.toString(),
      ledger: config.ledger,
      escrow: config.escrow ?? null,
      gateway: config.gateway ?? null,
      permit2,
      exchange: config.exchange ?? null,
      signatureVerifier,
      operators: lanes.map((lane) => lane.address),
      tokens: config.tokens,
      currencies,
      rpcUrl: config.consoleRpcUrl ?? null,
      startBlock: config.startBlock.toString(),
      demo: config.demo ?? null,
      finalityDepth: config.finalityDepth,
      receiptSigner: receiptSigner?.address ?? null,
      withdrawalFees: Object.fromEntries(
        config.tokens.map((token) => [token, String(config.withdrawalFees.get(token) ?? 0n)]),
      ),
      walletFactories: config.walletFactories,
    };
    const receipts = createReceiptDesk({
      ...{ database, rpc: rpcOf(provider), network, signer: receiptSigner, depth: config.receiptDepth },
    });
    const server = createServer({
      database,
      intake,
      acts,
      escrow,
      quotes,
      facilitator,
      receipts,
      signatures,
      instructions,
      readDevice: createDeviceView(provider, config.ledger),
      webhooks: { key: config.webhookKey, allowPrivate: config.webhookAllowPrivate },
      vault: config.recordKeys === undefined ? undefined : createVault(config.recordKeys),
      maxStreams: config.maxStreams,
      metrics,
      log,
      access: createAccess(),
      keyRing: createKeyRing({ database, operatorKey: config.operatorKey, log }),
      rateLimits: rateLimitsOf(config.rateLimit),
      trustProxy: config.trustProxy,
      metricsOpen: config.metricsOpen,
      console: { folder: CONSOLE_FOLDER, rpcUrl: config.consoleRpcUrl ?? null },
      network,
      isoCurrencies: config.isoCurrencies,
      readiness,
      isDraining: () => draining,
      isOverloaded: () => intake.waiting() >= config.maxWaiting || database.waitingCount >= config.maxWaiting,
    });
    closers.push(
      async () => {
        for (const lane of lanes) await lane.release();
      },
      () => followerLoop.stop(),
      () => leaseLoop.stop(),
      async () => {
        await Promise.all([...laneLoops, ...backgroundLoops, deliverer].map((loop) => loop.stop()));
      },
      () => intake.drain(),
      () => server.close(),
      // Whoever waits for the chain is answered now.
      async () => facilitator?.stop(),
    );
    const url = await listen(server.listen({ host: config.host, port: config.port }), config);
    const addresses = lanes.map((lane) => lane.address);
    for (const lane of await abandonedLanes(database, addresses)) {
      log.warn({ lane }, "a lane has unmined transactions, and nobody has its key");
    }
    log.info({ url, chainId, ledger: config.ledger, lanes: addresses }, "relayer is up");
    const stop = async (): Promise<void> => {
      draining = true;
      // Whoever sends requests here finds out by /readyz, while the port is open still.
      await new Promise((resolve) => setTimeout(resolve, config.drainMs));
      await close();
    };
    return { url, stop };
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
  reader: ChainReader,
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
