/** Payments in one currency that settle in another, the quotes that they are paid at, and refunds in the pay currency. */
export const exchange = `
ALTER TABLE payments
  -- Of a payment to the Exchange: what is settled, at which quote; see StoredFx.
  ADD COLUMN fx jsonb,
  -- Of a payment with a hold's terms: the id under which the Escrow knows it. The payment's own, unless it is exchanged.
  ADD COLUMN hold_id text,
  -- As the Exchange's events say, in the pay token and in the settlement token.
  ADD COLUMN fx_paid numeric(39, 0),
  ADD COLUMN fx_fee numeric(39, 0),
  -- The time of the block that settled it, in Unix seconds.
  ADD COLUMN settled_at bigint;
UPDATE payments SET hold_id = id WHERE terms IS NOT NULL;
UPDATE payments p SET settled_at = b."timestamp" FROM blocks b WHERE b.number = p.block_number;
ALTER TABLE payments ADD CHECK ((hold_id IS NULL) = (terms IS NULL));
CREATE INDEX payments_hold ON payments (hold_id) WHERE hold_id IS NOT NULL;
CREATE INDEX payments_quote ON payments ((fx->'quote'->>'id'))
  WHERE fx IS NOT NULL AND state IN ('accepted', 'assigned', 'submitted');
CREATE INDEX payments_settled_at ON payments (settled_at) WHERE state IN ('settled', 'final');

-- A hold's id is not always a payment's any more.
ALTER TABLE holds DROP CONSTRAINT holds_id_fkey;

CREATE TABLE quotes (
  id text PRIMARY KEY,
  maker text NOT NULL,
  pay_token text NOT NULL,
  settle_token text NOT NULL,
  pay_amount numeric(39, 0) NOT NULL CHECK (pay_amount > 0),
  settle_amount numeric(39, 0) NOT NULL CHECK (settle_amount > 0),
  generation bigint NOT NULL,
  deadline bigint NOT NULL,
  salt text NOT NULL,
  r text NOT NULL,
  vs text NOT NULL,
  -- As the chain has it, up to the followed head.
  filled numeric(39, 0) NOT NULL DEFAULT 0,
  cancelled boolean NOT NULL DEFAULT false,
  block_number bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX quotes_block ON quotes (block_number);
CREATE INDEX quotes_maker ON quotes (maker);

CREATE TABLE fx_refunds (
  payment_id text NOT NULL REFERENCES payments (id),
  -- What was refunded of the payment with this one, so that each refund stands once.
  refunded numeric(39, 0) NOT NULL,
  amount numeric(39, 0) NOT NULL,
  quote text NOT NULL,
  maker text NOT NULL,
  cost numeric(39, 0) NOT NULL,
  returned numeric(39, 0) NOT NULL,
  transaction_hash text NOT NULL,
  block_number bigint NOT NULL,
  refunded_at bigint NOT NULL,
  PRIMARY KEY (payment_id, refunded)
);
CREATE INDEX fx_refunds_block ON fx_refunds (block_number);
CREATE INDEX fx_refunds_time ON fx_refunds (refunded_at);

ALTER TABLE acts DROP CONSTRAINT acts_verb_check;
ALTER TABLE acts ADD CONSTRAINT acts_verb_check CHECK (verb IN
  ('capture', 'void', 'refund', 'reclaim', 'dispute', 'evidence', 'rule', 'resolve', 'settle', 'fx_refund'));
`;
