/** What payers are told of merchants and of what they pay for; requests that many pay; lists by more than they were before. */
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
CREATE INDEX payments_by_request ON payments (request_id, accepted_at, id) WHERE request_id IS NOT NULL;
`;
