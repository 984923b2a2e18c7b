/** Payments by any kind of signature, by devices, and out of the payer's tokens. */
export const signatures = `
ALTER TABLE payments
  -- Of a payment from an account the top byte is the device that signed; of a pulled one all 64 bits are free.
  ALTER COLUMN nonce TYPE numeric(20, 0),
  ADD COLUMN funding text NOT NULL DEFAULT 'account' CHECK (funding IN ('account', 'erc3009', 'permit2')),
  -- In full where it is not sent as compact ECDSA; r and vs are zero words then.
  ADD COLUMN signature text,
  -- Whose signature it is, where not the payer's: her device's.
  ADD COLUMN signer text,
  ADD CHECK (nonce < 18446744073709551616);
DROP INDEX payments_nonce;
CREATE UNIQUE INDEX payments_nonce ON payments (payer, token, nonce)
  WHERE state NOT IN ('rejected', 'expired') AND funding = 'account';
DROP INDEX payments_live;
CREATE INDEX payments_live ON payments (payer, token)
  WHERE state IN ('accepted', 'assigned', 'submitted') AND funding = 'account';
DROP INDEX payments_queue;
CREATE INDEX payments_queue ON payments (funding, accepted_at) WHERE state = 'accepted';
`;
