/**
 * What moved between accounts, event by event: statements are made of it. A database that was followed before this starts with
 * the balances that it knows, each brought forward.
 */
export const movements = `
CREATE TABLE movements (
  block_number bigint NOT NULL,
  log_index integer NOT NULL,
  part integer NOT NULL,
  -- The time of the block, in Unix seconds.
  at bigint NOT NULL,
  kind text NOT NULL,
  token text NOT NULL,
  debited text,
  debit numeric(39, 0) NOT NULL CHECK (debit >= 0),
  credited text,
  credit numeric(39, 0) NOT NULL CHECK (credit >= 0),
  fee numeric(39, 0) NOT NULL CHECK (fee >= 0),
  reference text,
  memo text,
  party text,
  exchange jsonb,
  transaction_hash text,
  PRIMARY KEY (block_number, log_index, part)
);
-- With the amounts, so that a balance is summed out of the index.
CREATE INDEX movements_debited ON movements (debited, token, at, block_number, log_index, part) INCLUDE (debit)
  WHERE debited IS NOT NULL;
CREATE INDEX movements_credited ON movements (credited, token, at, block_number, log_index, part) INCLUDE (credit)
  WHERE credited IS NOT NULL;
-- A plain payment is found by its block; what became of a hold happens in many.
CREATE INDEX movements_reference ON movements (reference) WHERE reference IS NOT NULL AND kind NOT IN ('payment', 'fee');

CREATE TABLE movement_record (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  -- The last block whose movements are recorded.
  upto bigint NOT NULL,
  -- The block, and its time, until which balances are brought forward; null: nothing moved before the first movement.
  since bigint,
  since_at bigint
);
INSERT INTO movement_record (upto, since, since_at) SELECT number, number, "timestamp" FROM blocks ORDER BY number DESC LIMIT 1;
INSERT INTO movements (block_number, log_index, part, at, kind, token, debit, credited, credit, fee)
SELECT b.number, -1, row_number() OVER (ORDER BY a.owner, a.token), b."timestamp", 'brought_forward', a.token, 0, a.owner,
  a.balance, 0
FROM accounts a, (SELECT number, "timestamp" FROM blocks ORDER BY number DESC LIMIT 1) b WHERE a.balance > 0;
`;
