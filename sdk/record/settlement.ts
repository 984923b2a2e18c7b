import { type ContractName, nameOf, type RecordContracts } from "./contracts.ts";
import { RecordError } from "./record-error.ts";
import { decodeStep, type RecordStep, textField, wholeField } from "./record-steps.ts";
import type { ChainLog } from "./rpc-answers.ts";

/** The batch that a payment settled in. */
export interface SettledBatch {
  readonly operator: string;
  readonly payments: bigint;
  readonly gross: bigint;
  /** Of all payments in the batch. */
  readonly fee: bigint;
}

/** How a payment settled. Amounts in smallest units of `token`. */
export interface Settlement {
  /** Whose event says so: the Gateway's and the settler's of payments that come from no account. */
  readonly by: ContractName;
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  /** Null of a payment by x402, as are memo and batch. */
  readonly nonce: bigint | null;
  /** Of a payment with terms: their hash. */
  readonly memo: string | null;
  readonly batch: SettledBatch | null;
  readonly step: RecordStep;
}

/**
 * Reads a `Settled` together with the `BatchSettled` that follows it. @param receipt All events of its transaction.
 * @throws RecordError `contradiction` if they do not fit together.
 */
export function readSettlement(contracts: RecordContracts, step: RecordStep, receipt: readonly ChainLog[]): Settlement {
  const common = { by: step.contract, payer: textField(step, "payer"), payee: textField(step, "payee"), step };
  const amount = wholeField(step, "amount");
  if (step.contract === "x402") {
    return { ...common, token: textField(step, "token"), amount, nonce: null, memo: null, batch: null };
  }
  const end = batchOf(contracts, step, receipt);
  if (textField(end, "payee") !== common.payee) throw contradiction("a batch that credits another payee");
  const batch = {
    operator: textField(end, "operator"),
    payments: wholeField(end, "payments"),
    gross: wholeField(end, "gross"),
    fee: wholeField(end, "fee"),
  };
  const [nonce, memo] = [wholeField(step, "nonce"), textField(step, "memo")];
  return { ...common, token: textField(end, "token"), amount, nonce, memo, batch };
}

/** The end of the payment's batch, which must sum to what it has. */
function batchOf(contracts: RecordContracts, step: RecordStep, receipt: readonly ChainLog[]): RecordStep {
  let [payments, gross, hasPayment] = [0n, 0n, false];
  for (const log of receipt) {
    if (nameOf(contracts, log.address) !== step.contract) continue;
    const event = decodeStep(contracts, log, step.timestamp);
    if (event?.event === "Settled") {
      payments += 1n;
      gross += wholeField(event, "amount");
      hasPayment ||= event.logIndex === step.logIndex;
    } else if (event?.event === "BatchSettled") {
      if (hasPayment) {
        if (wholeField(event, "payments") !== payments || wholeField(event, "gross") !== gross) {
          throw contradiction("a batch that does not sum to its payments");
        }
        return event;
      }
      [payments, gross] = [0n, 0n];
    }
  }
  throw contradiction("a payment without the batch that it is in");
}

function contradiction(what: string): RecordError {
  return new RecordError("contradiction", `The node answers with ${what}`);
}
