import { randomBytes } from "node:crypto";

import { JsonRpcProvider, NonceManager, Wallet, HDNodeWallet, Mnemonic } from "ethers";

import type { DemoView } from "../../sdk/client.ts";
import { recreateDatabase } from "../../relayer/store/postgres/recreate-database.ts";
import { startEmbeddedPostgres } from "../../relayer/store/postgres/embedded-postgres.ts";
import { deployLocally, type LocalDeployment } from "./deploy.ts";
import { makerEnvironment, openGuards, stockMaker } from "./exchange.ts";
import { LOCAL_MERCHANTS } from "./merchants.ts";
import { type Part, startPart } from "./process.ts";

/** The accounts of a Hardhat chain, known to all. Worth nothing anywhere else. */
const MNEMONIC = Mnemonic.fromPhrase("test test test test test test test test test test test junk");

export function localKey(index: number): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(MNEMONIC, `m/44'/60'/0'/0/${index}`);
}

/** The operator's key of a local stack, known to all. Worth nothing anywhere else. */
export const LOCAL_OPERATOR_KEY = "local-operator-key-worth-nothing-elsewhere";

/** The account that quotes. */
export const MAKER = 17;

/** Whose statements stand in receipts. */
const RECEIPT_SIGNER = 20;

/** The account that gives test money away. */
const BANK = 14;

/** Chain, contracts, database and relayer on this machine. */
export interface LocalStack {
  readonly deployment: LocalDeployment;
  readonly provider: JsonRpcProvider;
  /** Pays the gas of set-up. */
  readonly deployer: NonceManager;
  readonly chain: Part;
  readonly relayerUrl: string;
  /** Lets its holder do everything over HTTP. */
  readonly operatorKey: string;
  /** The relayer's settings, for another instance beside it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Who quotes currencies, if anybody does. */
  readonly maker: Part | undefined;
  relayer(): Part;
  /** Starts the relayer anew, as after a crash, on the same database. */
  restartRelayer(): Promise<void>;
  stop(): Promise<void>;
}

export interface StackOptions {
  readonly chainPort: number;
  readonly port: number;
  readonly dataFolder: string;
  readonly databaseUrl?: string | undefined;
  /** Made anew on that server. */
  readonly databaseName?: string | undefined;
  /** More settings of the relayer, over those of a local chain. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether a maker quotes currencies against each other. */
  readonly hasMaker?: boolean;
  /** What is started as the chain; by default Hardhat's node. Given a port, 0 for any. */
  readonly chainScript?: string | undefined;
}

const DATABASE = "corridor_local";

/** Starts everything. If one part fails to start, what was started is stopped again. */
export async function startLocalStack(options: StackOptions): Promise<LocalStack> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close().catch(() => undefined);
  };
  try {
    const chain = await startPart(
      "chain",
      options.chainScript ?? "scripts/local/chain.ts",
      [String(options.chainPort)],
      {},
    );
    closers.push(() => chain.stop());
    const provider = new JsonRpcProvider(chain.url, undefined, { staticNetwork: true, cacheTimeout: -1 });
    closers.push(() => {
      provider.destroy();
      return Promise.resolve();
    });
    const deployment = await deployLocally(chain.url);
    const deployer = new NonceManager(new Wallet(localKey(0).privateKey, provider));
    let maker: Part | undefined;
    if (options.hasMaker === true) {
      const { privateKey } = localKey(MAKER);
      await openGuards(deployment, deployer);
      await stockMaker(deployment, deployer, provider, privateKey);
      maker = await startPart("maker", "maker/main.ts", [], makerEnvironment(deployment, chain.url, privateKey));
      const started = maker;
      closers.push(() => started.stop());
    }

    let adminUrl = options.databaseUrl;
    if (adminUrl === undefined) {
      const postgres = await startEmbeddedPostgres({ dataFolder: options.dataFolder, database: DATABASE });
      closers.push(() => postgres.stop());
      adminUrl = postgres.url;
    }
    // The chain begins anew with each start, and so does its record.
    const databaseUrl = await recreateDatabase(adminUrl, options.databaseName ?? DATABASE);

    const ownKey = process.env.CORRIDOR_OPERATOR_KEY;
    const environment = {
      CORRIDOR_RPC_URL: chain.url,
      // The chain's own node: its accounts are everybody's.
      CORRIDOR_CONSOLE_RPC_URL: chain.url,
      CORRIDOR_DEMO: JSON.stringify(demoOf(deployment)),
      CORRIDOR_LEDGER: deployment.ledger,
      CORRIDOR_ESCROW: deployment.escrow,
      CORRIDOR_GATEWAY: deployment.gateway,
      CORRIDOR_EXCHANGE: deployment.exchange,
      CORRIDOR_X402: deployment.x402,
      CORRIDOR_MAKERS: maker?.url ?? "",
      CORRIDOR_TOKENS: [deployment.dollar, deployment.euro, deployment.yen].join(","),
      CORRIDOR_LANE_KEYS: [localKey(18).privateKey, localKey(19).privateKey].join(","),
      CORRIDOR_RECEIPT_KEY: localKey(RECEIPT_SIGNER).privateKey,
      CORRIDOR_WITHDRAWAL_FEES: [deployment.dollar, deployment.euro].map((token) => `${token}=10000`).join(","),
      CORRIDOR_FINALITY_DEPTH: "2",
      CORRIDOR_POLL_MS: "50",
      CORRIDOR_LEASE_MS: "2000",
      CORRIDOR_LOG_LEVEL: "warn",
      CORRIDOR_PORT: String(options.port),
      CORRIDOR_HOST: "127.0.0.1",
      // Endpoints of this machine; their secrets are gone with the database.
      CORRIDOR_WEBHOOK_KEY: randomBytes(32).toString("base64"),
      CORRIDOR_WEBHOOK_ALLOW_PRIVATE: "true",
      CORRIDOR_RECORD_KEYS: `local=${randomBytes(32).toString("base64")}`,
      DATABASE_URL: databaseUrl,
      CORRIDOR_OPERATOR_KEY: ownKey === undefined || ownKey === "" ? LOCAL_OPERATOR_KEY : ownKey,
      // All of the market comes from one address.
      CORRIDOR_RATE_LIMIT: "0",
      ...options.environment,
    };
    let relayer = await startPart("relayer", "relayer/main.ts", [], environment);
    closers.push(() => relayer.stop());
    return {
      deployment,
      provider,
      chain,
      deployer,
      maker,
      relayerUrl: relayer.url,
      operatorKey: environment.CORRIDOR_OPERATOR_KEY,
      environment,
      relayer: () => relayer,
      async restartRelayer() {
        relayer = await startPart("relayer", "relayer/main.ts", [], environment);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function demoOf({ dollar, euro }: LocalDeployment): DemoView {
  return {
    bank: localKey(BANK).address,
    merchants: LOCAL_MERCHANTS.map(({ name, account, currency }) => {
      return { name, merchant: localKey(account).address, token: currency === "EUR" ? euro : dollar };
    }),
  };
}
