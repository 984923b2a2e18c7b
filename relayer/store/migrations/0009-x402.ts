/** Payments by x402's scheme `exact`, out of tokens and past the Ledger. */
export const x402 = `
CREATE TABLE x402_payments (
  -- The hash of the terms, as X402Settler makes it.
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('erc3009', 'permit2')),
  token text NOT NULL,
  payer text NOT NULL,
  payee text NOT NULL,
  amount numeric(78, 0) NOT NULL CHECK (amount > 0),
  valid_after numeric(78, 0) NOT NULL,
  valid_before numeric(78, 0) NOT NULL,
  nonce text NOT NULL,
  -- Whose nonces these are: the token's own (ERC-3009), or Permit2's for all tokens.
  nonce_space text NOT NULL,
  -- As it was given, and as it is sent.
  given_signature text NOT NULL,
  r text NOT NULL,
  vs text NOT NULL,
  signature text,
  -- verified: found good, nobody asked to settle it. used: somebody else used the authorization, and it is being looked up for what.
  state text NOT NULL CHECK (state IN
    ('verified', 'accepted', 'assigned', 'submitted', 'used', 'settled', 'final', 'rejected', 'expired')),
  code text,
  lane text REFERENCES lanes (address),
  transaction_hash text REFERENCES transactions (hash),
  attempts integer NOT NULL DEFAULT 0,
  -- The followed block at which the authorization was not used yet, and the one by which it was.
  unused_block bigint NOT NULL,
  used_block bigint,
  settled_hash text,
  -- The transfer by which somebody else's transaction paid.
  settled_log bigint,
  block_number bigint,
  accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (state NOT IN ('settled', 'final') OR (settled_hash IS NOT NULL AND block_number IS NOT NULL)),
  CHECK (state <> 'submitted' OR transaction_hash IS NOT NULL),
  CHECK (state <> 'used' OR used_block IS NOT NULL)
);
CREATE UNIQUE INDEX x402_payments_nonce ON x402_payments (nonce_space, payer, nonce)
  WHERE state NOT IN ('verified', 'rejected', 'expired');
CREATE UNIQUE INDEX x402_payments_transfer ON x402_payments (settled_hash, settled_log) WHERE settled_log IS NOT NULL;
CREATE INDEX x402_payments_queue ON x402_payments (accepted_at) WHERE state IN ('accepted', 'used');
CREATE INDEX x402_payments_verified ON x402_payments (accepted_at) WHERE state = 'verified';
CREATE INDEX x402_payments_assigned ON x402_payments (lane) WHERE state = 'assigned';
CREATE INDEX x402_payments_transaction ON x402_payments (transaction_hash);
CREATE INDEX x402_payments_block ON x402_payments (block_number);

-- The extension payment-identifier: a client's name for a payload, under the payee whom it pays.
CREATE TABLE x402_identifiers (
  payee text NOT NULL,
  identifier text NOT NULL,
  fingerprint text NOT NULL,
  payment_id text NOT NULL REFERENCES x402_payments (id),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (payee, identifier)
);
`;
