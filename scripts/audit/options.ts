import { parseArgs } from "node:util";

import { isAddress } from "ethers";

import type { GivenContracts } from "../../audit/find-contracts.ts";
import type { Deployment } from "../../sdk/deployment.ts";
import { UsageError } from "../local/options.ts";

export interface AuditArguments {
  /** Null: the node that the environment has for the deployment's network. */
  readonly rpc: string | null;
  /** A chain's id or a file; what is not set below is taken from it. */
  readonly deployment: string | null;
  /** Null only beside a deployment. */
  readonly ledger: string | null;
  readonly escrow: string | null;
  readonly exchange: string | null;
  readonly gateway: string | null;
  readonly from: number | null;
  readonly to: number | "latest" | "finalized" | null;
  readonly tokens: readonly string[] | null;
  readonly resume: string | null;
  readonly database: string | null;
  readonly concurrency: number;
  readonly batch: number;
  readonly json: boolean;
}

const USAGE =
  "Usage: npm run audit -- (--deployment CHAIN_ID|FILE [--rpc URL] | --ledger ADDRESS --rpc URL) [--from BLOCK] [--to BLOCK|latest|finalized]\n" +
  "  [--escrow ADDRESS] [--exchange ADDRESS] [--gateway ADDRESS] [--token ADDRESS …] [--resume FILE]\n" +
  "  [--database URL] [--concurrency N] [--batch N] [--json]";

/** @throws UsageError */
export function parseAudit(args: readonly string[]): AuditArguments {
  const values = parse(args);
  const { rpc = null, deployment = null } = values;
  const ledger = optionalAddress("--ledger", values.ledger);
  if (deployment === null && (rpc === null || ledger === null))
    throw new UsageError(`--deployment, or --ledger and --rpc, are needed.\n${USAGE}`);
  const [from, to] = [values.from === undefined ? null : block("--from", values.from), endOf(values.to)];
  if (from !== null && typeof to === "number" && to < from) throw new UsageError("--to must not be before --from.");
  return {
    ...{ rpc, deployment, ledger, from, to, json: values.json },
    escrow: optionalAddress("--escrow", values.escrow),
    exchange: optionalAddress("--exchange", values.exchange),
    gateway: optionalAddress("--gateway", values.gateway),
    tokens: values.token?.map((token) => address("--token", token)) ?? null,
    ...{ resume: values.resume ?? null, database: values.database ?? null },
    concurrency: wholeNumber("--concurrency", values.concurrency, 1, 64),
    batch: wholeNumber("--batch", values.batch, 1, 1_000),
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ rpc: text, ledger: text, escrow: text, exchange: text, gateway: text, from: text, to: text },
        ...{ deployment: text, resume: text, database: text, token: { type: "string", multiple: true } },
        concurrency: { type: "string", default: "4" },
        batch: { type: "string", default: "50" },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, { cause: error });
  }
}

/**
 * Which contracts to audit: those of the arguments before those of the deployment. The deployment's other contracts and its first block
 * belong to its own Ledger, so with another one they are left to be found.
 */
export function contractsOf(
  { ledger, escrow, exchange, gateway }: Pick<AuditArguments, "ledger" | "escrow" | "exchange" | "gateway">,
  deployment: Deployment | null,
): GivenContracts & { readonly firstBlock: number | null } {
  const own = deployment?.contracts;
  const chosen = ledger ?? own?.ledger;
  if (chosen === undefined) throw new UsageError(`--deployment or --ledger is needed.\n${USAGE}`);
  const isOwn = chosen.toLowerCase() === own?.ledger.toLowerCase();
  return {
    ledger: chosen,
    escrow: escrow ?? (isOwn ? own.escrow : null),
    exchange: exchange ?? (isOwn ? own.exchange : null),
    gateway: gateway ?? (isOwn ? own.gateway : null),
    firstBlock: isOwn ? (deployment?.startBlock ?? null) : null,
  };
}

function endOf(to: string | undefined): AuditArguments["to"] {
  if (to === undefined) return null;
  return to === "latest" || to === "finalized" ? to : block("--to", to);
}

function block(name: string, text: string): number {
  return wholeNumber(name, text, 0, Number.MAX_SAFE_INTEGER);
}

function wholeNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new UsageError(`${name} must be a whole number from ${minimum} to ${maximum}, not "${text}".`);
}

function optionalAddress(name: string, text: string | undefined): string | null {
  return text === undefined ? null : address(name, text);
}

function address(name: string, text: string): string {
  if (!isAddress(text)) throw new UsageError(`${name} must be an address, not "${String(text)}".`);
  return text;
}
