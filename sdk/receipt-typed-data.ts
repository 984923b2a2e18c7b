import canonicalize from "canonicalize";
import { keccak256, toUtf8Bytes, type TypedDataDomain, TypedDataEncoder } from "ethers";

import type { ProvenReceipt, ReceiptStatement } from "./record/receipt.ts";
import { struct } from "./typed-data.ts";

/** EIP-712 type of an operator's statement about a receipt. No contract takes it. */
export const RECEIPT_TYPES = struct(
  "Receipt",
  "bytes32 id,bytes32 transactionHash,bytes32 blockHash,uint64 blockNumber,uint64 depth,uint48 issuedAt,bytes32 document",
);

/** A receipt that nobody has signed for yet. */
export type UnsignedReceipt = Omit<ProvenReceipt, "statement">;

/** A domain of its own: whoever signs receipts signs nothing that the Ledger takes. */
export function receiptTypedDataDomain({
  chainId,
  contracts,
}: Pick<ProvenReceipt, "chainId" | "contracts">): TypedDataDomain {
  return { name: "Corridor Receipt", version: "1", chainId: BigInt(chainId), verifyingContract: contracts.ledger };
}

/**
 * keccak256 of the receipt as canonical JSON (RFC 8785), without the statement.
 * @param receipt As it was read, with whatever else stands in it.
 */
export function receiptDocumentHash(receipt: object): string {
  const document = Object.fromEntries(Object.entries(receipt).filter(([name]) => name !== "statement"));
  return keccak256(toUtf8Bytes(canonicalize(document) ?? ""));
}

/** What the operator's key signs. @param documentHash {@link receiptDocumentHash} of the same receipt. */
export function receiptDigest(
  receipt: Pick<UnsignedReceipt, "chainId" | "contracts" | "id" | "transactionHash" | "blockHash" | "blockNumber">,
  { depth, issuedAt }: Pick<ReceiptStatement, "depth" | "issuedAt">,
  documentHash: string,
): string {
  const { id, transactionHash, blockHash, blockNumber } = receipt;
  return TypedDataEncoder.hash(receiptTypedDataDomain(receipt), RECEIPT_TYPES, {
    ...{ id, transactionHash, blockHash, blockNumber, depth, issuedAt },
    document: documentHash,
  });
}
