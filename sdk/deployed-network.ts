import type { Deployment } from "./deployment.ts";
import type { RecordContracts } from "./record/contracts.ts";

/** A deployment's contracts: what records are read from, and the domain of whatever is signed for one of them. */
export interface DeployedNetwork extends RecordContracts {
  readonly escrow: string;
  readonly gateway: string;
  readonly exchange: string;
  readonly permit2: string;
  readonly signatureVerifier: string;
}

/**
 * @example
 * const network = networkOf(parseDeployment(text));
 * await signPayment(wallet, network, payment); // the Ledger's domain
 * await signConsent(merchant, network, CAPTURE_TYPES, consent); // the Escrow's
 */
export function networkOf({ chainId, contracts, permit2 }: Deployment): DeployedNetwork {
  const { ledger, escrow, gateway, exchange, verifier, x402 } = contracts;
  return {
    chainId: BigInt(chainId),
    ...{ ledger, escrow, gateway, exchange, permit2, signatureVerifier: verifier, x402 },
  };
}
