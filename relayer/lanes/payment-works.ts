import {
  type GasModel,
  type HoldToOpen,
  OPENING_GAS,
  PULLED_HOLD_GAS,
  PULLED_PAYMENT_GAS,
  SETTLEMENT_GAS,
} from "../batching/batches.ts";
import { isOfKind, type PaymentKind, type PaymentRecord } from "../store/payments.ts";
import { openingCall } from "./opening.ts";
import { createPaymentWork, type PaymentWorkDependencies } from "./payment-work.ts";
import { pulledOpeningCall, pullingCall } from "./pulling.ts";
import { type PaymentCall, settlementCall } from "./settlement.ts";
import type { Work } from "./work.ts";

type Common = Omit<PaymentWorkDependencies<PaymentRecord>, "kind" | "gas" | "call" | "isCarried">;

export interface PaymentWorksDependencies extends Common {
  readonly ledger: string;
  readonly escrow: string | undefined;
  readonly gateway: string | undefined;
  readonly hasP256Precompile: boolean;
}

type HoldRecord = PaymentRecord & HoldToOpen;

/** What carries payments of every kind that is served; each kind is a call of its own. Holds first. */
export function createPaymentWorks(deps: PaymentWorksDependencies): Work[] {
  const { ledger, escrow, gateway, hasP256Precompile, ...common } = deps;
  const { maxGas } = common.limits;
  const holds = (funding: PaymentKind["funding"], gas: GasModel, call: PaymentCall<HoldRecord>): Work =>
    createPaymentWork<HoldRecord>({
      ...{ ...common, kind: { funding, hold: true }, gas, call },
      isCarried: (row): row is HoldRecord => isOfKind(row, { funding, hold: true }),
    });
  const payments = (funding: PaymentKind["funding"], gas: GasModel, call: PaymentCall<PaymentRecord>): Work =>
    createPaymentWork<PaymentRecord>({
      ...{ ...common, kind: { funding, hold: false }, gas, call },
      isCarried: (row): row is PaymentRecord => isOfKind(row, { funding, hold: false }),
    });

  const works: Work[] = [];
  if (escrow !== undefined) works.push(holds("account", OPENING_GAS, openingCall(escrow, maxGas, hasP256Precompile)));
  for (const funding of ["erc3009", "permit2"] as const) {
    if (gateway === undefined) continue;
    if (escrow !== undefined) {
      works.push(holds(funding, PULLED_HOLD_GAS, pulledOpeningCall(gateway, funding, maxGas)));
    }
    works.push(payments(funding, PULLED_PAYMENT_GAS, pullingCall(gateway, funding, maxGas)));
  }
  works.push(payments("account", SETTLEMENT_GAS, settlementCall(ledger, maxGas, hasP256Precompile)));
  return works;
}
