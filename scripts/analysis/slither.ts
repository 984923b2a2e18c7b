import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { type Report, reportSchema } from "./verdict.ts";

/** What a run of Slither gave: its report, and what it logged beside. */
export interface Run {
  readonly report: Report;
  readonly log: string;
}

/**
 * Runs Slither over the build that `slither.config.json` names, with the settings there.
 * @param options Further options of Slither's.
 * @throws Error with its log if it did not get through.
 */
export function runSlither(python: string, root: string, options: readonly string[] = []): Run {
  const file = join(root, ".cache", "slither", "report.json");
  rmSync(file, { force: true });
  const { stdout, stderr, error } = spawnSync(
    python,
    ["-m", "slither", ".", "--json", file, "--no-fail-pedantic", ...options],
    // Hashes of strings would give findings another order in each run.
    { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024, env: { ...process.env, PYTHONHASHSEED: "0" } },
  );
  const log = `${stdout}${stderr}`;
  if (error !== undefined) throw error;
  try {
    return { report: reportSchema.parse(JSON.parse(readFileSync(file, "utf8"))), log };
  } catch (cause) {
    throw new Error(`Slither did not get through:\n${log}`, { cause });
  }
}
