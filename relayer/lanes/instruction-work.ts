import type { Logger } from "pino";

import { isRipe, TRANSACTION_GAS } from "../batching/batches.ts";
import type { BatchLimits } from "../config.ts";
import type { Carrier } from "../instruction-content.ts";
import type { Database } from "../store/database.ts";
import {
  assignInstructions,
  attachInstructions,
  expireInstructions,
  instructionQueue,
  type InstructionRecord,
  refuseInstructions,
} from "../store/instructions.ts";
import type { Work } from "./work.ts";

/** What the chain would do to instructions now. */
export interface JudgedInstructions {
  readonly good: readonly InstructionRecord[];
  readonly bad: readonly { readonly row: InstructionRecord; readonly code: string }[];
}

/** One transaction's form: how instructions of a carrier are tried and sent. */
export interface InstructionCalls {
  readonly carrier: Carrier;
  readonly to: string;
  /** Gas above what the instruction may use. */
  gasOf(instruction: InstructionRecord): number;
  judge(instructions: readonly InstructionRecord[]): Promise<JudgedInstructions>;
  encode(instructions: readonly InstructionRecord[]): {
    readonly data: string;
    readonly gasLimit: number;
    readonly batches: number;
  };
}

export interface InstructionWorkDependencies {
  readonly database: Database;
  readonly catchUp: () => Promise<void>;
  readonly limits: BatchLimits;
  readonly log: Logger;
  readonly onRefused?: ((code: string) => void) | undefined;
  readonly calls: InstructionCalls;
}

/** Instructions of one carrier, all that are due in one transaction, each isolated from the others. */
export function createInstructionWork(deps: InstructionWorkDependencies): Work {
  const { database, calls, limits } = deps;

  /** Before a used nonce counts against an instruction, the events that may have settled it are in the store. */
  async function refuse(bad: JudgedInstructions["bad"]): Promise<void> {
    if (bad.length === 0) return;
    await deps.catchUp();
    await refuseInstructions(
      database,
      bad.map(({ row, code }) => ({ id: row.id, code })),
    );
    for (const { row, code } of bad) {
      deps.onRefused?.(code);
      deps.log.info({ instruction: row.id, kind: row.content.kind, code }, "instruction refused by simulation");
    }
  }

  return {
    queue: instructionQueue(calls.carrier === "ledger" ? "instruction" : `${calls.carrier} deposit`, calls.carrier),
    isDue: (queue) => isRipe(queue, limits),
    async prepare(lease, readHead) {
      const head = await readHead();
      if (head !== undefined) await expireInstructions(database, head.timestamp);
      const waiting = await assignInstructions(database, lease, limits.maxRows, calls.carrier);
      // What does not fit goes back to the queue with the rest of what is not signed.
      const assigned = fitting(waiting, limits.maxGas, (row) => calls.gasOf(row));
      if (assigned.length === 0) return "idle";
      const { good, bad } = await calls.judge(assigned);
      await refuse(bad);
      if (good.length === 0) return "refused";
      return {
        to: calls.to,
        ...calls.encode(good),
        rows: good.length,
        attach: (db, hash) =>
          attachInstructions(
            db,
            hash,
            lease.address,
            good.map((row) => row.id),
          ),
      };
    },
  };
}

/** The oldest that fit into one transaction; the first in any case, so that a tight limit cannot hold it up for good. */
export function fitting<R>(rows: readonly R[], maxGas: number, gasOf: (row: R) => number): R[] {
  const taken: R[] = [];
  let gas = TRANSACTION_GAS;
  for (const row of rows) {
    gas += gasOf(row);
    if (gas > maxGas && taken.length > 0) break;
    taken.push(row);
  }
  return taken;
}
