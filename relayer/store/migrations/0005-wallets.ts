/** Payments from contract wallets that are not deployed yet. */
export const wallets = `
ALTER TABLE payments
  -- How the payer's wallet comes to be, if it was not there when the payment was accepted: {factory, data}.
  ADD COLUMN deployment jsonb,
  -- The wallet was seen on the chain, so the payment goes its way; taken back if the chain takes the wallet back.
  ADD COLUMN deployed boolean NOT NULL DEFAULT false,
  -- The relayer's transaction that deploys it.
  ADD COLUMN deployment_hash text REFERENCES transactions (hash),
  ADD COLUMN deployment_attempts integer NOT NULL DEFAULT 0,
  ADD CHECK (deployment IS NOT NULL OR (NOT deployed AND deployment_hash IS NULL));
CREATE INDEX payments_to_deploy ON payments (accepted_at)
  WHERE state = 'accepted' AND deployment IS NOT NULL AND NOT deployed;
CREATE INDEX payments_wallet ON payments (payer) WHERE deployment IS NOT NULL;
`;
