import { getAddress, parseEther } from "ethers";
import ipaddr from "ipaddr.js";
import { z } from "zod";

import type { DemoView } from "../sdk/client.ts";
import type { Deployment } from "../sdk/deployment.ts";
import { isIsoCurrency } from "../sdk/statement/iso-currency.ts";
import { EVENT_TYPES } from "../sdk/webhooks.ts";
import { AppError } from "./app-error.ts";
import { settingsOf } from "./deployment-file.ts";
import { isLaneKey, type KmsConfig, type LaneKey, readLaneKey } from "./lane-key.ts";
import { type MasterKeys, readMasterKeys } from "./vault/master-keys.ts";

const address = z.string().transform((text, context) => {
  try {
    return getAddress(text);
  } catch {
    context.addIssue({ code: "custom", message: "an address with a valid checksum" });
    return z.NEVER;
  }
});

function list<T extends z.ZodType<string, string>>(item: T) {
  return z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .pipe(z.array(item).min(1, "at least one, separated by commas"));
}

function integer(minimum: number, maximum: number) {
  const message = `a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .pipe(z.number().min(minimum, message).max(maximum, message));
}

const GWEI = 10n ** 9n;
const ether = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,18})?$/, "an amount of ether, such as 0.5")
  .transform((text) => parseEther(text));

const FEE = "token=smallest units, separated by commas";
const fees = list(z.string().regex(/^0x[0-9a-fA-F]{40}=\d{1,39}$/, FEE)).pipe(
  z.array(
    z.string().transform((text, context): [token: string, fee: bigint] => {
      const [token = "", fee = ""] = text.split("=");
      const checked = address.safeParse(token);
      if (checked.success) return [checked.data, BigInt(fee)];
      context.addIssue({ code: "custom", message: FEE });
      return z.NEVER;
    }),
  ),
);

const ISO_CURRENCY = "token=currency of ISO 4217, separated by commas";
const isoCurrencies = list(z.string().regex(/^0x[0-9a-fA-F]{40}=[A-Z]{3}$/, ISO_CURRENCY)).pipe(
  z.array(
    z.string().transform((text, context): [token: string, currency: string] => {
      const [token = "", currency = ""] = text.split("=");
      const checked = address.safeParse(token);
      if (checked.success && isIsoCurrency(currency)) return [checked.data, currency];
      context.addIssue({ code: "custom", message: ISO_CURRENCY });
      return z.NEVER;
    }),
  ),
);

function isOwn(
  contract: string,
  own: {
    readonly CORRIDOR_LEDGER: string;
    readonly CORRIDOR_ESCROW?: string | undefined;
    readonly CORRIDOR_GATEWAY?: string | undefined;
    readonly CORRIDOR_EXCHANGE?: string | undefined;
    readonly CORRIDOR_X402?: string | undefined;
    readonly CORRIDOR_TOKENS: readonly string[];
  },
): boolean {
  const { CORRIDOR_LEDGER, CORRIDOR_ESCROW, CORRIDOR_GATEWAY, CORRIDOR_EXCHANGE, CORRIDOR_X402, CORRIDOR_TOKENS } = own;
  const contracts = [CORRIDOR_LEDGER, CORRIDOR_ESCROW, CORRIDOR_GATEWAY, CORRIDOR_EXCHANGE, CORRIDOR_X402];
  return [...contracts, ...CORRIDOR_TOKENS].includes(contract);
}

const laneKey = z.string().refine(isLaneKey, "a private key of 32 bytes in hex, or kms: and a key's id, alias or ARN");
const ratio = z
  .string()
  .regex(/^(0|1|0?\.\d{1,9}|[01]\.0{1,9})$/, "a share from 0 to 1")
  .transform(Number);

/** Names that stand for ranges of addresses, as proxy-addr knows them. */
const NAMED_RANGES = ["loopback", "linklocal", "uniquelocal"];
const PROXIES = `addresses, subnets or ${NAMED_RANGES.join(", ")}, separated by commas`;
const proxy = z
  .string()
  .refine(
    (text) => NAMED_RANGES.includes(text) || (text.includes("/") ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text)),
    PROXIES,
  );

const DEMO = "JSON: {bank, merchants: [{name, merchant, token}]}";
const demo = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: DEMO });
      return z.NEVER;
    }
  })
  .pipe(
    z.strictObject(
      {
        bank: address,
        merchants: z.array(z.strictObject({ name: z.string().min(1), merchant: address, token: address }, DEMO), DEMO),
      },
      DEMO,
    ),
  );

const RECORD_KEYS =
  "id=key, separated by commas, the present one first: an id of small letters, digits and dashes that stands once, and 32 bytes in base64";
const recordKeys = z.string().transform((text, context): MasterKeys => {
  const keys = readMasterKeys(text.split(",").map((part) => part.trim()));
  if (keys !== undefined) return keys;
  context.addIssue({ code: "custom", message: RECORD_KEYS });
  return z.NEVER;
});

const OPERATOR_KEY = "at least 32 printable characters without spaces";

const schema = z
  .object({
    CORRIDOR_RPC_URL: list(
      z.url({ protocol: /^https?$/, error: "http(s) URLs of JSON-RPC endpoints, separated by commas" }),
    ),
    CORRIDOR_LEDGER: address,
    CORRIDOR_ESCROW: address.optional(),
    CORRIDOR_GATEWAY: address.optional(),
    CORRIDOR_EXCHANGE: address.optional(),
    CORRIDOR_MAKERS: list(z.url({ protocol: /^https?$/, error: "http(s) URLs, separated by commas" })).optional(),
    CORRIDOR_X402: address.optional(),
    CORRIDOR_X402_WAIT_MS: integer(0, 600_000).default(20_000),
    CORRIDOR_TOKENS: list(address),
    CORRIDOR_LANE_KEYS: list(laneKey),
    CORRIDOR_RECEIPT_KEY: laneKey.optional(),
    CORRIDOR_RECEIPT_DEPTH: integer(0, 100_000).default(0),
    CORRIDOR_KMS_REGION: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region's name, such as eu-central-1")
      .optional(),
    CORRIDOR_KMS_ENDPOINT: z.url({ protocol: /^https?$/, error: "an http(s) URL" }).optional(),
    CORRIDOR_START_BLOCK: integer(0, 2 ** 48).default(0),
    CORRIDOR_FINALITY_DEPTH: integer(0, 100_000).default(12),
    CORRIDOR_HOST: z.string().min(1).default("127.0.0.1"),
    CORRIDOR_PORT: integer(0, 65_535).default(8080),
    CORRIDOR_DATA_FOLDER: z.string().min(1).default(".data"),
    CORRIDOR_DATABASE_NAME: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/, "small letters, digits and underscores")
      .default("corridor"),
    CORRIDOR_POSTGRES_PORT: integer(0, 65_535).default(0),
    DATABASE_URL: z.url("a postgresql:// URL").optional(),
    CORRIDOR_BATCH_ROWS: integer(1, 900).default(500),
    CORRIDOR_BATCH_AGE_MS: integer(0, 600_000).default(250),
    // One row with the dearest kinds of signatures must fit.
    CORRIDOR_BATCH_GAS: integer(2_000_000, 16_777_216).default(15_000_000),
    CORRIDOR_MAX_WAITING: integer(1, 1_000_000).default(4_000),
    CORRIDOR_POLL_MS: integer(10, 60_000).default(200),
    CORRIDOR_LEASE_MS: integer(1_000, 600_000).default(10_000),
    CORRIDOR_TIP_GWEI: integer(0, 10_000).default(1),
    CORRIDOR_MAX_FEE_GWEI: integer(1, 1_000_000).default(500),
    CORRIDOR_RESEND_MS: integer(100, 3_600_000).default(4_000),
    CORRIDOR_STUCK_MS: integer(1_000, 3_600_000).default(45_000),
    CORRIDOR_LOW_BALANCE_ETHER: ether.default(10n ** 17n),
    CORRIDOR_WITHDRAWAL_FEES: fees.optional(),
    CORRIDOR_ISO_CURRENCIES: isoCurrencies.optional(),
    CORRIDOR_WALLET_FACTORIES: list(address).optional(),
    CORRIDOR_CAPTURE_WARNING_S: integer(0, 31_536_000).default(86_400),
    CORRIDOR_WEBHOOK_URL: z.url("an http(s) URL").optional(),
    CORRIDOR_WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, "whsec_ and at least 24 bytes in base64")
      .optional(),
    CORRIDOR_WEBHOOK_EVENTS: z
      .union([z.literal("all"), list(z.enum(EVENT_TYPES))], `all, or some of ${EVENT_TYPES.join(", ")}`)
      .default(["hold.capture_due"]),
    CORRIDOR_WEBHOOK_KEY: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/, "32 bytes in base64")
      .optional(),
    CORRIDOR_WEBHOOK_ALLOW_PRIVATE: z.enum(["true", "false"], "true or false").default("false"),
    CORRIDOR_WEBHOOK_RETRY_S: list(z.string().regex(/^\d{1,6}$/, "whole seconds, separated by commas")).optional(),
    CORRIDOR_RECORD_KEYS: recordKeys.optional(),
    CORRIDOR_EVENT_STREAMS: integer(0, 100_000).default(1_000),
    CORRIDOR_OPERATOR_KEY: z
      .string()
      .regex(/^[\x21-\x7e]{32,512}$/, OPERATOR_KEY)
      .optional(),
    CORRIDOR_RATE_LIMIT: integer(0, 10_000_000).default(6_000),
    CORRIDOR_TRUST_PROXY: list(proxy).optional(),
    CORRIDOR_CONSOLE_RPC_URL: z.url({ protocol: /^https?$/, error: "an http(s) URL" }).optional(),
    CORRIDOR_DEMO: demo.optional(),
    CORRIDOR_METRICS_OPEN: z.enum(["true", "false"], "true or false").default("true"),
    CORRIDOR_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
    CORRIDOR_DRAIN_MS: integer(0, 600_000).default(0),
    OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: "an http(s) URL" }).optional(),
    OTEL_SERVICE_NAME: z.string().min(1).default("corridor-relayer"),
    OTEL_TRACES_SAMPLER_ARG: ratio.default(1),
  })
  .refine(
    ({ CORRIDOR_LANE_KEYS: keys, CORRIDOR_RECEIPT_KEY: receiptKey = [], CORRIDOR_KMS_REGION: region }) =>
      keys.concat(receiptKey).every((key) => readLaneKey(key, region) !== undefined),
    {
      message: "a region, as there is a key in KMS that is not named by its ARN",
      path: ["CORRIDOR_KMS_REGION"],
    },
  )
  .refine(({ CORRIDOR_LANE_KEYS: keys, CORRIDOR_RECEIPT_KEY: receiptKey }) => !keys.includes(receiptKey ?? ""), {
    message: "a key of its own, none of CORRIDOR_LANE_KEYS",
    path: ["CORRIDOR_RECEIPT_KEY"],
  })
  .refine((value) => (value.CORRIDOR_WEBHOOK_URL === undefined) === (value.CORRIDOR_WEBHOOK_SECRET === undefined), {
    message: "a secret where there is a URL, and none where there is none",
    path: ["CORRIDOR_WEBHOOK_SECRET"],
  })
  .refine((value) => value.CORRIDOR_DEMO === undefined || value.CORRIDOR_CONSOLE_RPC_URL !== undefined, {
    message: "the node whose accounts CORRIDOR_DEMO names",
    path: ["CORRIDOR_CONSOLE_RPC_URL"],
  })
  .refine((value) => value.CORRIDOR_TIP_GWEI <= value.CORRIDOR_MAX_FEE_GWEI, {
    message: "at least CORRIDOR_TIP_GWEI",
    path: ["CORRIDOR_MAX_FEE_GWEI"],
  })
  .refine((value) => (value.CORRIDOR_WITHDRAWAL_FEES ?? []).every(([token]) => value.CORRIDOR_TOKENS.includes(token)), {
    message: "fees of tokens that CORRIDOR_TOKENS names",
    path: ["CORRIDOR_WITHDRAWAL_FEES"],
  })
  .refine(({ CORRIDOR_WALLET_FACTORIES: factories = [], ...value }) => !factories.some((at) => isOwn(at, value)), {
    // A lane calls them with whatever a payer says.
    message: "factories only, not the Ledger, the Escrow, the Gateway, the Exchange, the X402Settler or a token",
    path: ["CORRIDOR_WALLET_FACTORIES"],
  });

/** What can be set, by name: in the environment, or in a file that the name with `_FILE` names. */
export const SETTINGS: ReadonlySet<string> = new Set([...Object.keys(schema.shape), "CORRIDOR_DEPLOYMENT"]);

export interface Config {
  /** Of the deployment's file, which the nodes' has to be; absent: there is no file. */
  readonly chainId: bigint | undefined;
  /** Nodes of one chain; the first is asked as long as it answers. */
  readonly rpcUrls: readonly string[];
  readonly ledger: string;
  /** Where holds are opened; absent: payments with terms are refused. */
  readonly escrow: string | undefined;
  /** What pulls money from tokens; absent: only what accounts hold is paid. */
  readonly gateway: string | undefined;
  /** Where one currency is exchanged for another; absent: each payment settles in the token that it is paid in. */
  readonly exchange: string | undefined;
  /** What settles x402's payments; absent: the relayer is no facilitator. */
  readonly x402: string | undefined;
  /** How long a request to settle waits for the chain. */
  readonly x402WaitMs: number;
  /** Whom to ask for quotes. */
  readonly makers: readonly string[];
  readonly tokens: readonly string[];
  readonly laneKeys: readonly LaneKey[];
  /** Signs what is said of receipts; absent: receipts have their proof alone. */
  readonly receiptKey: LaneKey | undefined;
  /** Blocks that stand on a payment's before there is a receipt of it. */
  readonly receiptDepth: number;
  readonly kms: KmsConfig;
  readonly startBlock: bigint;
  readonly finalityDepth: number;
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly databaseName: string;
  readonly postgresPort: number;
  readonly databaseUrl: string | undefined;
  readonly batch: BatchLimits;
  /** Requests that may wait for intake or database; beyond that, what comes is told to come again. */
  readonly maxWaiting: number;
  readonly pollMs: number;
  readonly leaseMs: number;
  /** What the lanes pay for gas. */
  readonly fees: { readonly tip: bigint; readonly ceiling: bigint };
  /** After this, a transaction that was not seen mined is sent again. */
  readonly resendMs: number;
  /** After this, a transaction that holds up its lane is replaced by one that pays more. */
  readonly stuckMs: number;
  /** A lane that has less is reported. {wei} */
  readonly lowBalance: bigint;
  /** What a withdrawal costs, by token; of one that is not named, nothing. {qTok} */
  readonly withdrawalFees: ReadonlyMap<string, bigint>;
  /** What tokens stand for by ISO 4217, before what their symbols say. */
  readonly isoCurrencies: ReadonlyMap<string, string>;
  /** Whose wallets are deployed for their payers (ERC-6492). */
  readonly walletFactories: readonly string[];
  readonly captureWarningSeconds: number;
  /** The operator's own endpoint. */
  readonly webhook:
    { readonly url: string; readonly secret: string; readonly eventTypes: readonly string[] | null } | undefined;
  /** Under which the secrets of endpoints are kept; absent: endpoints cannot be made. */
  readonly webhookKey: Buffer | undefined;
  /** Whether endpoints may be on private addresses, and without encryption. */
  readonly webhookAllowPrivate: boolean;
  /** The wait after each failed attempt; absent: the standard ones. */
  readonly webhookRetriesMs: readonly number[] | undefined;
  /** Under which remittance records and documents are kept; absent: no records, and documents in the clear. */
  readonly recordKeys: MasterKeys | undefined;
  /** Payments' streams of events that may be open at a time. */
  readonly maxStreams: number;
  /** A key of the operator's with every scope; absent: only keys in the database are good. */
  readonly operatorKey: string | undefined;
  /** Requests a minute and client that change something; 0: nothing is limited. */
  readonly rateLimit: number;
  /** Whose word on a client's address is taken; false: nobody's. */
  readonly trustProxy: readonly string[] | false;
  /** A node that browsers may ask; never one of `rpcUrls`, which may have a secret in it, by itself. */
  readonly consoleRpcUrl: string | undefined;
  /** Of a local chain where everybody has test money. */
  readonly demo: DemoView | undefined;
  readonly metricsOpen: boolean;
  readonly logLevel: string;
  /** How long `/readyz` says that this instance drains before its port closes. */
  readonly drainMs: number;
  /** Where traces are sent by OTLP over HTTP; absent: nowhere. */
  readonly tracing: TracingConfig | undefined;
}

export interface TracingConfig {
  /** Without `/v1/traces`. */
  readonly endpoint: string;
  readonly serviceName: string;
  /** The share of traces begun here that is kept, 0 to 1; one begun elsewhere is kept if its caller keeps it. */
  readonly ratio: number;
}

export interface BatchLimits {
  readonly maxRows: number;
  readonly maxAgeMs: number;
  readonly maxGas: number;
}

/** Contracts that an operator may do without, although the deployment's file names them. */
const DISPENSABLE = ["CORRIDOR_ESCROW", "CORRIDOR_GATEWAY", "CORRIDOR_EXCHANGE", "CORRIDOR_X402"];
const WITHOUT = "none";

/**
 * Reads the configuration, once. An absent value means its default, a present but invalid one stops the start.
 * @param deployment Says what the environment does not.
 * @throws AppError `config_invalid`, naming each variable and what was expected, never the value (it may be a key).
 */
export function parseConfig(
  environment: Readonly<Record<string, string | undefined>>,
  deployment?: Deployment,
): Config {
  // An empty value in an .env file is how people write "not set".
  const present = Object.entries(environment).filter(([, value]) => value !== undefined && value !== "");
  const settings = { ...(deployment === undefined ? {} : settingsOf(deployment)), ...Object.fromEntries(present) };
  const isThere = ([name, value]: [string, unknown]): boolean => !(value === WITHOUT && DISPENSABLE.includes(name));
  const result = schema.safeParse(Object.fromEntries(Object.entries(settings).filter(isThere)));
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: expected ${issue.message}`);
    throw new AppError("config_invalid", `The configuration is invalid.\n  ${problems.join("\n  ")}`);
  }
  const value = result.data;
  return {
    chainId: deployment === undefined ? undefined : BigInt(deployment.chainId),
    rpcUrls: value.CORRIDOR_RPC_URL,
    ledger: value.CORRIDOR_LEDGER,
    escrow: value.CORRIDOR_ESCROW,
    gateway: value.CORRIDOR_GATEWAY,
    exchange: value.CORRIDOR_EXCHANGE,
    x402: value.CORRIDOR_X402,
    x402WaitMs: value.CORRIDOR_X402_WAIT_MS,
    makers: value.CORRIDOR_MAKERS ?? [],
    tokens: value.CORRIDOR_TOKENS,
    laneKeys: value.CORRIDOR_LANE_KEYS.flatMap((key) => readLaneKey(key, value.CORRIDOR_KMS_REGION) ?? []),
    receiptKey:
      value.CORRIDOR_RECEIPT_KEY === undefined
        ? undefined
        : readLaneKey(value.CORRIDOR_RECEIPT_KEY, value.CORRIDOR_KMS_REGION),
    receiptDepth: value.CORRIDOR_RECEIPT_DEPTH,
    kms: { region: value.CORRIDOR_KMS_REGION, endpoint: value.CORRIDOR_KMS_ENDPOINT },
    startBlock: BigInt(value.CORRIDOR_START_BLOCK),
    finalityDepth: value.CORRIDOR_FINALITY_DEPTH,
    host: value.CORRIDOR_HOST,
    port: value.CORRIDOR_PORT,
    dataFolder: value.CORRIDOR_DATA_FOLDER,
    databaseName: value.CORRIDOR_DATABASE_NAME,
    postgresPort: value.CORRIDOR_POSTGRES_PORT,
    databaseUrl: value.DATABASE_URL,
    batch: {
      maxRows: value.CORRIDOR_BATCH_ROWS,
      maxAgeMs: value.CORRIDOR_BATCH_AGE_MS,
      maxGas: value.CORRIDOR_BATCH_GAS,
    },
    maxWaiting: value.CORRIDOR_MAX_WAITING,
    pollMs: value.CORRIDOR_POLL_MS,
    leaseMs: value.CORRIDOR_LEASE_MS,
    fees: { tip: BigInt(value.CORRIDOR_TIP_GWEI) * GWEI, ceiling: BigInt(value.CORRIDOR_MAX_FEE_GWEI) * GWEI },
    resendMs: value.CORRIDOR_RESEND_MS,
    stuckMs: value.CORRIDOR_STUCK_MS,
    lowBalance: value.CORRIDOR_LOW_BALANCE_ETHER,
    withdrawalFees: new Map(value.CORRIDOR_WITHDRAWAL_FEES ?? []),
    isoCurrencies: new Map(value.CORRIDOR_ISO_CURRENCIES ?? []),
    walletFactories: value.CORRIDOR_WALLET_FACTORIES ?? [],
    captureWarningSeconds: value.CORRIDOR_CAPTURE_WARNING_S,
    webhook:
      value.CORRIDOR_WEBHOOK_URL === undefined || value.CORRIDOR_WEBHOOK_SECRET === undefined
        ? undefined
        : {
            url: value.CORRIDOR_WEBHOOK_URL,
            secret: value.CORRIDOR_WEBHOOK_SECRET,
            eventTypes: value.CORRIDOR_WEBHOOK_EVENTS === "all" ? null : value.CORRIDOR_WEBHOOK_EVENTS,
          },
    webhookKey:
      value.CORRIDOR_WEBHOOK_KEY === undefined ? undefined : Buffer.from(value.CORRIDOR_WEBHOOK_KEY, "base64"),
    webhookAllowPrivate: value.CORRIDOR_WEBHOOK_ALLOW_PRIVATE === "true",
    webhookRetriesMs: value.CORRIDOR_WEBHOOK_RETRY_S?.map((seconds) => Number(seconds) * 1_000),
    recordKeys: value.CORRIDOR_RECORD_KEYS,
    maxStreams: value.CORRIDOR_EVENT_STREAMS,
    operatorKey: value.CORRIDOR_OPERATOR_KEY,
    rateLimit: value.CORRIDOR_RATE_LIMIT,
    trustProxy: value.CORRIDOR_TRUST_PROXY ?? false,
    consoleRpcUrl: value.CORRIDOR_CONSOLE_RPC_URL,
    demo: value.CORRIDOR_DEMO,
    metricsOpen: value.CORRIDOR_METRICS_OPEN === "true",
    logLevel: value.CORRIDOR_LOG_LEVEL,
    drainMs: value.CORRIDOR_DRAIN_MS,
    tracing:
      value.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: value.OTEL_EXPORTER_OTLP_ENDPOINT,
            serviceName: value.OTEL_SERVICE_NAME,
            ratio: value.OTEL_TRACES_SAMPLER_ARG,
          },
  };
}
