import { getAddress, isHexString } from "ethers";
import { z } from "zod";

const address = z.string().transform((text, context) => {
  try {
    return getAddress(text);
  } catch {
    context.addIssue({ code: "custom", message: "an address with a valid checksum" });
    return z.NEVER;
  }
});

function integer(minimum: number, maximum: number) {
  const message = `a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .pipe(z.number().min(minimum, message).max(maximum, message));
}

const CURRENCIES = "token=currency, separated by commas, two at least";
const currencies = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}=[A-Z]{3}(,0x[0-9a-fA-F]{40}=[A-Z]{3})+$/, CURRENCIES)
  .transform((text) => text.split(",").map((part) => part.split("=")))
  .pipe(z.array(z.tuple([address, z.string()])));

const schema = z.object({
  MAKER_KEY: z.string().refine((key) => isHexString(key, 32), "a private key of 32 bytes in hex"),
  MAKER_RPC_URL: z.url("an http(s) URL of a JSON-RPC endpoint"),
  MAKER_EXCHANGE: address,
  MAKER_CURRENCIES: currencies,
  MAKER_SPREAD_BPS: integer(0, 10_000).default(25),
  MAKER_TTL_S: integer(10, 86_400).default(60),
  MAKER_CAPACITY_EUR: integer(1, 1_000_000_000).default(100_000),
  MAKER_RATES: z.string().min(1).default("maker/rates/ecb.csv"),
  MAKER_RATES_FROM: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "a date, YYYY-MM-DD")
    .default("2026-09-01"),
  MAKER_SECONDS_PER_DAY: integer(1, 86_400).default(86_400),
  MAKER_HOST: z.string().min(1).default("127.0.0.1"),
  MAKER_PORT: integer(0, 65_535).default(8090),
  MAKER_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export interface MakerConfig {
  readonly key: string;
  readonly rpcUrl: string;
  readonly exchange: string;
  /** Currency by token. */
  readonly currencies: ReadonlyMap<string, string>;
  /** {bps} above the reference rate. */
  readonly spreadBps: number;
  readonly ttlSeconds: number;
  /** What a quote gives at most, in whole euros. */
  readonly capacityEuros: bigint;
  readonly ratesFile: string;
  readonly replay: { readonly from: string; readonly secondsPerDay: number };
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
}

/** Thrown by {@link parseMakerConfig}: names each variable and what was expected, never the value (it may be a key). */
export class MakerConfigError extends Error {
  readonly code = "config_invalid";
}

/** Reads the configuration, once. An absent value means its default, a present but invalid one stops the start. */
export function parseMakerConfig(environment: Readonly<Record<string, string | undefined>>): MakerConfig {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = schema.safeParse(present);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: expected ${issue.message}`);
    throw new MakerConfigError(`The configuration is invalid.\n  ${problems.join("\n  ")}`);
  }
  const value = result.data;
  return {
    key: value.MAKER_KEY,
    rpcUrl: value.MAKER_RPC_URL,
    exchange: value.MAKER_EXCHANGE,
    currencies: new Map(value.MAKER_CURRENCIES),
    spreadBps: value.MAKER_SPREAD_BPS,
    ttlSeconds: value.MAKER_TTL_S,
    capacityEuros: BigInt(value.MAKER_CAPACITY_EUR),
    ratesFile: value.MAKER_RATES,
    replay: { from: value.MAKER_RATES_FROM, secondsPerDay: value.MAKER_SECONDS_PER_DAY },
    host: value.MAKER_HOST,
    port: value.MAKER_PORT,
    logLevel: value.MAKER_LOG_LEVEL,
  };
}
