import type { NetworkView, PaymentView } from "../client.ts";
import type { FxHoldTerms, FxPayment } from "../fx.ts";
import type { HoldPayment } from "../hold.ts";
import type { Funding, Payment } from "../payment.ts";

export const RECEIPT_FORMAT = "corridor-receipt";
export const RECEIPT_VERSION = 1;
/** With a proof in it. */
export const PROVEN_RECEIPT_VERSION = 2;

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

/** That the chain has the settlement: whoever trusts the block's hash needs no node. Bytes in hex. */
export interface ReceiptProof {
  /** RLP; its keccak is the block's hash. */
  readonly header: string;
  /** The transaction's place in its block. */
  readonly transactionIndex: number;
  /** The nodes from the header's receiptsRoot to the transaction's receipt, which the last one holds. */
  readonly receipt: readonly string[];
  /** From transactionsRoot to the transaction; null of a block with kinds of transactions that cannot be encoded. */
  readonly transaction: readonly string[] | null;
  /** Which of the receipt's events says that the payment settled, counted from 0. */
  readonly settledLog: number;
  /** Which say what else became of it in that transaction: a hold that was opened, an exchange. */
  readonly furtherLogs: readonly number[];
}

/** What an operator says of a receipt; what it means, and what not, is in docs/receipts.md. */
export interface ReceiptStatement {
  readonly signer: string;
  /** How many blocks stood on the payment's when it was signed; 0: it was the newest. */
  readonly depth: string;
  /** Unix seconds. */
  readonly issuedAt: string;
  /** Over `Receipt` (EIP-712), 65 bytes. */
  readonly signature: string;
}

/** A receipt that can be verified without a node. */
export interface ProvenReceipt extends Omit<Receipt, "version"> {
  readonly version: typeof PROVEN_RECEIPT_VERSION;
  readonly proof: ReceiptProof;
  /** Null: nobody signed for it; the proof needs nobody. */
  readonly statement: ReceiptStatement | null;
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
