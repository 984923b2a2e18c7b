/**
 * What is verified. `header`: the block's header is the one that is trusted. `block`: number and time are the header's. `contracts`: the
 * contracts are those that are trusted. `inclusion`: the block has the transaction's receipt at this place. `transaction`: and this very
 * transaction. `event`: the receipt says that the payment settled. `id`: the payment's id is the digest of what was signed. `payment`:
 * the events say what was signed. `signature`: the payer signed. `exchange`: rate, amounts and fee. `statement`: the operator signed.
 */
export type ReceiptFindingName =
  | "header"
  | "block"
  | "contracts"
  | "inclusion"
  | "transaction"
  | "event"
  | "id"
  | "payment"
  | "signature"
  | "exchange"
  | "statement";

/** `unknown`: it can be said neither way with what there is. `reason` says why it is not `ok`. */
export interface ReceiptFinding {
  readonly name: ReceiptFindingName;
  readonly status: "ok" | "failed" | "unknown";
  readonly reason: string | null;
}

/** Without these a receipt proves nothing; the others may be unknown, and say so. */
const NEEDED: readonly ReceiptFindingName[] = ["header", "block", "inclusion", "event", "id", "payment"];

/** Whether the receipt holds: nothing failed, and all that is needed was found. */
export function receiptHolds(findings: readonly ReceiptFinding[]): boolean {
  const isOk = (name: ReceiptFindingName): boolean =>
    findings.some((finding) => finding.name === name && finding.status === "ok");
  return findings.every(({ status }) => status !== "failed") && NEEDED.every(isOk);
}

export function ok(name: ReceiptFindingName): ReceiptFinding {
  return { name, status: "ok", reason: null };
}

export function failed(name: ReceiptFindingName, reason: string): ReceiptFinding {
  return { name, status: "failed", reason };
}

export function unknown(name: ReceiptFindingName, reason: string): ReceiptFinding {
  return { name, status: "unknown", reason };
}
