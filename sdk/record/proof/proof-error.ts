/**
 * Why a block proves nothing. `unknown_header`: what the node says of the block, encoded by the rules that are known here, has another
 * hash. `unknown_receipt_kind`, `unknown_transaction_kind`: the block has some that are not encoded here, as other chains have.
 * `other_receipts`, `other_transactions`: all are of known kinds, and their root is not the header's. `not_in_block`: the block does
 * not have the transaction, or the transaction not the settlement.
 */
export type ProofFailure =
  | "unknown_header"
  | "unknown_receipt_kind"
  | "unknown_transaction_kind"
  | "other_receipts"
  | "other_transactions"
  | "not_in_block";

export class ProofError extends Error {
  constructor(
    readonly failure: ProofFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ProofError";
  }
}
