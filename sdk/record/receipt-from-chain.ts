import { OWNER, splitNonce } from "../device-nonce.ts";
import type { NetworkView, PaymentView } from "../client.ts";
import { recordContracts } from "./contracts.ts";
import { readPaymentRecord } from "./payment-record.ts";
import { makeReceipt, type Receipt, type ReceiptPayment } from "./receipt.ts";
import type { RpcCall } from "./rpc.ts";
import type { SignedPayment } from "./signed-row.ts";

/**
 * The receipt of a settled payment by whoever has not signed it: what was signed, and the signature, are taken from the transaction.
 * @returns `undefined` of a payment that has not settled, or that travelled in a form that is not known.
 * @throws RpcError; RecordError if the node contradicts itself
 */
export async function receiptFromChain(
  rpc: RpcCall,
  network: NetworkView,
  view: PaymentView,
): Promise<Receipt | undefined> {
  if (view.blockNumber === null) return undefined;
  const block = Number(view.blockNumber);
  const contracts = recordContracts(network);
  const { payment, signature, end } = await readPaymentRecord(rpc, contracts, view.id, {
    // Whether a device signed is told by when it was bound.
    fromBlock: splitNonce(BigInt(view.nonce)).index === OWNER ? block : Number(network.startBlock),
    toBlock: block,
  });
  if (payment === null || signature === null || !("signature" in signature)) return undefined;
  return makeReceipt({
    ...{ network, view, payment: receiptPayment(payment), signature: signature.signature, blockHash: end.hash },
  });
}

function receiptPayment({ payer, payee, token, amount, nonce, deadline, signed }: SignedPayment): ReceiptPayment {
  const common = { payer, payee, token, amount, nonce, deadline };
  switch (signed.kind) {
    case "plain":
      return { ...common, memo: signed.memo };
    case "held":
      return { ...common, terms: signed.terms };
    case "exchanged":
      return { ...common, terms: signed.terms };
    case "exchanged_held":
      return { ...common, terms: signed.terms };
  }
}
