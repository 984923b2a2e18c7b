import type { Logger } from "pino";

import { type GasModel, isDue, maxRows } from "../batching/batches.ts";
import type { BatchLimits } from "../config.ts";
import type { Database } from "../store/database.ts";
import {
  assignPayments,
  attachPayments,
  expireAccepted,
  type PaymentKind,
  paymentQueue,
  type PaymentRecord,
  refuseAssigned,
} from "../store/payments.ts";
import { waitForWalletsAgain } from "../store/wallets.ts";
import type { PaymentCall } from "./settlement.ts";
import { simulate, type Simulation, type Simulator } from "./simulation.ts";
import type { Work } from "./work.ts";

export interface PaymentWorkDependencies<R extends PaymentRecord> {
  readonly database: Database;
  readonly simulator: Simulator;
  readonly catchUp: () => Promise<void>;
  readonly limits: BatchLimits;
  readonly log: Logger;
  readonly onRefused?: ((code: string) => void) | undefined;
  readonly kind: PaymentKind;
  readonly gas: GasModel;
  readonly call: PaymentCall<R>;
  /** Tells the rows that the call can carry; the kind sees to it that all can. */
  readonly isCarried: (row: PaymentRecord) => row is R;
}

/** Payments of one kind, by one call. */
export function createPaymentWork<R extends PaymentRecord>(deps: PaymentWorkDependencies<R>): Work {
  const { database, call, kind, limits, gas } = deps;

  /** Before a used nonce counts against a payment, the events that may have settled it are in the store. */
  async function refuse(simulation: Simulation<R>): Promise<void> {
    if (simulation.bad.length === 0) return;
    await deps.catchUp();
    const refused = simulation.bad.map(({ row, code }) => ({ id: row.id, code, transactionHash: null }));
    await waitForWalletsAgain(database, refused);
    await refuseAssigned(database, refused);
    for (const { row, code } of simulation.bad) {
      deps.onRefused?.(code);
      deps.log.info({ payment: row.id, code }, "payment refused by simulation");
    }
  }

  return {
    queue: paymentQueue(kind),
    isDue: (queue) => isDue(queue, limits, gas),
    async prepare(lease, readHead) {
      const head = await readHead();
      if (head !== undefined) await expireAccepted(database, head.timestamp);
      const assigned = (await assignPayments(database, lease, maxRows(limits, gas), kind)).filter(deps.isCarried);
      if (assigned.length === 0) return "idle";
      // What does not fit goes back to the queue with the rest of what is not signed.
      const simulation = await simulate(deps.simulator, call, call.encode(assigned).rows);
      await refuse(simulation);
      if (simulation.good.length === 0) return "refused";
      const encoded = call.encode(simulation.good);
      return {
        to: call.to,
        data: encoded.data,
        gasLimit: encoded.gasLimit,
        rows: encoded.rows.length,
        batches: encoded.batches,
        attach: (db, hash) =>
          attachPayments(
            db,
            hash,
            lease.address,
            encoded.rows.map((row) => row.id),
          ),
      };
    },
  };
}
