/** By what an order names its payment. */
export type OrderReference =
  | { readonly kind: "payment"; readonly value: string }
  | { readonly kind: "request"; readonly value: string }
  | { readonly kind: "memo"; readonly value: string };

/** What a merchant says that she is owed. */
export interface Order {
  /** Its row in the file, the header's being 1. */
  readonly row: number;
  readonly number: string;
  /** In smallest units of `token`, above zero. {qTok} */
  readonly amount: bigint;
  readonly token: string;
  /** Null: the row names nothing by which a payment could be found. */
  readonly reference: OrderReference | null;
  /** As it stands in the file. */
  readonly date: string | null;
}

/** A payment that settled. Amounts in smallest units of `token`, which the merchant gets. {qTok} */
export interface SettledPayment {
  readonly id: string;
  readonly requestId: string | null;
  readonly memo: string;
  readonly token: string;
  /** With the operator's fee in it: what was paid for the order. */
  readonly amount: bigint;
  /** What went back to the payer: out of a hold, or as a refund. */
  readonly returned: bigint;
  /** What the Escrow still holds of it. */
  readonly held: bigint;
  /** What the operator kept; null: it is not known. */
  readonly fee: bigint | null;
  /** Unix seconds. */
  readonly settledAt: bigint;
  readonly transactionHash: string;
}
