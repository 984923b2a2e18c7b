/** Payments to the Escrow, what became of the holds, acts on them, and what their parties hand in. */
export const holds = `
ALTER TABLE payments
  ADD COLUMN terms jsonb,
  ADD COLUMN merchant text,
  ADD COLUMN request_id uuid;
UPDATE payments SET merchant = payee;
ALTER TABLE payments ALTER COLUMN merchant SET NOT NULL;
CREATE INDEX payments_by_merchant ON payments (merchant, accepted_at, id);
CREATE INDEX payments_by_payer ON payments (payer, accepted_at, id);
CREATE INDEX payments_by_time ON payments (accepted_at, id);

CREATE TABLE payment_requests (
  id uuid PRIMARY KEY,
  merchant text NOT NULL,
  token text NOT NULL,
  amount numeric(39, 0) NOT NULL CHECK (amount > 0),
  capture text NOT NULL CHECK (capture IN ('automatic', 'manual')),
  memo text NOT NULL,
  terms jsonb,
  expires_at bigint NOT NULL,
  payment_id text REFERENCES payments (id),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((capture = 'manual') = (terms IS NOT NULL))
);
ALTER TABLE payments ADD FOREIGN KEY (request_id) REFERENCES payment_requests (id);

CREATE TABLE holds (
  id text PRIMARY KEY REFERENCES payments (id),
  status text NOT NULL,
  captured numeric(39, 0) NOT NULL,
  refunded numeric(39, 0) NOT NULL,
  disputed_at bigint NOT NULL,
  -- When something is due that anyone may do: reclaim an open hold after it, resolve a disputed one.
  due_after bigint NOT NULL,
  warned boolean NOT NULL DEFAULT false,
  block_number bigint NOT NULL
);
CREATE INDEX holds_due ON holds (due_after) WHERE status IN ('open', 'disputed');
CREATE INDEX holds_block ON holds (block_number);

CREATE TABLE acts (
  id uuid PRIMARY KEY,
  payment_id text NOT NULL REFERENCES payments (id),
  verb text NOT NULL CHECK (verb IN
    ('capture', 'void', 'refund', 'reclaim', 'dispute', 'evidence', 'rule', 'resolve', 'settle')),
  content jsonb NOT NULL,
  -- What the chain will have logged when the act took effect; see hold-effects.ts.
  effect text NOT NULL,
  state text NOT NULL DEFAULT 'accepted'
    CHECK (state IN ('accepted', 'assigned', 'submitted', 'settled', 'final', 'rejected')),
  code text,
  lane text REFERENCES lanes (address),
  transaction_hash text REFERENCES transactions (hash),
  attempts integer NOT NULL DEFAULT 0,
  settled_hash text,
  block_number bigint,
  accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (state NOT IN ('settled', 'final') OR (settled_hash IS NOT NULL AND block_number IS NOT NULL)),
  CHECK (state <> 'submitted' OR transaction_hash IS NOT NULL)
);
CREATE UNIQUE INDEX acts_effect ON acts (effect) WHERE state <> 'rejected';
CREATE INDEX acts_live ON acts (payment_id)
  WHERE state IN ('accepted', 'assigned', 'submitted') AND verb <> 'evidence';
CREATE INDEX acts_queue ON acts (accepted_at) WHERE state = 'accepted';
CREATE INDEX acts_transaction ON acts (transaction_hash);
CREATE INDEX acts_payment ON acts (payment_id, accepted_at);
CREATE INDEX acts_block ON acts (block_number);

CREATE TABLE documents (
  payment_id text NOT NULL REFERENCES payments (id),
  hash text NOT NULL,
  media_type text NOT NULL,
  content bytea NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (payment_id, hash)
);

CREATE TABLE idempotency_keys (
  scope text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  status integer,
  body jsonb,
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (started_at);

CREATE TABLE outbox (
  id text PRIMARY KEY,
  type text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  delivered_at timestamptz,
  last_error text
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE delivered_at IS NULL;
`;
