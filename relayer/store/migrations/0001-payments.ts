/** Addresses and hashes are text as ethers prints them; amounts are whole numbers of smallest units. */
export const payments = `
CREATE TABLE deployment (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  chain_id bigint NOT NULL,
  ledger text NOT NULL,
  anchor_block bigint NOT NULL,
  anchor_hash text NOT NULL
);

CREATE TABLE lanes (
  address text PRIMARY KEY,
  next_nonce bigint NOT NULL,
  holder text,
  fence bigint NOT NULL DEFAULT 0,
  lease_until timestamptz
);

CREATE TABLE transactions (
  hash text PRIMARY KEY,
  lane text NOT NULL REFERENCES lanes (address),
  nonce bigint NOT NULL,
  raw text NOT NULL,
  state text NOT NULL CHECK (state IN ('signed', 'broadcast', 'mined', 'failed', 'lost')),
  rows integer NOT NULL,
  batches integer NOT NULL,
  gas_used bigint,
  fee_wei numeric,
  block_number bigint,
  signed_at timestamptz NOT NULL DEFAULT now(),
  broadcast_at timestamptz,
  UNIQUE (lane, nonce)
);
CREATE INDEX transactions_live ON transactions (lane, nonce) WHERE state IN ('signed', 'broadcast');
CREATE INDEX transactions_block ON transactions (block_number);

CREATE TABLE payments (
  id text PRIMARY KEY,
  payer text NOT NULL,
  payee text NOT NULL,
  token text NOT NULL,
  amount numeric(39, 0) NOT NULL CHECK (amount > 0),
  nonce bigint NOT NULL CHECK (nonce >= 0),
  deadline bigint NOT NULL,
  memo text NOT NULL,
  r text NOT NULL,
  vs text NOT NULL,
  state text NOT NULL DEFAULT 'accepted'
    CHECK (state IN ('accepted', 'assigned', 'submitted', 'settled', 'final', 'rejected', 'expired')),
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
CREATE UNIQUE INDEX payments_nonce ON payments (payer, token, nonce) WHERE state NOT IN ('rejected', 'expired');
CREATE INDEX payments_queue ON payments (accepted_at) WHERE state = 'accepted';
CREATE INDEX payments_live ON payments (payer, token) WHERE state IN ('accepted', 'assigned', 'submitted');
CREATE INDEX payments_assigned ON payments (lane) WHERE state = 'assigned';
CREATE INDEX payments_transaction ON payments (transaction_hash);
CREATE INDEX payments_unfinal ON payments (block_number) WHERE state = 'settled';
CREATE INDEX payments_block ON payments (block_number);

CREATE TABLE accounts (
  owner text NOT NULL,
  token text NOT NULL,
  balance numeric(39, 0) NOT NULL DEFAULT 0,
  nonce_window numeric(20, 0) NOT NULL DEFAULT 0,
  next_nonce bigint NOT NULL DEFAULT 0,
  frozen_until bigint NOT NULL DEFAULT 0,
  block_number bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (owner, token)
);
CREATE INDEX accounts_block ON accounts (block_number);

CREATE TABLE blocks (
  number bigint PRIMARY KEY,
  hash text NOT NULL,
  "timestamp" bigint NOT NULL
);
`;
