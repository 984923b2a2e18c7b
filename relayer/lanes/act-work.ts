import { isError } from "ethers";
import type { Logger } from "pino";

import { isRipe, TRANSACTION_GAS } from "../batching/batches.ts";
import type { BatchLimits } from "../config.ts";
import { actQueue, type ActToSend, assignActs, attachActs, refuseActs } from "../store/acts.ts";
import type { Database } from "../store/database.ts";
import { type ActCalls, fitting, signaturesOf } from "./act-calls.ts";
import { withSignatures } from "./signatures.ts";
import { simulate, type Simulator } from "./simulation.ts";
import type { Work } from "./work.ts";

export interface ActWorkDependencies {
  readonly database: Database;
  readonly simulator: Simulator;
  readonly catchUp: () => Promise<void>;
  readonly calls: ActCalls;
  readonly limits: BatchLimits;
  readonly log: Logger;
  readonly onRefused?: ((code: string) => void) | undefined;
}

interface Judged {
  readonly good: readonly ActToSend[];
  readonly bad: readonly { readonly row: ActToSend; readonly code: string }[];
}

/** Acts that one contract takes, of all verbs in one transaction, each isolated from the others. */
export function createActWork(deps: ActWorkDependencies): Work {
  const { database, calls, limits } = deps;

  /** What each act would do now. Of a hold there is one act at a time, so none depends on another. */
  async function judge(acts: readonly ActToSend[]): Promise<Judged> {
    const good: ActToSend[] = [];
    const bad: { row: ActToSend; code: string }[] = [];
    for (const [verb, group] of byVerb(acts)) {
      const rows = calls.rows(verb);
      if (rows !== undefined) {
        const simulation = await simulate(deps.simulator, rows.call, group);
        good.push(...simulation.good);
        bad.push(...simulation.bad);
        continue;
      }
      for (const act of group) {
        const code = await trySingle(act);
        if (code === undefined) good.push(act);
        else bad.push({ row: act, code });
      }
    }
    return { good, bad };
  }

  async function trySingle(act: ActToSend): Promise<string | undefined> {
    try {
      await deps.simulator.provider.call({
        from: deps.simulator.from,
        to: calls.to,
        data: withSignatures(signaturesOf([act]), calls.single(act)),
        gasLimit: TRANSACTION_GAS + calls.gas([act]),
      });
      return undefined;
    } catch (error) {
      if (!isError(error, "CALL_EXCEPTION")) throw error;
      return calls.codeOf(error.data);
    }
  }

  return {
    queue: actQueue(calls.verbs.length === 1 ? String(calls.verbs[0]) : "act", calls.verbs),
    isDue: (queue) => isRipe(queue, limits),
    async prepare(lease) {
      const due = await assignActs(database, lease, limits.maxRows, calls.verbs);
      const assigned = fitting(due, limits.maxGas, calls);
      if (assigned.length === 0) return "idle";
      const { good, bad } = await judge(assigned);
      if (bad.length > 0) {
        // Before a status counts against an act, the events that may have settled it are in the store.
        await deps.catchUp();
        await refuseActs(
          database,
          bad.map(({ row, code }) => ({ id: row.id, code })),
        );
        for (const { row, code } of bad) {
          deps.onRefused?.(code);
          const { id: act, paymentId: payment, content } = row;
          deps.log.info({ act, payment, verb: content.verb, code }, "act refused by simulation");
        }
      }
      if (good.length === 0) return "refused";
      const data = [...byVerb(good)].flatMap(([verb, group]) => {
        const rows = calls.rows(verb);
        return rows === undefined ? group.map((act) => calls.single(act)) : [rows.data(group)];
      });
      return {
        to: calls.to,
        data: withSignatures(signaturesOf(good), calls.tryEach(data)),
        gasLimit: TRANSACTION_GAS + good.reduce((sum, act) => sum + calls.gas([act]), 0),
        rows: good.length,
        batches: data.length,
        attach: (db, hash) =>
          attachActs(
            db,
            hash,
            lease.address,
            good.map((act) => act.id),
          ),
      };
    },
  };
}

/** Evidence first: the act that ends the dispute may travel in the same transaction. */
function byVerb(acts: readonly ActToSend[]): Map<ActToSend["content"]["verb"], ActToSend[]> {
  const groups = new Map<ActToSend["content"]["verb"], ActToSend[]>([["evidence", []]]);
  for (const act of acts) groups.set(act.content.verb, [...(groups.get(act.content.verb) ?? []), act]);
  for (const [verb, group] of groups) if (group.length === 0) groups.delete(verb);
  return groups;
}
