import { nameOf, type RecordContracts } from "../../../sdk/record/contracts.ts";
import { INTERFACES } from "../../../sdk/record/record-steps.ts";
import type { ChainLog } from "../../../sdk/record/rpc-answers.ts";

/** A payment that an account took part in by itself: money into and out of holds is the Escrow's. */
export interface AccountPayment {
  readonly id: string;
  readonly direction: "out" | "in";
  readonly other: string;
  readonly token: string;
  /** Smallest units; of a batch with a fee, before it. */
  readonly amount: bigint;
  readonly memo: string;
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/** The topics of the events that {@link accountPayments} reads. */
export const PAYMENT_EVENTS = ["Settled", "BatchSettled"].map(
  (name) => INTERFACES.ledger.getEvent(name)?.topicHash ?? "",
);

type Row = Omit<AccountPayment, "direction" | "other" | "token"> & { readonly payer: string; readonly payee: string };

/** @param logs Of Ledger and Gateway, in the chain's order. @returns The newest first; one to oneself twice. */
export function accountPayments(
  logs: readonly ChainLog[],
  contracts: RecordContracts,
  address: string,
): readonly AccountPayment[] {
  const owner = address.toLowerCase();
  const payments: AccountPayment[] = [];
  let open: Row[] = [];
  for (const log of logs) {
    const name = nameOf(contracts, log.address);
    const event = name === undefined ? null : INTERFACES[name].parseLog(log);
    if (event?.name === "Settled") {
      const { id, payer, payee, amount, memo } = event.args.toObject() as unknown as Row;
      const { blockNumber, transactionHash } = log;
      open.push({ id, payer, payee, amount, memo, blockNumber, transactionHash });
    } else if (event?.name === "BatchSettled") {
      const token = String(event.args.token);
      for (const { payer, payee, ...row } of open) {
        if (payer.toLowerCase() === owner) payments.push({ ...row, direction: "out", other: payee, token });
        if (payee.toLowerCase() === owner) payments.push({ ...row, direction: "in", other: payer, token });
      }
      open = [];
    }
  }
  return payments.reverse();
}
