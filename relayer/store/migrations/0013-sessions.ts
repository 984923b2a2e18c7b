/** Who is signed in by a browser, and who was asked to sign for it. */
export const sessions = `
CREATE TABLE session_challenges (
  nonce text PRIMARY KEY CHECK (nonce ~ '^[A-Za-z0-9]{16,64}$'),
  -- As it is to be signed, byte for byte.
  message text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX session_challenges_by_expiry ON session_challenges (expires_at);
CREATE TABLE sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- SHA-256 of the 32 random bytes of the cookie, which are kept nowhere else.
  secret_hash bytea NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
  address text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
`;
