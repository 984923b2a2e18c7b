import type { LedgerDomain } from "../../sdk/typed-data.ts";
import type { QuoteRecord } from "../store/quotes.ts";

/** What a payment is held against that needs neither account nor chain. */
export interface CheckContext {
  readonly ledger: string;
  /** Where holds are opened; `undefined` if they are not served here. */
  readonly escrow: string | undefined;
  /** What pulls payments from tokens; `undefined` if that is not served here. */
  readonly gateway: string | undefined;
  /** Where currencies are exchanged; `undefined` if that is not served here. */
  readonly exchange: string | undefined;
  /** The quotes that the payments name, as far as they are known here. */
  readonly quotes: ReadonlyMap<string, QuoteRecord>;
  readonly domain: LedgerDomain;
  readonly tokens: ReadonlySet<string>;
  /** Unix seconds: the later of this machine's clock and the chain's. */
  readonly now: bigint;
}
