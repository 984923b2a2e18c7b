/**
 * Remittance records, encrypted, with the keys that open them and who did what with them. Keys stand in tables of their own: a backup
 * without the data of `item_keys` opens nothing.
 */
export const records = `
-- A merchant's key, wrapped under a master key of the configuration. One is present, others wait to be emptied.
CREATE TABLE tenant_keys (
  id uuid PRIMARY KEY,
  merchant text NOT NULL,
  master_key text NOT NULL,
  -- AES-256-GCM: nonce, ciphertext, tag. So is everything else that is wrapped or sealed here.
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  retired_at timestamptz
);
CREATE UNIQUE INDEX tenant_keys_present ON tenant_keys (merchant) WHERE retired_at IS NULL;
CREATE INDEX tenant_keys_by_master_key ON tenant_keys (master_key);

-- Each opens one item; without it nothing does.
CREATE TABLE item_keys (
  id uuid PRIMARY KEY,
  tenant_key uuid NOT NULL REFERENCES tenant_keys (id),
  wrapped bytea NOT NULL
);
CREATE INDEX item_keys_by_tenant_key ON item_keys (tenant_key);

CREATE TABLE remittance_records (
  id uuid PRIMARY KEY,
  merchant text NOT NULL,
  -- That of the first version, which payers sign.
  memo text NOT NULL,
  request_id uuid REFERENCES payment_requests (id),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  erased_at timestamptz,
  UNIQUE (merchant, memo)
);
CREATE INDEX remittance_records_by_time ON remittance_records (created_at, id);
CREATE INDEX remittance_records_by_merchant ON remittance_records (merchant, created_at, id);

CREATE TABLE remittance_versions (
  record_id uuid NOT NULL REFERENCES remittance_records (id),
  version integer NOT NULL CHECK (version > 0),
  memo text NOT NULL,
  -- Both null once the record is erased.
  item_key uuid UNIQUE REFERENCES item_keys (id),
  sealed bytea,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (record_id, version),
  CHECK ((item_key IS NULL) = (sealed IS NULL))
);

CREATE TABLE record_audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  record_id uuid NOT NULL REFERENCES remittance_records (id),
  action text NOT NULL CHECK (action IN ('stored', 'corrected', 'read', 'exported', 'disclosed', 'erased')),
  -- A key's or a session's id, or the party of the payment who signed. Never a name or an address.
  actor text NOT NULL,
  -- What was disclosed: where it stands in the record, not what it says.
  pointers text[],
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX record_audit_by_record ON record_audit (record_id, id);

-- Null: kept in the clear, before there were keys.
ALTER TABLE documents ADD COLUMN item_key uuid UNIQUE REFERENCES item_keys (id);
`;
