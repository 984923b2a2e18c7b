import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { readBuild } from "./mutation/build.ts";
import { openJournal } from "./mutation/journal.ts";
import { enumsOf, type Mutant, mutantsOf, sampleOf } from "./mutation/mutants.ts";
import { tryAll } from "./mutation/pool.ts";
import { prepare } from "./mutation/prepare.ts";
import { describeMutant, table, tallyOf } from "./mutation/tally.ts";
import type { Outcome } from "./mutation/trial.ts";
import { mutatedPath, setUp } from "./mutation/workbench.ts";

/** Of the mutants that could be killed, how many must be. */
const BAR = 0.9;

const { values } = parseArgs({
  options: {
    // A file's name without its ending: Ledger, Splits, …; may be given more than once.
    contract: { type: "string", multiple: true, default: [] },
    // How many mutants of each file; all, if not given.
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    // What is known from earlier runs, and where it is written to.
    resume: { type: "string" },
    workers: { type: "string", default: "2" },
    // {s} for one mutant.
    limit: { type: "string", default: "300" },
    // Says what would be tried.
    list: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const { workbench, trees } = setUp(await readBuild());
const enums = enumsOf(trees.values());
const files = [...trees]
  .flatMap(([source, tree]) => {
    const path = mutatedPath(source);
    return path === undefined ? [] : [{ path, name: /([^/]+)\.sol$/.exec(path)?.[1] ?? path, source, tree }];
  })
  .filter(({ name }) => values.contract.length === 0 || values.contract.includes(name))
  .map(({ path, name, source, tree }) => {
    const mutants = mutantsOf(path, Buffer.from(workbench.sources[source] ?? ""), tree, enums);
    const chosen =
      values.sample === undefined ? mutants : sampleOf(mutants, Number(values.sample), Number(values.seed));
    return { name, mutants, chosen };
  })
  .filter(({ mutants }) => mutants.length > 0);
const unknown = values.contract.filter((name) => !files.some((file) => file.name === name));
if (unknown.length > 0) throw new Error(`no contract or library called ${unknown.join(", ")}`);

const chosen = files.flatMap((file) => file.chosen);
if (values.list) {
  for (const mutant of chosen) process.stdout.write(`${mutant.id}  ${describeMutant(mutant)}\n`);
  process.exit(0);
}

const preparedFile = resolve(".cache/mutation/prepared.json");
const { ignored } = await prepare(workbench, preparedFile);
const journal = openJournal(values.resume, workbench);
const outcomes = new Map<string, Outcome>();
for (const { id } of chosen) {
  const known = journal.known(id);
  if (known !== undefined) outcomes.set(id, known);
}
const left = chosen.filter(({ id }) => !outcomes.has(id));
const known = chosen.length - left.length;
process.stderr.write(
  `${chosen.length} mutants, ${known} known; left out as they fail anyway: ${ignored.join(", ") || "no tests"}\n`,
);

await tryAll(left, {
  preparedFile,
  workers: Number(values.workers),
  limit: Number(values.limit) * 1_000,
  onOutcome(mutant: Mutant, outcome, milliseconds) {
    outcomes.set(mutant.id, outcome);
    journal.add(outcome);
    const progress = `${outcomes.size}/${chosen.length} ${outcome.verdict} ${(milliseconds / 1_000).toFixed(1)} s`;
    process.stderr.write(
      `${progress}  ${describeMutant(mutant)}${outcome.why === undefined ? "" : `  (${outcome.why})`}\n`,
    );
  },
});

const tallies = files.map((file) => tallyOf(file.name, file.mutants, outcomes));
const total = tallyOf(
  "all",
  files.flatMap((file) => file.mutants),
  outcomes,
);
const survivors = chosen.filter(({ id }) => outcomes.get(id)?.verdict === "survived");
process.stdout.write(table([...tallies, total]));
for (const survivor of survivors) process.stdout.write(`survived: ${describeMutant(survivor)}\n`);
process.stdout.write(`bar: at least ${BAR * 100} % killed; measured ${((total.score ?? 0) * 100).toFixed(1)} %\n`);
if (values.json) process.stdout.write(`${JSON.stringify({ ignored, tallies, total, survivors })}\n`);
process.exitCode = (total.score ?? 0) >= BAR ? 0 : 1;
