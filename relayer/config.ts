import { getAddress, isHexString } from "ethers";
import { z } from "zod";

import { AppError } from "./app-error.ts";

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

const privateKey = z.string().refine((key) => isHexString(key, 32), "a private key of 32 bytes in hex");

const schema = z
  .object({
    CORRIDOR_RPC_URL: z.url("an http(s) URL of a JSON-RPC endpoint"),
    CORRIDOR_LEDGER: address,
    CORRIDOR_ESCROW: address.optional(),
    CORRIDOR_GATEWAY: address.optional(),
    CORRIDOR_EXCHANGE: address.optional(),
    CORRIDOR_MAKERS: list(z.url({ protocol: /^https?$/, error: "http(s) URLs, separated by commas" })).optional(),
    CORRIDOR_X402: address.optional(),
    CORRIDOR_X402_WAIT_MS: integer(0, 600_000).default(20_000),
    CORRIDOR_TOKENS: list(address),
    CORRIDOR_LANE_KEYS: list(privateKey),
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
    CORRIDOR_BATCH_ROWS: integer(1, 900).default(200),
    CORRIDOR_BATCH_AGE_MS: integer(0, 600_000).default(250),
    // One row with the dearest kinds of signatures must fit.
    CORRIDOR_BATCH_GAS: integer(2_000_000, 16_777_216).default(15_000_000),
    CORRIDOR_POLL_MS: integer(10, 60_000).default(200),
    CORRIDOR_LEASE_MS: integer(1_000, 600_000).default(10_000),
    CORRIDOR_TIP_GWEI: integer(0, 10_000).default(1),
    CORRIDOR_WITHDRAWAL_FEES: fees.optional(),
    CORRIDOR_WALLET_FACTORIES: list(address).optional(),
    CORRIDOR_CAPTURE_WARNING_S: integer(0, 31_536_000).default(86_400),
    CORRIDOR_WEBHOOK_URL: z.url("an http(s) URL").optional(),
    CORRIDOR_WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, "whsec_ and at least 24 bytes in base64")
      .optional(),
    CORRIDOR_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  })
  .refine((value) => (value.CORRIDOR_WEBHOOK_URL === undefined) === (value.CORRIDOR_WEBHOOK_SECRET === undefined), {
    message: "a secret where there is a URL, and none where there is none",
    path: ["CORRIDOR_WEBHOOK_SECRET"],
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

export interface Config {
  readonly rpcUrl: string;
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
  readonly laneKeys: readonly string[];
  readonly startBlock: bigint;
  readonly finalityDepth: number;
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly databaseName: string;
  readonly postgresPort: number;
  readonly databaseUrl: string | undefined;
  readonly batch: BatchLimits;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly tipWei: bigint;
  /** What a withdrawal costs, by token; of one that is not named, nothing. {qTok} */
  readonly withdrawalFees: ReadonlyMap<string, bigint>;
  /** Whose wallets are deployed for their payers (ERC-6492). */
  readonly walletFactories: readonly string[];
  readonly captureWarningSeconds: number;
  readonly webhook: { readonly url: string; readonly secret: string } | undefined;
  readonly logLevel: string;
}

export interface BatchLimits {
  readonly maxRows: number;
  readonly maxAgeMs: number;
  readonly maxGas: number;
}

/**
 * Reads the configuration, once. An absent value means its default, a present but invalid one stops the start.
 * @throws AppError `config_invalid`, naming each variable and what was expected, never the value (it may be a key).
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // An empty value in an .env file is how people write "not set".
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = schema.safeParse(present);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: expected ${issue.message}`);
    throw new AppError("config_invalid", `The configuration is invalid.\n  ${problems.join("\n  ")}`);
  }
  const value = result.data;
  return {
    rpcUrl: value.CORRIDOR_RPC_URL,
    ledger: value.CORRIDOR_LEDGER,
    escrow: value.CORRIDOR_ESCROW,
    gateway: value.CORRIDOR_GATEWAY,
    exchange: value.CORRIDOR_EXCHANGE,
    x402: value.CORRIDOR_X402,
    x402WaitMs: value.CORRIDOR_X402_WAIT_MS,
    makers: value.CORRIDOR_MAKERS ?? [],
    tokens: value.CORRIDOR_TOKENS,
    laneKeys: value.CORRIDOR_LANE_KEYS,
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
    pollMs: value.CORRIDOR_POLL_MS,
    leaseMs: value.CORRIDOR_LEASE_MS,
    tipWei: BigInt(value.CORRIDOR_TIP_GWEI) * 10n ** 9n,
    withdrawalFees: new Map(value.CORRIDOR_WITHDRAWAL_FEES ?? []),
    walletFactories: value.CORRIDOR_WALLET_FACTORIES ?? [],
    captureWarningSeconds: value.CORRIDOR_CAPTURE_WARNING_S,
    webhook:
      value.CORRIDOR_WEBHOOK_URL === undefined || value.CORRIDOR_WEBHOOK_SECRET === undefined
        ? undefined
        : { url: value.CORRIDOR_WEBHOOK_URL, secret: value.CORRIDOR_WEBHOOK_SECRET },
    logLevel: value.CORRIDOR_LOG_LEVEL,
  };
}
