import { z } from "zod";

/** The part of Slither's JSON report that decides. Its shape: `--json`, Slither 0.11. */
export const reportSchema = z.object({
  success: z.literal(true),
  results: z.object({
    detectors: z
      .array(
        z.object({
          check: z.string(),
          impact: z.enum(["High", "Medium", "Low", "Informational", "Optimization"]),
          description: z.string(),
          elements: z
            .array(
              z.object({ source_mapping: z.object({ filename_relative: z.string(), lines: z.array(z.number()) }) }),
            )
            .default([]),
          unused_ignores: z
            .array(z.object({ file: z.string(), line: z.number(), unused_detectors: z.array(z.string()) }))
            .default([]),
        }),
      )
      .default([]),
  }),
});

export type Report = z.infer<typeof reportSchema>;

/** Something that was found: `place` is a file and a line. */
export interface Finding {
  readonly check: string;
  readonly impact: string;
  readonly file: string;
  readonly description: string;
}

export interface Verdict {
  /** What is neither mended nor explained beside the code. */
  readonly left: readonly Finding[];
  /** Planted faults that were not found, or found though they are explained: then nothing is to be believed. */
  readonly blind: readonly string[];
}

/** What `planted/Planted.sol` is made for. */
export const PLANTED_FILE = "scripts/analysis/planted/Planted.sol";
const PLANTED = [
  "arbitrary-send-erc20",
  "low-level-calls",
  "reentrancy-eth",
  "unchecked-transfer",
  "unused-ignore-directive",
];

/** Each finding once, with an own one for each comment that explains nothing. Libraries' comments are their own matter. */
export function findingsOf(report: Report, root: string): Finding[] {
  const findings = report.results.detectors.flatMap(
    ({ check, impact, description, elements, unused_ignores: unused }) => {
      if (unused.length === 0) {
        const file = elements[0]?.source_mapping.filename_relative ?? "";
        return [{ check, impact, file, description: description.trim() }];
      }
      return unused
        .map(({ file, line, unused_detectors: names }) => ({
          file: relative(file, root),
          line,
          names: names.join(", "),
        }))
        .filter(({ file }) => !file.startsWith("node_modules/"))
        .map(({ file, line, names }) => ({
          check,
          impact,
          file,
          description: `${file}#${line} explains ${names}, which is not found there`,
        }));
    },
  );
  // A file that is parsed twice has its comments counted twice.
  return findings.filter(
    ({ description }, index) => findings.findIndex((other) => other.description === description) === index,
  );
}

/** Parts what was planted from what was found. */
export function judge(findings: readonly Finding[]): Verdict {
  const found = new Set(findings.filter(({ file }) => file === PLANTED_FILE).map(({ check }) => check));
  const missed = PLANTED.filter((check) => !found.has(check)).map((check) => `${check} was planted and not found`);
  const unheard = [...found]
    .filter((check) => !PLANTED.includes(check))
    .map((check) => `${check} was found in the planted contract, where it was not planted or is explained`);
  return { left: findings.filter(({ file }) => file !== PLANTED_FILE), blind: [...missed, ...unheard] };
}

/** Comments of a source that quiet Slither without a reason, or for more than the next line. @returns Their line numbers. */
export function unexplainedIn(source: string): number[] {
  return source
    .split("\n")
    .flatMap((line, index) =>
      line.includes("slither-disable") && !/^\s*\/\/ slither-disable-next-line (?!all\b)[a-z0-9,-]+: \S/.test(line)
        ? [index + 1]
        : [],
    );
}

/** Functions that Slither could not read, as its log names them: nothing is found in these, whatever is there. */
export function unreadIn(log: string): string[] {
  return [...log.matchAll(/^Impossible to generate IR for (\S+) \((\S+?)#[\d-]+\):/gm)].map(
    ([, name = "", file = ""]) => `${name} (${file})`,
  );
}

function relative(file: string, root: string): string {
  return file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
}
