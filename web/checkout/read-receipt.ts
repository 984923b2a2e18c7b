import type { NetworkView, PaymentView } from "../../sdk/client.ts";
import { receiptFromChain } from "../../sdk/record/receipt-from-chain.ts";
import { httpRpc } from "../../sdk/record/rpc.ts";

/** A payment's receipt as a file, out of the chain. @throws Error if the node does not have it. */
export async function readReceipt(rpcUrl: string, network: NetworkView, payment: PaymentView): Promise<string> {
  const receipt = await receiptFromChain(httpRpc(rpcUrl), network, payment);
  if (receipt === undefined) throw new Error("The payment is not in its block in a form that is known");
  return JSON.stringify(receipt, null, 2);
}
