/** What owners signed about their accounts beside payments. */
export const instructions = `
CREATE TABLE instructions (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN
    ('withdrawal', 'cancellation', 'agreement', 'approval', 'device-binding', 'device-revocation', 'deposit')),
  -- What it travels by: the Ledger's calls together, deposits by the kind of their authorization.
  carrier text NOT NULL CHECK (carrier IN ('ledger', 'erc3009', 'permit2', 'erc2612')),
  -- Settings of one account go one after another.
  setting boolean NOT NULL,
  owner text NOT NULL,
  token text NOT NULL,
  -- Of the owner's account; of a deposit, of whatever the authorization says.
  nonce numeric(20, 0) NOT NULL CHECK (nonce >= 0 AND nonce < 18446744073709551616),
  deadline bigint NOT NULL,
  -- What a withdrawal takes from the account.
  amount numeric(39, 0) NOT NULL DEFAULT 0 CHECK (amount >= 0),
  content jsonb NOT NULL,
  signature text NOT NULL,
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
  CHECK ((kind = 'deposit') = (carrier <> 'ledger')),
  CHECK ((kind = 'withdrawal') = (amount > 0)),
  CHECK (state NOT IN ('settled', 'final') OR (settled_hash IS NOT NULL AND block_number IS NOT NULL)),
  CHECK (state <> 'submitted' OR transaction_hash IS NOT NULL)
);
-- A cancellation may be after a nonce that another instruction or a payment holds.
CREATE UNIQUE INDEX instructions_nonce ON instructions (owner, token, nonce)
  WHERE state NOT IN ('rejected', 'expired') AND kind NOT IN ('cancellation', 'deposit');
CREATE INDEX instructions_queue ON instructions (carrier, accepted_at) WHERE state = 'accepted';
CREATE INDEX instructions_live ON instructions (owner, token) WHERE state IN ('accepted', 'assigned', 'submitted');
CREATE INDEX instructions_account ON instructions (owner, token, nonce) WHERE carrier = 'ledger';
CREATE INDEX instructions_assigned ON instructions (lane) WHERE state = 'assigned';
CREATE INDEX instructions_transaction ON instructions (transaction_hash);
CREATE INDEX instructions_block ON instructions (block_number);
CREATE INDEX instructions_by_owner ON instructions (owner, accepted_at, id);
CREATE INDEX instructions_by_time ON instructions (accepted_at, id);
`;
