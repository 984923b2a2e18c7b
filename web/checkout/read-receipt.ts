import type { NetworkView, PaymentView } from "../../sdk/client.ts";
import { recordContracts } from "../../sdk/record/contracts.ts";
import { receiptHolds } from "../../sdk/record/proof/receipt-findings.ts";
import { verifyReceipt } from "../../sdk/record/proof/verify-receipt.ts";
import type { ProvenReceipt, Receipt } from "../../sdk/record/receipt.ts";
import { receiptFromChain } from "../../sdk/record/receipt-from-chain.ts";
import { httpRpc, type RpcCall } from "../../sdk/record/rpc.ts";
import { readBlock } from "../../sdk/record/rpc-answers.ts";
import { client } from "../app/client.ts";

/**
 * A payment's receipt as a file: the relayer's, with proof and statement, if it holds against the node; else made from the chain, with
 * its proof where the chain's blocks can be proven. @param rpcUrl Null: nobody but the relayer can be asked.
 * @throws Error if there is none
 */
export async function readReceipt(rpcUrl: string | null, network: NetworkView, payment: PaymentView): Promise<string> {
  const rpc = rpcUrl === null ? undefined : httpRpc(rpcUrl);
  const receipt = (await issuedReceipt(rpc, network, payment)) ?? (await ownReceipt(rpc, network, payment));
  if (receipt === undefined) throw new Error("The payment is not in its block in a form that is known");
  return JSON.stringify(receipt, null, 2);
}

async function issuedReceipt(
  rpc: RpcCall | undefined,
  network: NetworkView,
  payment: PaymentView,
): Promise<ProvenReceipt | undefined> {
  const issued = await client.receipt(payment.id).catch(() => undefined);
  if (issued?.id !== payment.id) return undefined;
  const trustedBlockHash =
    rpc === undefined ? issued.blockHash : (await readBlock(rpc, Number(payment.blockNumber)))?.hash;
  if (trustedBlockHash === undefined) return undefined;
  const trust = { trustedBlockHash, contracts: recordContracts(network) };
  return receiptHolds(verifyReceipt(issued, trust)) ? issued : undefined;
}

async function ownReceipt(
  rpc: RpcCall | undefined,
  network: NetworkView,
  payment: PaymentView,
): Promise<Receipt | ProvenReceipt | undefined> {
  const receipt = rpc === undefined ? undefined : await receiptFromChain(rpc, network, payment);
  if (rpc === undefined || receipt === undefined) return undefined;
  // What makes tries is large, and few need it.
  const { readBlockProof } = await import("../../sdk/record/proof/block-proof.ts");
  const { proveReceipt } = await import("../../sdk/record/proof/prove-receipt.ts");
  try {
    return {
      ...(await proveReceipt(await readBlockProof(rpc, Number(receipt.blockNumber)), receipt)),
      statement: null,
    };
  } catch {
    // Checked against a node it is as good.
    return receipt;
  }
}
