import type { NetworkView, PaymentView } from "../client.ts";
import type { FxHoldTerms, FxPayment } from "../fx.ts";
import type { HoldPayment } from "../hold.ts";
import type { Funding, Payment } from "../payment.ts";

export const RECEIPT_FORMAT = "corridor-receipt";
export const RECEIPT_VERSION = 1;

/** With whole numbers as decimal strings, as in JSON. */
export type Decimal<T> = T extends bigint ? string : T extends object ? { readonly [K in keyof T]: Decimal<T[K]> } : T;

/** What a payer signed. */
export type ReceiptPayment = Payment | HoldPayment | FxPayment | FxPayment<FxHoldTerms>;

/** The proof of a settled payment: with a node that one trusts, anybody can check it years later. */
export interface Receipt {
  readonly format: typeof RECEIPT_FORMAT;
  readonly version: typeof RECEIPT_VERSION;
  readonly chainId: string;
  readonly contracts: {
    readonly ledger: string;
    readonly escrow: string | null;
    readonly gateway: string | null;
    readonly exchange: string | null;
    readonly permit2: string | null;
    readonly signatureVerifier: string | null;
  };
  readonly id: string;
  readonly funding: Funding;
  readonly payment: Decimal<ReceiptPayment>;
  readonly signature: string;
  readonly transactionHash: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  /** Unix seconds, of that block. */
  readonly settledAt: string;
  /** What the exchange took and gave; null of a payment in one currency. Into a hold there is no fee. */
  readonly exchange: {
    readonly rate: { readonly payAmount: string; readonly settleAmount: string };
    readonly paid: string;
    readonly settled: string;
    readonly fee: string | null;
  } | null;
}

/** What a receipt is made of. */
export interface ReceiptSource {
  readonly network: NetworkView;
  readonly view: PaymentView;
  readonly payment: ReceiptPayment;
  readonly signature: string;
  /** Of the block that `view` names. */
  readonly blockHash: string;
}

/** @returns `undefined` of a payment that has not settled. */
export function makeReceipt({ network, view, payment, signature, blockHash }: ReceiptSource): Receipt | undefined {
  const { id, funding, transactionHash, blockNumber, settledAt, exchange } = view;
  const isSettled = view.state === "settled" || view.state === "final";
  if (!isSettled || transactionHash === null || blockNumber === null || settledAt === null) return undefined;
  if (exchange !== null && exchange.paid === null) return undefined;
  const { chainId, ledger, escrow, gateway, exchange: exchangeContract, permit2, signatureVerifier } = network;
  return {
    ...{ format: RECEIPT_FORMAT, version: RECEIPT_VERSION, chainId },
    contracts: { ledger, escrow, gateway, exchange: exchangeContract, permit2, signatureVerifier },
    ...{ id, funding, payment: withDecimals(payment) as Decimal<ReceiptPayment>, signature },
    ...{ transactionHash, blockNumber, blockHash, settledAt },
    exchange:
      exchange === null
        ? null
        : {
            rate: exchange.rate,
            paid: exchange.paid ?? "",
            settled: exchange.settleAmount,
            fee: exchange.fee,
          },
  };
}

function withDecimals(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(withDecimals);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withDecimals(member)]));
}
