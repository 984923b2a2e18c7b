import type { JsonRpcProvider } from "ethers";

import type { ChainReader } from "./chain/chain-reader.ts";
import { inTime } from "./chain/timeout.ts";
import { followedHead } from "./store/chain.ts";
import type { Database } from "./store/database.ts";
import { compareMigrations, readMigrations } from "./store/migrate.ts";

/** Why an instance should be sent nothing now. */
export const OBSTACLES = [
  "draining",
  "database_unreachable",
  "database_older",
  "database_newer",
  "chain_unreachable",
  "wrong_chain",
  "follower_behind",
] as const;

export type ObstacleCode = (typeof OBSTACLES)[number];

export interface Obstacle {
  readonly code: ObstacleCode;
  readonly detail: string;
}

export interface Readiness {
  /** Empty: ready. */
  readonly obstacles: readonly Obstacle[];
  /** How far the record is behind the chain; undefined if one of them does not answer. */
  readonly lagBlocks: bigint | undefined;
}

/** What was found out; `undefined` where nobody answered. */
export interface Findings {
  readonly isDraining: boolean;
  readonly expectedChain: bigint;
  readonly chainId: bigint | undefined;
  readonly tip: bigint | undefined;
  readonly database:
    { readonly followed: bigint; readonly missing: readonly string[]; readonly unknown: readonly string[] } | undefined;
}

/** How far the record may be behind the chain before clients are sent elsewhere. */
const MAX_LAG = 50n;
const ANSWER_MS = 2_000;

/** Pure: what the findings mean. */
export function judgeReadiness({ isDraining, expectedChain, chainId, tip, database }: Findings): Readiness {
  const obstacles: Obstacle[] = [];
  const add = (code: ObstacleCode, detail: string): void => {
    obstacles.push({ code, detail });
  };
  if (isDraining) add("draining", "this instance is being stopped");
  if (database === undefined) add("database_unreachable", "the database does not answer");
  if (database !== undefined && database.missing.length > 0)
    add("database_older", `the database lacks the migrations ${database.missing.join(", ")}`);
  if (database !== undefined && database.unknown.length > 0)
    add("database_newer", `the database has migrations that are not known here: ${database.unknown.join(", ")}`);
  if (chainId === undefined || tip === undefined) add("chain_unreachable", "the chain does not answer");
  if (chainId !== undefined && chainId !== expectedChain)
    add("wrong_chain", `the node is on chain ${chainId}, not on ${expectedChain}`);
  const lagBlocks = tip === undefined || database === undefined ? undefined : tip - database.followed;
  if (lagBlocks !== undefined && lagBlocks > MAX_LAG)
    add("follower_behind", `the record is ${lagBlocks} blocks behind the chain`);
  return { obstacles, lagBlocks };
}

export interface ReadinessDependencies {
  readonly database: Database;
  readonly provider: Pick<JsonRpcProvider, "send">;
  readonly reader: Pick<ChainReader, "block">;
  readonly chainId: bigint;
  readonly isDraining: () => boolean;
}

/** Asks database and chain, each for two seconds at most. Never rejects. */
export function createReadiness(deps: ReadinessDependencies): () => Promise<Readiness> {
  const { database, provider, reader } = deps;
  const ask = <T>(answer: Promise<T>): Promise<T | undefined> => inTime(answer, ANSWER_MS).catch(() => undefined);
  async function readDatabase(): Promise<NonNullable<Findings["database"]>> {
    const applied = await readMigrations(database);
    return { followed: (await followedHead(database))?.number ?? 0n, ...compareMigrations(applied) };
  }
  return async () => {
    const [chainId, tip, found] = await Promise.all([
      ask<unknown>(provider.send("eth_chainId", [])),
      ask(reader.block("latest")),
      ask(readDatabase()),
    ]);
    return judgeReadiness({
      isDraining: deps.isDraining(),
      expectedChain: deps.chainId,
      chainId: typeof chainId === "string" ? BigInt(chainId) : undefined,
      tip: tip?.number,
      database: found,
    });
  };
}
