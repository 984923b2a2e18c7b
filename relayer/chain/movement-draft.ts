import type { MovementKind } from "../../sdk/statement/movement-kinds.ts";
import type { Movement } from "../movement.ts";
import type { ChainLog, Event } from "./chain-log.ts";

/** A movement that later logs of its transaction may say more about. */
export type Draft = { -readonly [K in keyof Movement]: Movement[K] };

/** A part of a transfer, and what is known of it. */
export type Split = { readonly amount: bigint; readonly kind: MovementKind } & Partial<
  Pick<Movement, "fee" | "reference" | "memo" | "party" | "exchange">
>;

/** What an ERC-6909 transfer of the Ledger says. */
export interface LedgerTransfer {
  readonly sender: string;
  readonly receiver: string;
  readonly token: string;
  readonly amount: bigint;
}

export function newDraft(log: ChainLog, kind: MovementKind, token: string): Draft {
  return {
    ...{ blockNumber: BigInt(log.blockNumber), logIndex: log.logIndex, part: 0, transactionHash: log.transactionHash },
    ...{ kind, token, debited: null, debit: 0n, credited: null, credit: 0n, fee: 0n },
    ...{ reference: null, memo: null, party: null, exchange: null },
  };
}

/** The event's fields by what they are. */
export function fieldsOf(event: Event): { text: (name: string) => string; whole: (name: string) => bigint } {
  const args = event.args as unknown as Record<string, unknown>;
  return { text: (name) => String(args[name]), whole: (name) => args[name] as bigint };
}

export function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}
