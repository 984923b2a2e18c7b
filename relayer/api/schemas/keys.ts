import { SCOPES } from "../access.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref, taken } from "./json-schema.ts";
import { listed, page } from "./list.ts";
import { json, jsonBody, type Operation, PARAMETER } from "./operation.ts";
import { ADDRESS, RFC3339 } from "./values.ts";

const KEY_ID = {
  type: "string",
  pattern: "^[0-9a-f]{16}$",
  examples: ["3f9c0a7be1d24c58"],
  description: "The id of a key: what stands between the underscores of its text.",
};
const NAME = {
  type: "string",
  minLength: 1,
  maxLength: 100,
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
  examples: ["till 3"],
};
const scopes = listOf(oneOf(SCOPES), { minItems: 1, maxItems: SCOPES.length, uniqueItems: true });
const merchant = described(nullable(ADDRESS), "Whose it is; null: the operator's.");
const key = {
  id: KEY_ID,
  name: NAME,
  merchant,
  scopes,
  prefix: { type: "string", examples: ["corridor_3f9c0a7be1d24c58_Ab3d"], description: "How its text begins." },
  createdAt: RFC3339,
  expiresAt: nullable(RFC3339),
  revokedAt: nullable(RFC3339),
  lastUsedAt: described(nullable(RFC3339), "Noted at most once a minute."),
  previousUntil: described(nullable(RFC3339), "Until when the secret before the last rotation is good."),
};

export const KEY_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  NewApiKey: taken(
    { name: NAME, scopes },
    {
      merchant: described(
        nullable(ADDRESS),
        "The operator has to say whose the key is, null for one of her own; a merchant makes her own only.",
      ),
      expiresAt: {
        ...RFC3339,
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?Z$",
      },
    },
  ),
  ApiKey: answered(key),
  IssuedApiKey: answered({
    ...key,
    key: {
      type: "string",
      pattern: "^corridor_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$",
      examples: [`corridor_3f9c0a7be1d24c58_Ab3d${"x".repeat(39)}`],
      description: "What its holder sends. It is shown this once.",
    },
  }),
  ApiKeyList: listed("keys", ref("ApiKey"), KEY_ID),
};

const grace = {
  type: "integer",
  minimum: 0,
  maximum: 2_592_000,
  default: 86_400,
  examples: [3_600],
  description: "How long the present secret stays good.",
};
const noStore = { "Cache-Control": { type: "string", enum: ["no-store"] } };

export const KEY_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/keys", id: "createKey", tag: "keys", access: "keys" },
    summary: "Make a key",
    description:
      "A key cannot do what its maker's cannot, nor outlive it. There is no Idempotency-Key, as the secret is not kept: who " +
      "did not get the answer makes another key and revokes this one.",
    body: jsonBody(ref("NewApiKey")),
    answers: { 201: json("The key, with its secret.", ref("IssuedApiKey"), noStore) },
    problems: PARAMETER,
  },
  {
    ...{ method: "get", path: "/v1/keys", id: "listKeys", tag: "keys", access: "keys" },
    summary: "List keys, the newest first",
    query: { merchant: ADDRESS, ...page(KEY_ID) },
    answers: { 200: json("A page.", ref("ApiKeyList")) },
    problems: PARAMETER,
  },
  {
    ...{ method: "post", path: "/v1/keys/:id/rotate", id: "rotateKey", tag: "keys", access: "keys" },
    summary: "Give a key another secret",
    params: { id: KEY_ID },
    body: jsonBody(taken({}, { graceSeconds: grace }), false),
    answers: { 200: json("The key, with its new secret.", ref("IssuedApiKey"), noStore) },
    problems: ["invalid_field", "not_found", "key_inactive"],
  },
  {
    ...{ method: "delete", path: "/v1/keys/:id", id: "revokeKey", tag: "keys", access: "keys" },
    summary: "End a key, for good and within 5 seconds",
    params: { id: KEY_ID },
    answers: { 200: json("The key.", ref("ApiKey")) },
    problems: ["invalid_field", "not_found"],
  },
];
