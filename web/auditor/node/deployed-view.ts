import type { NetworkView } from "../../../sdk/client.ts";
import { networkOf } from "../../../sdk/deployed-network.ts";
import type { Deployment } from "../../../sdk/deployment.ts";

/**
 * A deployment as a relayer would tell of it, for pages that ask no relayer. Of the relayer only the node and the signer of receipts
 * are kept, and only where it serves the same Ledger on the same chain: else they are of something else.
 */
export function deployedView(deployment: Deployment, told: NetworkView): NetworkView {
  const { ledger, escrow, gateway, exchange, permit2, signatureVerifier } = networkOf(deployment);
  const chainId = String(deployment.chainId);
  const isSame = told.chainId === chainId;
  const isSameLedger = isSame && told.ledger.toLowerCase() === ledger.toLowerCase();
  return {
    ...{ chainId, ledger, escrow, gateway, exchange, permit2, signatureVerifier, operators: [] },
    tokens: deployment.tokens.map(({ address }) => address),
    currencies: deployment.tokens.map(({ address, symbol, decimals }) => ({
      ...{ token: address, code: symbol, name: symbol, decimals, signing: null },
    })),
    rpcUrl: isSame ? told.rpcUrl : null,
    startBlock: String(deployment.startBlock),
    ...{ demo: null, finalityDepth: deployment.finalityDepth, withdrawalFees: {}, walletFactories: [] },
    receiptSigner: isSameLedger ? told.receiptSigner : null,
  };
}
