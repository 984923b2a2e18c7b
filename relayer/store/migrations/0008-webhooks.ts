/** What the endpoint made from the configuration is known by, in every database. */
const CONFIGURED = "00000000-0000-8000-8000-000000000001";

/**
 * What a merchant sees of a payment, of the row `p` of the table or of a transition table. What the relayer does with an
 * accepted payment (`assigned`, `submitted`) is no matter of hers: it is `accepted` until it is decided.
 */
const PUBLIC_STATE = `jsonb_build_object(
    'id', p.id,
    'state', CASE WHEN p.state IN ('assigned', 'submitted') THEN 'accepted' ELSE p.state END,
    'code', p.code,
    'merchant', p.merchant,
    'payer', p.payer,
    'payee', p.payee,
    'token', p.token,
    'amount', p.amount::text,
    'settleToken', coalesce(p.fx->'quote'->>'settleToken', p.token),
    'settleAmount', coalesce(p.fx->>'settleAmount', p.amount::text),
    'memo', p.memo,
    'requestId', p.request_id,
    'transactionHash', CASE WHEN p.state NOT IN ('accepted', 'assigned', 'submitted')
      THEN coalesce(p.settled_hash, p.transaction_hash) END,
    'blockNumber', p.block_number::text,
    'settledAt', p.settled_at::text)`;

/** Writes events and their deliveries out of rows (type, payment_id, merchant, payload), as far as somebody subscribes. */
function record(changes: string): string {
  return `WITH change AS (${changes}),
  told AS (
    INSERT INTO events (type, payment_id, merchant, payload)
    SELECT c.type, c.payment_id, c.merchant, c.payload FROM change c
    WHERE c.type IS NOT NULL AND EXISTS (SELECT 1 FROM webhook_subscribers(c.merchant, c.type))
    RETURNING sequence, type, merchant)
  INSERT INTO deliveries (endpoint_id, sequence)
  SELECT s.id, t.sequence FROM told t CROSS JOIN LATERAL webhook_subscribers(t.merchant, t.type) AS s (id);`;
}

/**
 * Endpoints, the events they are told of, and what became of each message. Events of payments are written by triggers: in
 * the transaction of the change, whichever code makes it. `outbox` goes; what waits in it is kept.
 */
export const webhooks = `
CREATE TABLE webhook_endpoints (
  id uuid PRIMARY KEY,
  -- Whose payments it is told of; null: everybody's, as the operator's own.
  merchant text,
  -- Made from the configuration, where its secret stands too.
  configured boolean NOT NULL DEFAULT false,
  url text NOT NULL,
  -- Null: all.
  event_types text[],
  enabled boolean NOT NULL DEFAULT true,
  disabled_reason text CHECK (disabled_reason IN ('owner', 'gone', 'failing', 'not_configured')),
  -- Since when nothing was delivered while something failed.
  failing_since timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (enabled = (disabled_reason IS NULL)),
  CHECK (NOT configured OR merchant IS NULL)
);
CREATE INDEX webhook_endpoints_enabled ON webhook_endpoints (merchant) WHERE enabled;
CREATE INDEX webhook_endpoints_by_merchant ON webhook_endpoints (merchant, created_at);

CREATE TABLE webhook_secrets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
  -- AES-256-GCM: nonce, ciphertext, tag.
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Null: the present one. A rotated one signs beside it until then.
  expires_at timestamptz
);
CREATE INDEX webhook_secrets_endpoint ON webhook_secrets (endpoint_id, id);

CREATE TABLE events (
  -- Of one payment's events the later has the higher one: the payment's row is locked when it is drawn.
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE DEFAULT 'evt_' || replace(gen_random_uuid()::text, '-', ''),
  type text NOT NULL,
  payment_id text,
  merchant text,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX events_by_merchant ON events (merchant, sequence);

-- No foreign keys: they would lock the endpoint's row in every transaction that settles payments.
CREATE TABLE deliveries (
  endpoint_id uuid NOT NULL,
  sequence bigint NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Until then the one who took it is sending it.
  leased_until timestamptz,
  last_status integer,
  last_error text,
  delivered_at timestamptz,
  PRIMARY KEY (endpoint_id, sequence)
);
CREATE INDEX deliveries_due ON deliveries (endpoint_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_dead ON deliveries (endpoint_id, sequence) WHERE state = 'dead';

CREATE FUNCTION webhook_subscribers(of_merchant text, event_type text) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT id FROM webhook_endpoints
  WHERE enabled AND merchant = of_merchant AND (event_types IS NULL OR event_type = ANY (event_types))
  UNION ALL
  SELECT id FROM webhook_endpoints
  WHERE enabled AND merchant IS NULL AND (event_types IS NULL OR event_type = ANY (event_types))
$$;

CREATE FUNCTION record_new_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE enabled) THEN RETURN NULL; END IF;
  ${record(`SELECT 'payment.accepted' AS type, p.id AS payment_id, p.merchant, ${PUBLIC_STATE} AS payload
    FROM new_payments p`)}
  RETURN NULL;
END $$;

CREATE FUNCTION record_changed_payments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE enabled) THEN RETURN NULL; END IF;
  ${record(`SELECT CASE
      WHEN p.state IN ('settled', 'final', 'rejected', 'expired') THEN 'payment.' || p.state
      WHEN o.state IN ('settled', 'final') THEN 'payment.reorged'
    END AS type, p.id AS payment_id, p.merchant, ${PUBLIC_STATE} AS payload
    FROM new_payments p JOIN old_payments o ON o.id = p.id
    WHERE (o.state, o.code, o.settled_hash, o.block_number)
      IS DISTINCT FROM (p.state, p.code, p.settled_hash, p.block_number)`)}
  RETURN NULL;
END $$;

CREATE TRIGGER payments_inserted AFTER INSERT ON payments REFERENCING NEW TABLE AS new_payments
  FOR EACH STATEMENT EXECUTE FUNCTION record_new_payments();
CREATE TRIGGER payments_updated AFTER UPDATE ON payments
  REFERENCING OLD TABLE AS old_payments NEW TABLE AS new_payments
  FOR EACH STATEMENT EXECUTE FUNCTION record_changed_payments();

WITH kept AS (
  INSERT INTO events (id, type, payment_id, merchant, payload, created_at)
  SELECT id, type, payload->>'paymentId', payload->>'payee', payload, created_at FROM outbox
  WHERE delivered_at IS NULL ORDER BY created_at
  RETURNING sequence)
INSERT INTO deliveries (endpoint_id, sequence) SELECT '${CONFIGURED}', sequence FROM kept;
DROP TABLE outbox;
`;
