import { getBytes } from "ethers";

import type { UnsignedReceipt } from "../../receipt-typed-data.ts";
import { PROVEN_RECEIPT_VERSION, type Receipt } from "../receipt.ts";
import type { BlockProof } from "./block-proof.ts";
import { readHeader } from "./block-header.ts";
import { ProofError } from "./proof-error.ts";
import { decodeReceipt } from "./receipt-envelope.ts";
import { findPaymentLogs, placeLogs } from "./receipt-logs.ts";
import { walkProof } from "./walk-proof.ts";

/**
 * Puts into a receipt what proves it. @param block That the payment settled in, by `readBlockProof`.
 * @throws ProofError `not_in_block` if the block has no such transaction, or that one no such settlement
 */
export async function proveReceipt(block: BlockProof, receipt: Receipt): Promise<UnsignedReceipt> {
  const { transactionHash, id } = receipt;
  const transactionIndex = block.places.get(transactionHash.toLowerCase());
  if (transactionIndex === undefined || receipt.blockHash !== block.hash) throw notIn(block, transactionHash);
  const nodes = await block.receipts.proofOf(transactionIndex);
  const header = readHeader(block.header);
  const bytes = header === undefined ? undefined : walkProof(header.receiptsRoot, transactionIndex, nodes);
  const outcome = bytes === undefined ? undefined : decodeReceipt(getBytes(bytes));
  if (header === undefined || outcome === undefined) throw notIn(block, transactionHash);
  const timestamp = Number(header.timestamp);
  const place = { blockNumber: block.number, blockHash: block.hash, transactionHash, timestamp };
  const contracts = { chainId: BigInt(receipt.chainId), ...receipt.contracts, x402: null };
  const { settled, further } = findPaymentLogs(contracts, id, placeLogs(outcome.logs, place), timestamp);
  const [settlement] = settled;
  if (settlement === undefined) throw notIn(block, `the settlement of ${id}`);
  return {
    ...receipt,
    version: PROVEN_RECEIPT_VERSION,
    proof: {
      ...{ header: block.header, transactionIndex, receipt: nodes },
      transaction: (await block.transactions?.proofOf(transactionIndex)) ?? null,
      settledLog: settlement.logIndex,
      furtherLogs: further.map(({ logIndex }) => logIndex),
    },
  };
}

function notIn({ number }: BlockProof, what: string): ProofError {
  return new ProofError("not_in_block", `Block ${number} does not have ${what}`);
}
