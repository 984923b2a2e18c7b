import type { RecordContracts } from "../sdk/record/contracts.ts";
import type { BlockHeader } from "../sdk/record/rpc-answers.ts";
import type { Counters } from "./books.ts";
import type { AuditException } from "./exceptions.ts";
import type { TokenBooks } from "./final-checks.ts";

/** What an audit found. Amounts in smallest units. */
export interface AuditReport {
  /** Whether all of it holds. */
  readonly ok: boolean;
  readonly contracts: RecordContracts;
  readonly from: number;
  readonly end: BlockHeader;
  readonly counters: Counters;
  readonly accounts: number;
  readonly holds: number;
  readonly quotes: number;
  readonly agreements: number;
  /** Words of the contracts' storage that were compared. */
  readonly slots: number;
  readonly tokens: readonly TokenBooks[];
  /** All that were found, by code, and those that are kept word for word. */
  readonly counts: Readonly<Record<string, number>>;
  readonly exceptions: readonly AuditException[];
  readonly seconds: number;
}
