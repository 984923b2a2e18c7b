import {
  EXCHANGE_GAS,
  EXCHANGED_HOLD_GAS,
  type ExchangedRow,
  type GasModel,
  type HoldToOpen,
  OPENING_GAS,
  PULLED_HOLD_GAS,
  PULLED_PAYMENT_GAS,
  SETTLEMENT_GAS,
} from "../batching/batches.ts";
import { isOfKind, type PaymentKind, type PaymentRecord } from "../store/payments.ts";
import { exchangeCall, exchangeIntoHoldsCall } from "./exchanging.ts";
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
  readonly exchange: string | undefined;
  readonly hasP256Precompile: boolean;
}

type HoldRecord = PaymentRecord & HoldToOpen;
type ExchangedRecord = PaymentRecord & ExchangedRow;

const EXCHANGED: PaymentKind = { funding: "account", hold: false, fx: true };
const EXCHANGED_HOLD: PaymentKind = { funding: "account", hold: true, fx: true };

/** What carries payments of every kind that is served; each kind is a call of its own. Holds first. */
export function createPaymentWorks(deps: PaymentWorksDependencies): Work[] {
  const { ledger, escrow, gateway, exchange, hasP256Precompile, ...common } = deps;
  const { maxGas } = common.limits;
  const holds = (funding: PaymentKind["funding"], gas: GasModel, call: PaymentCall<HoldRecord>): Work =>
    createPaymentWork<HoldRecord>({
      ...{ ...common, kind: { funding, hold: true, fx: false }, gas, call },
      isCarried: (row): row is HoldRecord => isOfKind(row, { funding, hold: true, fx: false }),
    });
  const payments = (funding: PaymentKind["funding"], gas: GasModel, call: PaymentCall<PaymentRecord>): Work =>
    createPaymentWork<PaymentRecord>({
      ...{ ...common, kind: { funding, hold: false, fx: false }, gas, call },
      isCarried: (row): row is PaymentRecord => isOfKind(row, { funding, hold: false, fx: false }),
    });

  const works: Work[] = [];
  if (exchange !== undefined) {
    if (escrow !== undefined) {
      works.push(
        createPaymentWork<ExchangedRecord & HoldToOpen>({
          ...{ ...common, kind: EXCHANGED_HOLD, gas: EXCHANGED_HOLD_GAS },
          call: exchangeIntoHoldsCall(exchange, maxGas, hasP256Precompile),
          isCarried: (row): row is ExchangedRecord & HoldToOpen => isOfKind(row, EXCHANGED_HOLD),
        }),
      );
    }
    works.push(
      createPaymentWork<ExchangedRecord>({
        ...{ ...common, kind: EXCHANGED, gas: EXCHANGE_GAS },
        call: exchangeCall(exchange, maxGas, hasP256Precompile),
        isCarried: (row): row is ExchangedRecord => isOfKind(row, EXCHANGED),
      }),
    );
  }
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
