import type { Check } from "./checks.ts";
import type { Outcome } from "./halmos.ts";
import type { Planted } from "./planted.ts";

/** What Halmos calls the ways in which a check ends (`Exitcode` in its `__main__.py`). */
const ENDS = ["proved", "counterexample", "time-out", "cannot be followed", "reverts always", "error"];
const COUNTEREXAMPLE = "counterexample";

/** How one check ended. */
export interface End {
  readonly check: string;
  readonly end: string;
  readonly seconds: number;
}

/** How each of `checks` ended. One that is missing was not run; one with a loop that was cut off is not proved. */
export function endsOf(checks: readonly Check[], outcome: Outcome): End[] {
  return checks.map(({ file, contract, name, signature }) => {
    const found = outcome.test_results[`${file}:${contract}`]?.filter((result) => result.name === signature) ?? [];
    const [result] = found;
    if (result === undefined || found.length > 1) return { check: name, end: "was not run", seconds: 0 };
    const end = ENDS[result.exitcode] ?? `unknown end ${result.exitcode}`;
    const isCut = end === ENDS[0] && result.num_bounded_loops !== 0;
    return { check: name, end: isCut ? "a loop was cut off" : end, seconds: result.time?.[0] ?? 0 };
  });
}

/** What became of a check: with the code as it is, and with each mistake that it has to find. */
export interface Verdict extends Check {
  readonly end: string;
  readonly seconds: number;
  readonly planted: readonly { readonly file: string; readonly to: string; readonly end: string }[];
  /** Why it does not count as proved. */
  readonly failure: string | undefined;
}

/** @param planted Each mistake, with how the checks ended that have to find it. */
export function verdictsOf(
  checks: readonly Check[],
  ends: readonly End[],
  planted: readonly { readonly mistake: Planted; readonly ends: readonly End[] }[],
): Verdict[] {
  return checks.map((check) => {
    const { end, seconds } = ends.find((one) => one.check === check.name) ?? { end: "was not run", seconds: 0 };
    const mistakes = planted
      .filter(({ mistake }) => mistake.refutes.includes(check.name))
      .map(({ mistake: { file, to }, ends: found }) => ({
        file,
        to,
        end: found.find((one) => one.check === check.name)?.end ?? "was not run",
      }));
    return { ...check, end, seconds, planted: mistakes, failure: failureOf(end, mistakes) };
  });
}

function failureOf(end: string, mistakes: readonly { to: string; end: string }[]): string | undefined {
  if (end !== ENDS[0]) return end;
  if (mistakes.length === 0) return "no mistake is planted that it has to find";
  const missed = mistakes.find((mistake) => mistake.end !== COUNTEREXAMPLE);
  return missed && `does not find the planted "${missed.to}": ${missed.end}`;
}

/** Three lines a check: how it ended, what it says, and for which arguments. */
export function table(verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ name }) => name.length)) + 2;
  return verdicts
    .map(({ name, end, seconds, planted, proves, over, where, failure }) =>
      [
        `${name.padEnd(width)}${seconds.toFixed(1).padStart(6)} s  ${failure ?? `${end}; ${found(planted.length)}`}`,
        `    ${proves}`,
        `    for all ${over}${where === "" ? "" : `; ${where}`}`,
      ].join("\n"),
    )
    .join("\n");
}

function found(mistakes: number): string {
  return mistakes === 1 ? "finds the planted mistake" : `finds ${mistakes} planted mistakes`;
}
