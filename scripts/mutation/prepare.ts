import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { type Code, compile, QUICK } from "./compiler.ts";
import { FULL_EFFORT, createSuiteRunner } from "./suite-runner.ts";
import { createTrial } from "./trial.ts";
import { deployedName, partOf, type Workbench } from "./workbench.ts";

/** All that a worker needs. */
export interface Prepared {
  readonly workbench: Workbench;
  /** The contracts as they are, compiled the quick way. */
  readonly plain: readonly (readonly [string, Code])[];
  /** Tests that fail although nothing is mutated, for want of the optimizer. */
  readonly ignored: readonly string[];
}

/** Compiles and tests what is not mutated, and keeps that in `file`, where it is found as long as no source changes. */
export async function prepare(workbench: Workbench, file: string): Promise<Prepared> {
  const key = createHash("sha256")
    .update(JSON.stringify([workbench, QUICK, FULL_EFFORT]))
    .digest("hex");
  const keyFile = `${file}.key`;
  if (existsSync(keyFile) && readFileSync(keyFile, "utf8") === key) {
    return JSON.parse(readFileSync(file, "utf8")) as Prepared;
  }
  const plain = workbench.contracts.map((unit) => {
    const code = compile(unit, partOf(workbench, unit.source), workbench.remappings, QUICK);
    return [deployedName(unit), code] as const;
  });
  const trial = createTrial(workbench, await createSuiteRunner(), new Map(plain));
  const ignored = await trial.failingAnyway(FULL_EFFORT);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ workbench, plain, ignored } satisfies Prepared));
  writeFileSync(keyFile, key);
  return { workbench, plain, ignored };
}
