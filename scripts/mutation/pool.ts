import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { Mutant } from "./mutants.ts";
import type { Outcome } from "./trial.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

/** A worker's compiler never gives memory back, so it is replaced after so many mutants. */
const MUTANTS_A_WORKER = 150;

export interface PoolOptions {
  readonly preparedFile: string;
  readonly workers: number;
  /** {ms} after which a mutant counts as killed, and its worker is. */
  readonly limit: number;
  readonly onOutcome: (mutant: Mutant, outcome: Outcome, milliseconds: number) => void;
}

/** Tries the mutants, as many at a time as there are workers. Throws if a worker fails by itself. */
export async function tryAll(mutants: readonly Mutant[], options: PoolOptions): Promise<void> {
  const queue = [...mutants];
  const serve = async (): Promise<void> => {
    let worker: ChildProcess | undefined;
    let tried = 0;
    try {
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        if (worker === undefined || tried >= MUTANTS_A_WORKER) {
          worker?.disconnect();
          worker = await start(options.preparedFile);
          tried = 0;
        }
        const begun = performance.now();
        const outcome = await ask(worker, mutant, options.limit);
        tried += 1;
        if (outcome.verdict === "timeout") {
          worker.kill("SIGKILL");
          worker = undefined;
        }
        options.onOutcome(mutant, outcome, performance.now() - begun);
      }
    } finally {
      if (worker?.connected === true) worker.disconnect();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.workers, mutants.length) }, serve));
}

async function start(preparedFile: string): Promise<ChildProcess> {
  const worker = fork(WORKER, [preparedFile], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => {
      worker.removeAllListeners("exit");
      resolve();
    });
    worker.once("exit", (code) => {
      reject(new Error(`a worker ended with ${code} before it began`));
    });
  });
  return worker;
}

async function ask(worker: ChildProcess, mutant: Mutant, limit: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      worker.removeAllListeners("message");
      worker.removeAllListeners("exit");
    };
    const timer = setTimeout(() => {
      done();
      resolve({ id: mutant.id, verdict: "timeout" });
    }, limit);
    worker.once("message", (outcome: Outcome) => {
      done();
      resolve(outcome);
    });
    worker.once("exit", (code) => {
      done();
      reject(new Error(`a worker ended with ${code} at ${mutant.id}`));
    });
    worker.send(mutant);
  });
}
