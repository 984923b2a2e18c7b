import type { RecordContracts } from "./contracts.ts";
import { checkSignature, type SignatureFinding, type UsedAt } from "./payment-signature.ts";
import type { RecordStep } from "./record-steps.ts";
import type { RpcCall } from "./rpc.ts";
import { readTransaction } from "./rpc-answers.ts";
import { idOf } from "./signed-ids.ts";
import type { SignedPayment } from "./signed-row.ts";
import { decodeSignedRows } from "./signed-rows.ts";

/** What was signed, if it is there to be read, and whether it was. */
export interface FoundRow {
  readonly payment: SignedPayment | null;
  readonly signature: SignatureFinding;
}

/**
 * Finds a payment in the calldata of the transaction that decided on it, by its id, and checks its signature.
 * @throws RpcError; RecordError
 */
export async function findSignedRow(
  rpc: RpcCall,
  contracts: RecordContracts,
  id: string,
  step: RecordStep,
  fromBlock: number,
): Promise<FoundRow> {
  const missing = (reason: (SignatureFinding & { status: "not_found_in_calldata" })["reason"]): FoundRow => ({
    payment: null,
    signature: { status: "not_found_in_calldata", reason },
  });
  if (step.contract === "x402") return missing("x402");
  const transaction = await readTransaction(rpc, step.transactionHash);
  if (transaction === null) return missing("no_transaction");
  const decoded = decodeSignedRows(contracts, transaction.to, transaction.input);
  if (decoded.kind !== "rows") return missing(decoded.kind);
  // The same payment can stand there again, with another signature.
  const rows = decoded.rows.filter(({ payment }) => idOf(contracts, payment) === id);
  const [first] = rows;
  if (first === undefined) return missing("no_such_row");

  const block = { number: step.blockNumber, hash: step.blockHash, timestamp: step.timestamp };
  const at: UsedAt = { block, logIndex: step.logIndex, fromBlock };
  const noted = decoded.noted.filter(({ digest }) => digest === id).map(({ signature }) => signature);
  const signatures = new Set(rows.flatMap(({ signature }) => (signature === null ? noted : [signature])));
  let finding: SignatureFinding = { status: "not_found_in_calldata", reason: "no_signature" };
  for (const signature of signatures) {
    finding = await checkSignature(rpc, contracts, id, first.payment, signature, at);
    if (finding.status === "valid") break;
    if (finding.status === "asks_contract" && finding.answer === "valid") break;
  }
  return { payment: first.payment, signature: finding };
}
