import { readFileSync } from "node:fs";

import type { Prepared } from "./prepare.ts";
import type { Mutant } from "./mutants.ts";
import { createSuiteRunner } from "./suite-runner.ts";
import { createTrial } from "./trial.ts";

// A process of the pool: takes mutants by message, and answers each with its outcome. Its argument is the file of what is prepared.
const [file = ""] = process.argv.slice(2);
const { workbench, plain, ignored } = JSON.parse(readFileSync(file, "utf8")) as Prepared;
const trial = createTrial(workbench, await createSuiteRunner(), new Map(plain), new Set(ignored));

process.on("message", (mutant: Mutant) => {
  trial.outcomeOf(mutant).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => {
      process.stderr.write(`${mutant.id}: ${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
