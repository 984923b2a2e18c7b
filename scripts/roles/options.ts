import { parseArgs } from "node:util";

import { UsageError } from "../local/options.ts";

export interface RolesArguments {
  /** A chain's id or a file. */
  readonly deployment: string;
  /** Null: the node that the environment has for the deployment's network. */
  readonly rpc: string | null;
  readonly block: number | "latest" | "finalized";
  /** A file of expected roles. */
  readonly expect: string | null;
  readonly json: boolean;
}

const USAGE =
  "Usage: npm run roles -- --deployment CHAIN_ID|FILE [--rpc URL] [--block NUMBER|latest|finalized] [--expect FILE] [--json]";

/** @throws UsageError */
export function parseRoles(args: readonly string[]): RolesArguments {
  const { deployment, rpc, block, expect, json } = parse(args);
  if (deployment === undefined) throw new UsageError(`--deployment is needed.\n${USAGE}`);
  return { deployment, rpc: rpc ?? null, block: blockOf(block), expect: expect ?? null, json };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ deployment: text, rpc: text, expect: text },
        block: { type: "string", default: "latest" },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, { cause: error });
  }
}

function blockOf(text: string): RolesArguments["block"] {
  if (text === "latest" || text === "finalized") return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--block must be a block's number, latest or finalized, not "${text}".`);
}
