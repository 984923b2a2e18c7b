import type { Logger } from "pino";

import { startLoop } from "../loop.ts";
import type { Database } from "../store/database.ts";
import { findManyX402, findX402, type X402Record, type X402State } from "../store/x402.ts";

const DECIDED: readonly X402State[] = ["settled", "final", "rejected", "expired"];

/** Lets requests wait until the chain has decided about their payments. */
export interface Decisions {
  /** The payment once it is decided, or as it is when `limitMs` are over, or at once after {@link stop}. */
  wait(record: X402Record, limitMs: number): Promise<X402Record>;
  stop(): Promise<void>;
}

/** Whoever waits is looked after by one query for all. */
export function createDecisions(database: Database, pollMs: number, log: Logger): Decisions {
  const waiting = new Map<string, Set<(record: X402Record | undefined) => void>>();
  const state = { stopped: false };

  async function look(): Promise<void> {
    if (waiting.size === 0) return;
    for (const record of await findManyX402(database, [...waiting.keys()])) {
      if (!DECIDED.includes(record.state)) continue;
      for (const answer of waiting.get(record.id) ?? []) answer(record);
    }
  }

  const loop = startLoop("x402 decisions", pollMs, log, look);

  return {
    async wait(record, limitMs) {
      if (DECIDED.includes(record.state) || state.stopped) return record;
      const { id } = record;
      const decided = await new Promise<X402Record | undefined>((resolve) => {
        const answers = waiting.get(id) ?? new Set();
        waiting.set(id, answers);
        const answer = (found: X402Record | undefined): void => {
          clearTimeout(timer);
          answers.delete(answer);
          if (answers.size === 0 && waiting.get(id) === answers) waiting.delete(id);
          resolve(found);
        };
        const timer = setTimeout(answer, limitMs, undefined);
        answers.add(answer);
      });
      return decided ?? (await findX402(database, id)) ?? record;
    },
    async stop() {
      state.stopped = true;
      for (const answers of [...waiting.values()]) for (const answer of [...answers]) answer(undefined);
      await loop.stop();
    },
  };
}
