import { compareExchange } from "./compare-exchange.ts";
import { compareWithEvents } from "./compare-with-events.ts";
import type { RecordContracts } from "./contracts.ts";
import { type ParsedReceipt, parseReceipt } from "./parse-receipt.ts";
import { readPaymentRecord } from "./payment-record.ts";
import { checkSignature, type SignatureFinding } from "./payment-signature.ts";
import type { Receipt } from "./receipt.ts";
import type { RecordStep } from "./record-steps.ts";
import type { RpcCall } from "./rpc.ts";
import { readBlock } from "./rpc-answers.ts";
import { idOf } from "./signed-ids.ts";
import type { SignedPayment } from "./signed-row.ts";

export type ReceiptCheckName =
  "chain" | "contracts" | "id" | "block" | "event" | "transaction" | "time" | "payment" | "signature" | "exchange";

/** One of the things that must hold; `reason` says why it does not, or why it cannot be said. */
export interface ReceiptCheck {
  readonly name: ReceiptCheckName;
  readonly ok: boolean;
  readonly reason: string | null;
}

/** What the one who checks goes by; never what the receipt itself says. */
export interface ReceiptTrust {
  readonly contracts: RecordContracts;
  /** Where the contracts' events begin. */
  readonly fromBlock: number;
}

/**
 * Holds a receipt against the chain, member by member. It is good if every check is ok.
 * @param text What anybody may have written. @throws ReceiptError if it is no receipt; RpcError; RecordError if the node
 * contradicts itself
 */
export async function checkReceipt(rpc: RpcCall, text: string, trust: ReceiptTrust): Promise<readonly ReceiptCheck[]> {
  const parsed = parseReceipt(text);
  const { receipt, payment } = parsed;
  const { contracts, fromBlock } = trust;
  const checks: ReceiptCheck[] = [];
  const check = (name: ReceiptCheckName, wrong: string | null): void => {
    checks.push({ name, ok: wrong === null, reason: wrong });
  };

  const chain = String(BigInt(String(await rpc("eth_chainId", []))));
  const chains = [chain, String(contracts.chainId)];
  check("chain", chains.some((id) => id !== receipt.chainId) ? `the chain is ${chain}, not ${receipt.chainId}` : null);
  check("contracts", otherContracts(parsed, contracts));
  const id = idOf(contracts, payment);
  check("id", id === receipt.id ? null : `what was signed has the id ${id}, not ${receipt.id}`);

  const number = Number(receipt.blockNumber);
  const block = await readBlock(rpc, number);
  check("block", block?.hash === receipt.blockHash ? null : `block ${number} of the chain has another hash`);
  if (block === null) {
    check("event", "the chain has no such block");
    return checks;
  }
  const record = await readPaymentRecord(rpc, contracts, receipt.id, { fromBlock: number, toBlock: number });
  const { settlement } = record;
  if (settlement === null || record.id !== receipt.id) {
    check("event", `no event of block ${number} says that the payment settled`);
    return checks;
  }
  check("event", null);
  const { step } = settlement;
  check("transaction", step.transactionHash === receipt.transactionHash ? null : `it is ${step.transactionHash}`);
  check("time", String(step.timestamp) === receipt.settledAt ? null : `the block is of ${step.timestamp}`);
  const by = payment.funding === "account" ? "ledger" : "gateway";
  const wrong = [...compareWithEvents(payment, settlement, record.steps), ...record.contradictions];
  if (settlement.by !== by) wrong.push(`it was settled by the ${settlement.by}`);
  check("payment", wrong.length === 0 ? null : wrong.join("; "));
  const at = { block: { ...block }, logIndex: step.logIndex, fromBlock };
  check("signature", whyNotSigned(await checkSignature(rpc, contracts, receipt.id, payment, receipt.signature, at)));
  check("exchange", whyOtherExchange(receipt.exchange, record.steps, record.payment));
  return checks;
}

/** Whether every check is ok. */
export function isGood(checks: readonly ReceiptCheck[]): boolean {
  return checks.length > 0 && checks.every(({ ok }) => ok);
}

function otherContracts({ receipt }: ParsedReceipt, trusted: RecordContracts): string | null {
  const names = ["ledger", "escrow", "gateway", "exchange", "permit2", "signatureVerifier"] as const;
  const other = names.filter((name) => receipt.contracts[name]?.toLowerCase() !== trusted[name]?.toLowerCase());
  return other.length === 0 ? null : `other than those that are trusted: ${other.join(", ")}`;
}

function whyNotSigned(finding: SignatureFinding): string | null {
  switch (finding.status) {
    case "valid":
      return null;
    case "asks_contract":
      return finding.answer === "valid" ? null : `${finding.signer} is a contract, whose answer is: ${finding.answer}`;
    case "invalid":
    case "not_found_in_calldata":
      return finding.reason;
  }
}

function whyOtherExchange(
  exchange: Receipt["exchange"],
  steps: readonly RecordStep[],
  payment: SignedPayment | null,
): string | null {
  const { wrong, unknown } = compareExchange(exchange, steps, payment);
  const all = [...wrong, ...unknown];
  return all.length === 0 ? null : all.join("; ");
}
