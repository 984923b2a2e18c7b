/** What can be wrong, by a stable code. docs/auditing.md says of each what it means and what to do. */
export const EXCEPTION_CODES = [
  "event_missing",
  "event_forged",
  "event_differs",
  "event_unreadable",
  "event_unpaired",
  "block_differs",
  "row_without_event",
  "batch_differs",
  "fee_differs",
  "nonce_reused",
  "id_reused",
  "overdrawn",
  "lowered_while_frozen",
  "freeze_too_long",
  "not_allowed",
  "device_exceeded",
  "settled_late",
  "signature_invalid",
  "signature_not_found",
  "signature_unproven",
  "event_not_as_signed",
  "hold_transition",
  "hold_exceeded",
  "hold_without_payment",
  "payment_without_hold",
  "hold_money_differs",
  "quote_exceeded",
  "quote_too_cheap",
  "quote_void",
  "quote_differs",
  "exchange_differs",
  "kept_money",
  "slot_differs",
  "other_code",
  "unbalanced",
  "reserves_short",
  "reserves_unknown",
  "token_answers_differently",
  "token_events_disagree",
  "token_does_not_pay",
  "database_behind",
  "database_row_missing",
  "database_row_differs",
  "database_row_extra",
] as const;

export type ExceptionCode = (typeof EXCEPTION_CODES)[number];

/** Where in the chain something stands. */
export interface Place {
  readonly transactionHash: string;
  readonly blockNumber: number;
}

/** One thing that does not hold. */
export interface AuditException {
  readonly code: ExceptionCode;
  /** What it is about: a payment's or quote's id, an account, a token, a table's row. */
  readonly subject: string;
  /** The transaction that it happened in, or the last one known to touch the subject; null: none is known. */
  readonly transaction: string | null;
  readonly blockNumber: number | null;
  readonly detail: string;
}

/** How many of a code are kept word for word; all are counted. */
const KEPT = 500;

/** Takes down what is wrong. Bounded, however much that is. */
export interface ExceptionLog {
  readonly note: (code: ExceptionCode, subject: string, place: Place | null, detail: string) => void;
  counts(): ReadonlyMap<ExceptionCode, number>;
  kept(): readonly AuditException[];
}

export function createExceptionLog(state: Map<ExceptionCode, { count: number; kept: AuditException[] }>): ExceptionLog {
  return {
    note(code, subject, place, detail) {
      const known = state.get(code) ?? { count: 0, kept: [] };
      state.set(code, known);
      known.count += 1;
      const [transaction, blockNumber] = [place?.transactionHash ?? null, place?.blockNumber ?? null];
      if (known.kept.length < KEPT) known.kept.push({ code, subject, transaction, blockNumber, detail });
    },
    counts: () => new Map([...state].map(([code, { count }]) => [code, count])),
    kept: () => EXCEPTION_CODES.flatMap((code) => state.get(code)?.kept ?? []),
  };
}
