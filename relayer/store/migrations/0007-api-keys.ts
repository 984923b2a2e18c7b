/** Who may see and ask what over HTTP, and the lists that they see. */
export const apiKeys = `
CREATE TABLE api_keys (
  id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
  name text NOT NULL,
  -- Whose key it is; null: the operator's.
  merchant text,
  scopes text[] NOT NULL,
  -- SHA-256 of the 32 random bytes. The bytes themselves are shown once and kept nowhere.
  key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
  -- How its holder recognises it.
  prefix text NOT NULL,
  -- The secret before the last rotation, and until when it is still good.
  previous_hash bytea CHECK (length(previous_hash) = 32),
  previous_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
);
CREATE INDEX api_keys_by_merchant ON api_keys (merchant, created_at, id);
CREATE INDEX api_keys_by_time ON api_keys (created_at, id);
CREATE INDEX payment_requests_by_merchant ON payment_requests (merchant, created_at, id);
CREATE INDEX payment_requests_by_time ON payment_requests (created_at, id);
`;
