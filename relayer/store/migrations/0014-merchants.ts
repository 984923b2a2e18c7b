/** What payers are told of merchants and of what they pay for; requests that many pay; lists by more than before; what a merchant's payments come to. */
export const merchants = `
CREATE TABLE merchants (
  address text PRIMARY KEY,
  name text,
  country text,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE payment_requests
  ADD COLUMN title text,
  ADD COLUMN payer_country text,
  ADD COLUMN reusable boolean NOT NULL DEFAULT false;
-- Most payments pay no request, and cost nothing here.
CREATE INDEX payments_by_request ON payments (request_id, accepted_at, id) INCLUDE (state) WHERE request_id IS NOT NULL;
-- The memo that the merchant named, wherever it stands.
CREATE INDEX payments_by_memo ON payments USING hash ((coalesce(terms ->> 'memo', fx ->> 'memo', memo)));

-- What the operator kept of a payment that was not exchanged, as the batch's event says; null: it is not known.
ALTER TABLE payments ADD COLUMN fee numeric(39, 0) CHECK (fee >= 0);
CREATE INDEX payments_settled_by_merchant ON payments (merchant, settled_at) WHERE state IN ('settled', 'final');
CREATE INDEX payments_refused_by_merchant ON payments (merchant, accepted_at) WHERE state IN ('rejected', 'expired');
`;
