import type { RecordContracts } from "../../../sdk/record/contracts.ts";
import { parseReceipt } from "../../../sdk/record/parse-receipt.ts";
import { type ReceiptFinding, receiptHolds } from "../../../sdk/record/proof/receipt-findings.ts";
import { verifyReceipt } from "../../../sdk/record/proof/verify-receipt.ts";
import { PROVEN_RECEIPT_VERSION } from "../../../sdk/record/receipt.ts";

export interface OfflineResult {
  readonly holds: boolean;
  readonly findings: readonly ReceiptFinding[];
  /** By which it was verified: the one that was given, or else the one that the receipt names. */
  readonly blockHash: string;
}

/**
 * What a receipt proves by itself. @param blockHash Null: the receipt's own, which is then to be looked up elsewhere.
 * @returns null of a receipt without a proof. @throws ReceiptError
 */
export function verifyFile(
  text: string,
  blockHash: string | null,
  contracts: RecordContracts | undefined,
  signer: string | null,
): OfflineResult | null {
  const { receipt } = parseReceipt(text);
  if (receipt.version !== PROVEN_RECEIPT_VERSION) return null;
  const trustedBlockHash = blockHash ?? receipt.blockHash;
  const findings = verifyReceipt(text, {
    trustedBlockHash,
    ...(contracts === undefined ? {} : { contracts }),
    ...(signer === null ? {} : { signer }),
  });
  return { holds: receiptHolds(findings), findings, blockHash: trustedBlockHash };
}
