import { parseArgs } from "node:util";

import { getAddress } from "ethers";

import { type Scope, SCOPES } from "../../relayer/api/access.ts";
import { newKeyId, newSecret } from "../../relayer/api/api-key.ts";
import {
  type ApiKeyRecord,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
} from "../../relayer/store/api-keys.ts";
import type { Database } from "../../relayer/store/database.ts";
import { UsageError } from "../local/options.ts";
import { recordKeysOf, reseal, rewrap } from "./record-keys.ts";

const USAGE = `Usage:
  npm run keys -- create (--merchant 0x… | --operator) --scopes a,b --name NAME [--expires 2027-01-31T00:00:00Z]
  npm run keys -- list [--merchant 0x…]
  npm run keys -- rotate ID [--grace SECONDS]
  npm run keys -- revoke ID
  npm run keys -- rewrap
  npm run keys -- reseal [--merchant 0x…]
\`rewrap\` and \`reseal\` rotate the keys of CORRIDOR_RECORD_KEYS (docs/operating.md).
Scopes: ${SCOPES.join(", ")}`;

const PAGE = 500;
const DAY_SECONDS = "86400";

/**
 * Does what the arguments say. @returns what is to be printed. @throws UsageError
 * @param recordKeys As CORRIDOR_RECORD_KEYS has them.
 */
export async function runKeyCommand(
  database: Database,
  args: readonly string[],
  recordKeys: string | undefined = process.env.CORRIDOR_RECORD_KEYS,
): Promise<string> {
  const { values, positionals } = parse(args);
  const [command, id = "", ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(USAGE);
  switch (command) {
    case "create": {
      const keyId = newKeyId();
      const { text, keyHash, prefix } = newSecret(keyId);
      const [name, scopes, merchant] = [nameOf(values.name), scopesOf(values.scopes), merchantOf(values)];
      const expiresAt = timeOf(values.expires);
      await insertApiKey(database, { id: keyId, name, merchant, scopes, prefix, keyHash, expiresAt });
      return shownOnce(text);
    }
    case "list": {
      const merchant = values.merchant === undefined ? undefined : addressOf(values.merchant);
      const lines: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await listApiKeys(database, merchant, after, PAGE);
        lines.push(...page.map(describe));
        after = page.at(-1)?.id;
        if (page.length < PAGE) return lines.length === 0 ? "There are no keys." : lines.join("\n");
      }
    }
    case "rotate": {
      const { text, keyHash, prefix } = newSecret(id);
      const rotated = await rotateApiKey(database, id, { keyHash, prefix }, secondsOf(values.grace));
      if (rotated === undefined) throw new UsageError(`There is no key ${id}, or it is revoked or expired.`);
      return shownOnce(text);
    }
    case "revoke": {
      const revoked = await revokeApiKey(database, id);
      if (revoked === undefined) throw new UsageError(`There is no key ${id}.`);
      return `${revoked.prefix}… (${revoked.name}) is revoked; wherever it is used that takes effect within 5 seconds.`;
    }
    case "rewrap":
    case "reseal": {
      if (id !== "") throw new UsageError(USAGE);
      const keys = recordKeysOf(recordKeys);
      const merchant = values.merchant === undefined ? undefined : addressOf(values.merchant);
      return command === "rewrap" ? rewrap(database, keys) : reseal(database, keys, merchant);
    }
    case undefined:
    default:
      throw new UsageError(USAGE);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        merchant: { type: "string" },
        operator: { type: "boolean", default: false },
        scopes: { type: "string" },
        name: { type: "string" },
        expires: { type: "string" },
        grace: { type: "string", default: DAY_SECONDS },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function nameOf(text: string | undefined): string {
  if (text !== undefined && /^[^\p{Cc}\p{Cs}]{1,100}$/u.test(text)) return text;
  throw new UsageError("--name must be 1 to 100 characters, none of them a control character.");
}

function scopesOf(text: string | undefined): readonly Scope[] {
  const words = (text ?? "").split(",").map((word) => word.trim());
  const scopes = SCOPES.filter((scope) => words.includes(scope));
  if (words.length === scopes.length) return scopes;
  throw new UsageError(`--scopes must name some of ${SCOPES.join(", ")}, each once, separated by commas.`);
}

function merchantOf({ merchant, operator }: { merchant?: string | undefined; operator: boolean }): string | null {
  if (operator !== (merchant === undefined)) {
    throw new UsageError("--merchant with an address, or --operator for a key that sees everybody's: one of them.");
  }
  return merchant === undefined ? null : addressOf(merchant);
}

function addressOf(text: string): string {
  try {
    return getAddress(text);
  } catch {
    throw new UsageError(`--merchant must be an address with a valid checksum, not ${text}.`);
  }
}

function timeOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? new Date(text) : new Date(NaN);
  if (time.getTime() > Date.now()) return time;
  throw new UsageError("--expires must be a time to come, in UTC: 2027-01-31T00:00:00Z.");
}

function secondsOf(text: string): number {
  if (/^\d{1,7}$/.test(text) && Number(text) <= 2_592_000) return Number(text);
  throw new UsageError("--grace must be a whole number of seconds from 0 to 2592000.");
}

function shownOnce(text: string): string {
  return `${text}\nKeep it: it is not shown again, and kept nowhere here.`;
}

function describe(key: ApiKeyRecord): string {
  const now = Date.now();
  const state =
    key.revokedAt !== null ? "revoked" : key.expiresAt !== null && key.expiresAt.getTime() <= now ? "expired" : "good";
  const used = key.lastUsedAt === null ? "never used" : `used ${key.lastUsedAt.toISOString()}`;
  return [key.id, state, key.merchant ?? "operator", key.scopes.join(","), `${key.prefix}…`, used, key.name].join("  ");
}
