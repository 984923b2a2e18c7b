import type { Mutant } from "./mutants.ts";
import type { Outcome, Verdict } from "./trial.ts";

/** What became of the mutants of one file, or of all. */
export interface Tally extends Readonly<Record<Verdict, number>> {
  readonly name: string;
  /** All that there are, tried or not. */
  readonly mutants: number;
  /** Killed of those that are neither equivalent nor refused, or nothing if there are none. */
  readonly score: number | undefined;
}

const VERDICTS = ["killed", "timeout", "survived", "equivalent", "refused"] as const;

export function tallyOf(name: string, mutants: readonly Mutant[], outcomes: ReadonlyMap<string, Outcome>): Tally {
  const count = { killed: 0, timeout: 0, survived: 0, equivalent: 0, refused: 0 };
  for (const { id } of mutants) {
    const verdict = outcomes.get(id)?.verdict;
    if (verdict !== undefined) count[verdict] += 1;
  }
  const killed = count.killed + count.timeout;
  const judged = killed + count.survived;
  return { name, mutants: mutants.length, ...count, score: judged === 0 ? undefined : killed / judged };
}

export function table(tallies: readonly Tally[]): string {
  const header = ["", "mutants", "tried", ...VERDICTS, "score"];
  const rows = tallies.map((tally) => [
    tally.name,
    tally.mutants,
    VERDICTS.reduce((sum, verdict) => sum + tally[verdict], 0),
    ...VERDICTS.map((verdict) => tally[verdict]),
    tally.score === undefined ? "" : `${(tally.score * 100).toFixed(1)} %`,
  ]);
  const lines = [header, ...rows].map(([name, ...cells]) =>
    [String(name).padEnd(36), ...cells.map((cell) => String(cell).padStart(10))].join(" "),
  );
  return `${lines.join("\n")}\n`;
}

/** One survivor: where it is, and what it changes. */
export function describeMutant({ file, line, operator, original, replacement }: Mutant): string {
  const short = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 100);
  return `${file}:${line} ${operator}: ${short(original)} → ${replacement === "" ? "(nothing)" : short(replacement)}`;
}
