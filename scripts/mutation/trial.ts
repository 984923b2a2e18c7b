import type { Artifact } from "@nomicfoundation/edr";

import { type Code, compile, CompilerError, QUICK, type Settings, TEST, THOROUGH, type Unit } from "./compiler.ts";
import { type Mutant, mutated } from "./mutants.ts";
import { type Effort, FULL_EFFORT, QUICK_EFFORT, type SuiteRunner } from "./suite-runner.ts";
import { deployedName, partOf, sourceOf, type Suite, type Workbench } from "./workbench.ts";

/** What became of a mutant. */
export type Verdict = "killed" | "survived" | "equivalent" | "refused" | "timeout";

export interface Outcome {
  readonly id: string;
  readonly verdict: Verdict;
  /** The first test that failed, or what the compiler said. */
  readonly why?: string;
}

/** Tries mutants, one after the other. */
export interface Trial {
  /** Tests that fail although nothing is mutated: these say nothing about a mutant. */
  failingAnyway(effort: Effort): Promise<string[]>;
  outcomeOf(mutant: Mutant): Promise<Outcome>;
}

/**
 * @param plain The contracts as they are, compiled the quick way, by what tests call them.
 * @param ignored Tests that fail anyway.
 */
export function createTrial(
  workbench: Workbench,
  runner: SuiteRunner,
  plain: ReadonlyMap<string, Code>,
  ignored: ReadonlySet<string> = new Set(),
): Trial {
  const { artifacts, contracts, suites, closures } = workbench;
  const thorough = new Map<string, Code>();

  /** Everything there is, with these codes instead of the build's. */
  function withCodes(codes: ReadonlyMap<string, Code>): Artifact[] {
    return artifacts.map((artifact) => {
      const name = deployedName(artifact.id);
      const code = codes.get(name) ?? plain.get(name);
      return code === undefined ? artifact : { ...artifact, contract: { ...artifact.contract, ...code } };
    });
  }

  function compileMutant(unit: Unit, mutant: Mutant, settings: Settings): Code {
    const source = sourceOf(mutant.file);
    const text = mutated(Buffer.from(workbench.sources[source] ?? ""), mutant);
    return compile(unit, { ...partOf(workbench, unit.source), [source]: text }, workbench.remappings, settings);
  }

  async function failureIn(
    codes: ReadonlyMap<string, Code>,
    run: readonly Suite[],
    effort: Effort,
  ): Promise<string | undefined> {
    const failures = await runner.failuresOf(
      withCodes(codes),
      run.map(({ id }) => id),
      effort,
    );
    return failures.find((name) => !ignored.has(name));
  }

  /** Whether the optimizer makes the same of the mutant as of the original. */
  function isSame(affected: readonly Unit[], mutant: Mutant): boolean {
    return affected.every((unit) => {
      const name = deployedName(unit);
      const known = thorough.get(name);
      const original = known ?? compile(unit, partOf(workbench, unit.source), workbench.remappings, THOROUGH);
      thorough.set(name, original);
      return compileMutant(unit, mutant, THOROUGH).bytecode === original.bytecode;
    });
  }

  async function judge(mutant: Mutant): Promise<Omit<Outcome, "id">> {
    const source = sourceOf(mutant.file);
    const uses = (unit: Unit): boolean => (closures[unit.source] ?? []).includes(source);
    const affected = contracts.filter(uses);
    const codes = new Map<string, Code>();
    const changed: Unit[] = [];
    const tests = suites.filter(({ id }) => uses(id));
    for (const { id } of tests) codes.set(deployedName(id), compileMutant(id, mutant, TEST));
    const tried = new Set<Suite>();
    const due = (): Suite[] => {
      const missing = affected.map(deployedName).filter((name) => !codes.has(name));
      return suites.filter((suite) => {
        if (tried.has(suite) || suite.deploys.some((name) => missing.includes(name))) return false;
        return (
          tests.includes(suite) || suite.deploys.some((name) => changed.some((unit) => deployedName(unit) === name))
        );
      });
    };

    // A contract at a time, and after each the tests that deploy no other one that the mutant is in.
    for (const unit of [undefined, ...affected]) {
      if (unit !== undefined) {
        const name = deployedName(unit);
        const code = compileMutant(unit, mutant, QUICK);
        codes.set(name, code);
        if (code.bytecode !== plain.get(name)?.bytecode) changed.push(unit);
      }
      const run = due();
      for (const suite of run) tried.add(suite);
      for (const part of likeliestFirst(run, mutant)) {
        const failure = await failureIn(codes, part, QUICK_EFFORT);
        if (failure !== undefined) return { verdict: "killed", why: failure };
      }
    }
    if (isSame(changed, mutant)) return { verdict: "equivalent" };
    const failure = await failureIn(codes, [...tried], FULL_EFFORT);
    return failure === undefined ? { verdict: "survived" } : { verdict: "killed", why: failure };
  }

  return {
    failingAnyway: (effort) =>
      runner.failuresOf(
        withCodes(new Map()),
        suites.map(({ id }) => id),
        effort,
      ),
    async outcomeOf(mutant) {
      try {
        return { id: mutant.id, ...(await judge(mutant)) };
      } catch (error) {
        if (!(error instanceof CompilerError)) throw error;
        return { id: mutant.id, verdict: "refused", why: error.message.split("\n")[0] ?? "" };
      }
    },
  };
}

/** The tests named after what is mutated come before all others, and invariants, which take longest, with the others. */
function likeliestFirst(suites: readonly Suite[], { file }: Mutant): Suite[][] {
  const name = /([^/]+)\.sol$/.exec(file)?.[1] ?? "";
  const isLikely = ({ id }: Suite): boolean => id.source.includes(`/${name}.`) && !id.source.includes(".invariants.");
  return [suites.filter(isLikely), suites.filter((suite) => !isLikely(suite))];
}
