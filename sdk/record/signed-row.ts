import type { FxHoldTerms, FxTerms } from "../fx.ts";
import type { HoldTerms } from "../hold.ts";
import type { Funding } from "../payment.ts";
import type { Quote } from "../quote.ts";

/** The memo, or what stands in its place. A quote is null where its id alone is known. */
export type SignedTerms =
  | { readonly kind: "plain"; readonly memo: string }
  | { readonly kind: "held"; readonly terms: HoldTerms }
  | { readonly kind: "exchanged"; readonly terms: FxTerms; readonly quote: Quote | null }
  | { readonly kind: "exchanged_held"; readonly terms: FxHoldTerms; readonly quote: Quote | null };

/** What a payer signed: a payment with all that its id is made of. */
export interface SignedPayment {
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  /** Of a payment to the Exchange: a ceiling. */
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
  readonly signed: SignedTerms;
  readonly funding: Funding;
}

/** A payment as the calldata of a transaction carries it. */
export interface SignedRow {
  readonly payment: SignedPayment;
  /** In hex; null if it does not travel in the row, but is checked before the call. */
  readonly signature: string | null;
}

/** A signature that was checked before the call that needs it. */
export interface NotedSignature {
  readonly signer: string;
  readonly digest: string;
  readonly signature: string;
}
