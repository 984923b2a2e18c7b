import type { RecordContracts } from "../contracts.ts";
import { decodeStep, type RecordStep, textField } from "../record-steps.ts";
import type { ChainLog } from "../rpc-answers.ts";
import type { ProvenLog } from "./receipt-envelope.ts";

/** Where the events of a receipt stand. */
export interface ReceiptPlace {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** The events of a receipt as a node would tell them, counted within the receipt. */
export function placeLogs(logs: readonly ProvenLog[], place: ReceiptPlace): readonly ChainLog[] {
  const { blockNumber, blockHash, transactionHash } = place;
  return logs.map((log, logIndex) => ({ ...log, blockNumber, blockHash, transactionHash, logIndex }));
}

/** Which events of a receipt are about a payment. */
export interface PaymentLogs {
  readonly settled: readonly RecordStep[];
  /** In the receipt's order: what it was exchanged for, the hold that it opened. */
  readonly further: readonly RecordStep[];
}

/** What became of a payment in the transaction that settled it. */
export function findPaymentLogs(
  contracts: RecordContracts,
  id: string,
  logs: readonly ChainLog[],
  timestamp: number,
): PaymentLogs {
  const steps = logs.flatMap((log) => decodeStep(contracts, log, timestamp) ?? []);
  const own = steps.filter(({ fields }) => fields.id === id);
  const held = own.find(({ contract, event }) => contract === "exchange" && event === "Held");
  // The hold of an exchanged payment has an id of its own, which is in the event that tells of it.
  const holdId = held === undefined ? id : textField(held, "hold");
  const isFurther = ({ contract, event, fields }: RecordStep): boolean =>
    (contract === "exchange" && (event === "Exchanged" || event === "Held") && fields.id === id) ||
    (contract === "escrow" && event === "Opened" && fields.id === holdId);
  return {
    settled: own.filter(
      ({ contract, event }) => event === "Settled" && (contract === "ledger" || contract === "gateway"),
    ),
    further: steps.filter(isFurther),
  };
}
