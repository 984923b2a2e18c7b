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

const privateKey = z.string().refine((key) => isHexString(key, 32), "a private key of 32 bytes in hex");

const schema = z
  .object({
    CORRIDOR_RPC_URL: z.url("an http(s) URL of a JSON-RPC endpoint"),
    CORRIDOR_LEDGER: address,
    CORRIDOR_ESCROW: address.optional(),
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
    CORRIDOR_BATCH_GAS: integer(200_000, 16_777_216).default(15_000_000),
    CORRIDOR_POLL_MS: integer(10, 60_000).default(200),
    CORRIDOR_LEASE_MS: integer(1_000, 600_000).default(10_000),
    CORRIDOR_TIP_GWEI: integer(0, 10_000).default(1),
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
  });

export interface Config {
  readonly rpcUrl: string;
  readonly ledger: string;
  /** Where holds are opened; absent: payments with terms are refused. */
  readonly escrow: string | undefined;
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
    captureWarningSeconds: value.CORRIDOR_CAPTURE_WARNING_S,
    webhook:
      value.CORRIDOR_WEBHOOK_URL === undefined || value.CORRIDOR_WEBHOOK_SECRET === undefined
        ? undefined
        : { url: value.CORRIDOR_WEBHOOK_URL, secret: value.CORRIDOR_WEBHOOK_SECRET },
    logLevel: value.CORRIDOR_LOG_LEVEL,
  };
}
