import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";

import type { ApiKeyList, ApiKeyView, IssuedApiKey } from "../../sdk/client.ts";
import { address, readProblem } from "../intake/authorization.ts";
import {
  type ApiKeyRecord,
  findApiKey,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
} from "../store/api-keys.ts";
import { holderWith, type KeyHolder, ownOnly, SCOPES } from "./access.ts";
import { type NewSecret, newKeyId, newSecret } from "./api-key.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { readAddress, readPage } from "./read.ts";

const NAME = "1 to 100 characters, none of them a control character";
const DAY_SECONDS = 86_400;
const MAX_GRACE_SECONDS = 30 * DAY_SECONDS;
const GRACE = `a whole number of seconds from 0 to ${MAX_GRACE_SECONDS}`;
const ID = "16 hex digits in small letters";

const newKey = z.strictObject(
  {
    name: z.string(NAME).regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u, NAME),
    merchant: address.nullable().optional(),
    scopes: z
      .array(z.enum(SCOPES, `one of ${SCOPES.join(", ")}`), "an array of scopes")
      .min(1, "at least one scope")
      .max(SCOPES.length, "each scope once")
      .refine((scopes) => new Set(scopes).size === scopes.length, "each scope once"),
    expiresAt: z.iso
      .datetime("a time by RFC 3339, in UTC: 2027-01-31T00:00:00Z")
      .transform((text) => new Date(text))
      .optional(),
  },
  "a JSON object",
);

const rotation = z
  .strictObject({ graceSeconds: z.int(GRACE).min(0, GRACE).max(MAX_GRACE_SECONDS, GRACE).optional() }, "a JSON object")
  .optional();

interface OfKey {
  Params: { id: string };
}

/** Keys for merchants and for the operator. A secret is in the answer to its making, and nowhere else. */
export function addKeyRoutes(server: FastifyInstance, { database, keyRing }: ApiDependencies): void {
  server.post("/v1/keys", async (request, reply) => {
    const holder = holderWith(request, "keys");
    const body = read(newKey, request.body, "a key to make");
    const merchant = merchantOf(holder, body.merchant);
    requireGrantable(holder, { scopes: body.scopes, expiresAt: body.expiresAt ?? null });
    if (body.expiresAt !== undefined && body.expiresAt.getTime() <= Date.now()) {
      throw new HttpProblem("invalid_field", { field: "expiresAt", expected: "a time to come" });
    }
    const id = newKeyId();
    const secret = newSecret(id);
    const { name, scopes, expiresAt = null } = body;
    const { keyHash, prefix } = secret;
    const stored = await insertApiKey(database, { id, name, merchant, scopes, prefix, keyHash, expiresAt });
    return issue(reply.code(201), stored, secret);
  });

  server.get<{ Querystring: Record<string, unknown> }>("/v1/keys", async (request): Promise<ApiKeyList> => {
    const holder = holderWith(request, "keys");
    const page = readPage(request.query, ["merchant"], readKeyId);
    const merchant = ownOnly(
      holder,
      "merchant",
      page.map("merchant", (value) => readAddress("merchant", value)),
    );
    // One more than asked, to know whether there is a next page.
    const found = await listApiKeys(database, merchant, page.cursor, page.limit + 1);
    const shown = found.slice(0, page.limit);
    return { keys: shown.map(viewKey), next: found.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
  });

  server.post<OfKey>("/v1/keys/:id/rotate", async (request, reply) => {
    const holder = holderWith(request, "keys");
    const key = await findOwn(holder, request.params.id);
    const { graceSeconds = DAY_SECONDS } = read(rotation, request.body, "a rotation") ?? {};
    // Whoever gets the secret can do what the key can.
    requireGrantable(holder, key);
    const secret = newSecret(key.id);
    const rotated = await rotateApiKey(database, key.id, secret, graceSeconds);
    keyRing.forget(key.id);
    if (rotated === undefined) {
      throw new HttpProblem("key_inactive", { field: "id", expected: "a key that is neither revoked nor expired" });
    }
    return issue(reply, rotated, secret);
  });

  server.delete<OfKey>("/v1/keys/:id", async (request): Promise<ApiKeyView> => {
    const { id } = await findOwn(holderWith(request, "keys"), request.params.id);
    const revoked = await revokeApiKey(database, id);
    keyRing.forget(id);
    if (revoked === undefined) throw noSuchKey(id);
    return viewKey(revoked);
  });

  /** A key that the holder may handle; another merchant's is as if it were not there. */
  async function findOwn(holder: KeyHolder, text: string): Promise<ApiKeyRecord> {
    const id = readKeyId("id", text);
    const key = await findApiKey(database, id);
    if (key === undefined || (holder.merchant !== null && key.merchant !== holder.merchant)) throw noSuchKey(id);
    return key;
  }
}

function read<T>(schema: z.ZodType<T>, body: unknown, whole: string): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problem = readProblem(result.error, whole);
  throw new HttpProblem(problem.code, problem);
}

function readKeyId(field: string, text: string): string {
  if (!/^[0-9a-f]{16}$/.test(text)) throw new HttpProblem("invalid_field", { field, expected: ID });
  return text;
}

/** Whose the new key is. The operator says it, so that nobody gets a key to everything by leaving something out. */
function merchantOf(holder: KeyHolder, named: string | null | undefined): string | null {
  if (holder.merchant !== null) {
    if (named === undefined || named === holder.merchant) return holder.merchant;
    throw new HttpProblem("forbidden", { field: "merchant", expected: `${holder.merchant}, whose key this is` });
  }
  if (named !== undefined) return named;
  throw new HttpProblem("invalid_field", {
    field: "merchant",
    expected: "a merchant, or null for a key of the operator",
  });
}

/** @throws HttpProblem `forbidden` if the key can do what its maker's cannot, or outlives it. */
function requireGrantable(
  holder: KeyHolder,
  key: { readonly scopes: readonly string[]; readonly expiresAt: Date | null },
): void {
  const own: readonly string[] = holder.scopes;
  const foreign = key.scopes.find((scope) => !own.includes(scope));
  if (foreign !== undefined) {
    throw new HttpProblem("forbidden", { field: "scopes", expected: `of ${own.join(", ")}, not ${foreign}` });
  }
  if (holder.expiresAt === null) return;
  if (key.expiresAt === null || key.expiresAt > holder.expiresAt) {
    throw new HttpProblem("forbidden", {
      field: "expiresAt",
      expected: `at the latest ${holder.expiresAt.toISOString()}, when the key that asks for it expires`,
    });
  }
}

function noSuchKey(id: string): HttpProblem {
  return new HttpProblem("not_found", { detail: `There is no key ${id}` });
}

function issue(reply: FastifyReply, key: ApiKeyRecord, secret: NewSecret): FastifyReply {
  const body: IssuedApiKey = { ...viewKey(key), key: secret.text };
  return reply.header("cache-control", "no-store").send(body);
}

function viewKey(key: ApiKeyRecord): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    merchant: key.merchant,
    scopes: key.scopes,
    prefix: key.prefix,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    previousUntil: key.previousUntil?.toISOString() ?? null,
  };
}
