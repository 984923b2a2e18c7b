import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";

import { z } from "zod";

import type { Outcome } from "./trial.ts";
import type { Workbench } from "./workbench.ts";

const line = z.object({
  contracts: z.string(),
  tests: z.string(),
  id: z.string(),
  verdict: z.enum(["killed", "survived", "equivalent", "refused", "timeout"]),
  why: z.string().optional(),
});

/** Outcomes kept in a file, a line each, so that a run can go on where another was cut off. */
export interface Journal {
  /** What is known of a mutant of these contracts. Survivors of other tests are not known: tests may have been added. */
  known(id: string): Outcome | undefined;
  add(outcome: Outcome): void;
}

/** @param file None: nothing is kept. */
export function openJournal(file: string | undefined, workbench: Workbench): Journal {
  const contracts = digestOf(workbench, "project/contracts/");
  const tests = digestOf(workbench, "project/test/");
  const outcomes = new Map<string, Outcome>();
  const text = file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : "";
  // A line that a crash cut off has no end, and is no outcome.
  for (const written of text.split("\n").slice(0, -1)) {
    const { id, verdict, why, ...of } = line.parse(JSON.parse(written));
    if (of.contracts !== contracts || (verdict === "survived" && of.tests !== tests)) continue;
    outcomes.set(id, why === undefined ? { id, verdict } : { id, verdict, why });
  }
  return {
    known: (id) => outcomes.get(id),
    add(outcome) {
      if (file !== undefined) appendFileSync(file, `${JSON.stringify({ contracts, tests, ...outcome })}\n`);
    },
  };
}

function digestOf({ sources }: Workbench, folder: string): string {
  const texts = Object.entries(sources).filter(([name]) => name.startsWith(folder));
  return createHash("sha256")
    .update(JSON.stringify(texts.sort(([one], [other]) => (one < other ? -1 : 1))))
    .digest("hex")
    .slice(0, 16);
}
