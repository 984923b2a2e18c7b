import type { FastifyBaseLogger } from "fastify";

import { type ApiKeyRecord, findApiKey, touchApiKey } from "../store/api-keys.ts";
import type { Database } from "../store/database.ts";
import { type KeyHolder, SCOPES } from "./access.ts";
import { isSame, readKey, sha256 } from "./api-key.ts";

/** For so long a key is taken to be good without another look: a revocation takes effect within 5 seconds. */
const REMEMBERED_MS = 3_000;
const TOUCHED_MS = 60_000;
/** More keys than this in use at once are looked up more often. */
const MAX_REMEMBERED = 10_000;

/** Tells whose a key is. */
export interface KeyRing {
  /** The holder of a key that was looked up a moment ago; does not wait for anything. */
  recall(text: string): KeyHolder | undefined;
  /** @returns undefined if nobody's, revoked or expired. */
  find(text: string): Promise<KeyHolder | undefined>;
  /** Whether a key with this id has been good since the start. */
  isFamiliar(text: string): boolean;
  /** Looks the key up anew the next time. */
  forget(id: string): void;
}

interface Remembered {
  readonly record: ApiKeyRecord;
  readonly holder: KeyHolder;
  readonly until: number;
}

interface Look {
  readonly record: Promise<ApiKeyRecord | undefined>;
  readonly until: number;
}

export function createKeyRing({
  database,
  operatorKey,
  log,
  now = Date.now,
}: {
  readonly database: Database;
  /** The operator's key of the configuration; undefined: there is none. */
  readonly operatorKey: string | undefined;
  readonly log: FastifyBaseLogger;
  readonly now?: () => number;
}): KeyRing {
  const operatorHash = operatorKey === undefined ? undefined : sha256(operatorKey);
  const operator: KeyHolder = { id: "operator", merchant: null, scopes: SCOPES, expiresAt: null };
  const remembered = new Map<string, Remembered>();
  const familiar = new Set<string>();
  const looks = new Map<string, Look>();

  function recall(text: string): KeyHolder | undefined {
    if (operatorHash !== undefined && isSame(sha256(text), operatorHash)) return operator;
    const key = readKey(text);
    const found = key === undefined ? undefined : remembered.get(key.id);
    if (key === undefined || found === undefined || found.until < now()) return undefined;
    return isGood(found.record, key.keyHash, now()) ? found.holder : undefined;
  }

  /** All who ask for a key at a time share one look. */
  function beginLook(id: string): Look {
    // The time is taken before: a revocation may land while it is under way.
    const look: Look = { until: now() + REMEMBERED_MS, record: findApiKey(database, id) };
    looks.set(id, look);
    const end = (): void => {
      // Behind those who wait for it.
      setImmediate(() => {
        if (looks.get(id) === look) looks.delete(id);
      });
    };
    look.record.then(end, end);
    return look;
  }

  function remember(id: string, found: Remembered): void {
    if (remembered.get(id)?.record === found.record) return;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(id, found);
    familiar.add(id);
    const { lastUsedAt } = found.record;
    if (lastUsedAt !== null && lastUsedAt.getTime() >= now() - TOUCHED_MS) return;
    touchApiKey(database, id).catch((error: unknown) => {
      log.warn({ err: error, key: id }, "use of a key was not noted");
    });
  }

  return {
    recall,
    async find(text) {
      const known = recall(text);
      if (known !== undefined) return known;
      const key = readKey(text);
      if (key === undefined) return undefined;
      const look = looks.get(key.id) ?? beginLook(key.id);
      const record = await look.record;
      if (record === undefined || !isGood(record, key.keyHash, now())) return undefined;
      const holder = holderOf(record);
      // Forgotten meanwhile: it may have ended after it was read.
      if (looks.get(key.id) === look) remember(key.id, { record, holder, until: look.until });
      return holder;
    },
    isFamiliar(text) {
      const key = readKey(text);
      return key !== undefined && familiar.has(key.id);
    },
    forget(id) {
      remembered.delete(id);
      looks.delete(id);
    },
  };
}

/** Whether a key's secret, by its hash, is good at `time` (milliseconds). */
function isGood(record: ApiKeyRecord, keyHash: Buffer, time: number): boolean {
  if (record.revokedAt !== null || (record.expiresAt !== null && record.expiresAt.getTime() <= time)) return false;
  if (isSame(record.keyHash, keyHash)) return true;
  const { previousHash, previousUntil } = record;
  return previousHash !== null && previousUntil !== null && previousUntil.getTime() > time
    ? isSame(previousHash, keyHash)
    : false;
}

function holderOf({ id, merchant, scopes, expiresAt }: ApiKeyRecord): KeyHolder {
  return { id, merchant, scopes: SCOPES.filter((scope) => scopes.includes(scope)), expiresAt };
}
