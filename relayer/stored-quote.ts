/** A quote as it is stored with what names it: numbers as decimal strings. */
export interface StoredQuote {
  readonly id: string;
  readonly maker: string;
  readonly payToken: string;
  readonly settleToken: string;
  readonly payAmount: string;
  readonly settleAmount: string;
  readonly generation: string;
  readonly deadline: string;
  readonly salt: string;
  readonly r: string;
  readonly vs: string;
}
