/** What the accounts of a token are grouped by: the tokens that the Ledger holds, and whose claims on them there are. */
export const JOURNAL_LINES = ["reserves", "owners", "escrow", "exchange", "gateway"] as const;

export type JournalLine = (typeof JOURNAL_LINES)[number];

/** In smallest units. Reserves are an asset, the others owe: they open and close on the other side. */
export interface JournalSums {
  opening: bigint;
  debits: bigint;
  credits: bigint;
}

export type Journal = Record<JournalLine, JournalSums>;

export function emptyJournal(): Journal {
  const zero = (): JournalSums => ({ opening: 0n, debits: 0n, credits: 0n });
  return { reserves: zero(), owners: zero(), escrow: zero(), exchange: zero(), gateway: zero() };
}

/** What a line comes to: of reserves what was debited, of the others what was credited. */
export function closingOf(line: JournalLine, { opening, debits, credits }: JournalSums): bigint {
  return line === "reserves" ? opening + debits - credits : opening + credits - debits;
}

/** Starts a new period: what stood at the end of the last one is what the next one opens with. */
export function carryForward(journal: Journal): void {
  for (const line of JOURNAL_LINES) {
    journal[line] = { opening: closingOf(line, journal[line]), debits: 0n, credits: 0n };
  }
}

/** One line of a trial balance. */
export interface TrialLine extends JournalSums {
  readonly line: JournalLine;
  readonly closing: bigint;
}

/** Double entry: whatever happened, as much was debited as was credited, and reserves equal what is owed. */
export interface TrialBalance {
  readonly lines: readonly TrialLine[];
  readonly debits: bigint;
  readonly credits: bigint;
  /** What the accounts come to together. */
  readonly owed: bigint;
  readonly isBalanced: boolean;
}

export function trialBalance(journal: Journal): TrialBalance {
  const lines = JOURNAL_LINES.map((line) => ({ line, ...journal[line], closing: closingOf(line, journal[line]) }));
  const sum = (of: (line: TrialLine) => bigint): bigint => lines.reduce((total, line) => total + of(line), 0n);
  const [debits, credits] = [sum((line) => line.debits), sum((line) => line.credits)];
  const owed = sum(({ line, closing }) => (line === "reserves" ? 0n : closing));
  const isBalanced = debits === credits && closingOf("reserves", journal.reserves) === owed;
  return { lines, debits, credits, owed, isBalanced };
}
