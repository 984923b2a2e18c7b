/** Replacements of transactions that were too cheap, and what the lanes read at each look. */
export const bids = `
-- A transaction is known by the hash of its first bid, which stands in transactions.raw; these are the later ones, which
-- carry the same nonce at higher fees. At most one bid of a transaction is ever mined.
CREATE TABLE bids (
  hash text PRIMARY KEY,
  transaction_hash text NOT NULL REFERENCES transactions (hash),
  raw text NOT NULL,
  -- It carries nothing and only uses the nonce up.
  empties boolean NOT NULL DEFAULT false,
  signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX bids_transaction ON bids (transaction_hash, signed_at);

ALTER TABLE transactions
  -- The bid that was mined.
  ADD COLUMN mined_hash text,
  DROP CONSTRAINT transactions_state_check,
  ADD CONSTRAINT transactions_state_check CHECK (state IN ('signed', 'broadcast', 'mined', 'failed', 'freed', 'lost'));
-- Asked for those under way only; the others need not be in it.
DROP INDEX payments_transaction;
CREATE INDEX payments_transaction ON payments (transaction_hash) WHERE state IN ('assigned', 'submitted');
CREATE INDEX quotes_deadline ON quotes (deadline);
UPDATE transactions SET mined_hash = hash WHERE state IN ('mined', 'failed');
`;
