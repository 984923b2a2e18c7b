import { isError } from "ethers";
import type { Logger } from "pino";

import { decodeEscrowError } from "../../sdk/contract-errors.ts";
import { TRANSACTION_GAS } from "../batching/batches.ts";
import type { BatchLimits } from "../config.ts";
import { actQueueState, type ActToSend, assignActs, attachActs, refuseActs } from "../store/acts.ts";
import type { Database } from "../store/database.ts";
import {
  actGas,
  ESCROW,
  fitting,
  isRowVerb,
  rowActCall,
  rowActData,
  signaturesOf,
  singleActData,
} from "./act-calls.ts";
import { withSignatures } from "./signatures.ts";
import { simulate, type Simulator } from "./simulation.ts";
import type { Work } from "./work.ts";

export interface ActWorkDependencies {
  readonly database: Database;
  readonly simulator: Simulator;
  readonly catchUp: () => Promise<void>;
  readonly escrow: string;
  readonly hasP256Precompile: boolean;
  readonly limits: BatchLimits;
  readonly log: Logger;
  readonly onRefused?: ((code: string) => void) | undefined;
}

interface Judged {
  readonly good: readonly ActToSend[];
  readonly bad: readonly { readonly row: ActToSend; readonly code: string }[];
}

/** Acts on holds, of all verbs in one transaction, each isolated from the others. */
export function createActWork(deps: ActWorkDependencies): Work {
  const { database, escrow, hasP256Precompile, limits } = deps;

  /** What each act would do now. Of a hold there is one act at a time, so none depends on another. */
  async function judge(acts: readonly ActToSend[]): Promise<Judged> {
    const good: ActToSend[] = [];
    const bad: { row: ActToSend; code: string }[] = [];
    for (const [verb, group] of byVerb(acts)) {
      if (isRowVerb(verb)) {
        const simulation = await simulate(deps.simulator, rowActCall(escrow, verb, hasP256Precompile), group);
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
        to: escrow,
        data: withSignatures(signaturesOf([act]), singleActData(act)),
        gasLimit: TRANSACTION_GAS + actGas([act], hasP256Precompile),
      });
      return undefined;
    } catch (error) {
      if (!isError(error, "CALL_EXCEPTION")) throw error;
      return codeOf(error.data);
    }
  }

  return {
    name: "act",
    async prepare(lease) {
      const queue = await actQueueState(database, limits.maxRows);
      if (queue.waiting === 0 || (queue.waiting < limits.maxRows && queue.oldestMs < limits.maxAgeMs)) return "idle";
      const assigned = fitting(await assignActs(database, lease, limits.maxRows), limits.maxGas, hasP256Precompile);
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
          deps.log.info({ act: row.id, verb: row.content.verb, code }, "act refused by simulation");
        }
      }
      if (good.length === 0) return "refused";
      const calls = [...byVerb(good)].flatMap(([verb, group]) =>
        isRowVerb(verb) ? [rowActData(verb, group).data] : group.map(singleActData),
      );
      return {
        to: escrow,
        data: withSignatures(signaturesOf(good), ESCROW.encodeFunctionData("tryEach", [calls])),
        gasLimit: TRANSACTION_GAS + good.reduce((sum, act) => sum + actGas([act], hasP256Precompile), 0),
        rows: good.length,
        batches: calls.length,
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

const CODES: Readonly<Record<string, string>> = {
  EscrowWrongStatus: "wrong_status",
  EscrowTooLate: "too_late",
  EscrowTooEarly: "too_early",
  EscrowNoArbiter: "no_arbiter",
  EscrowNotParty: "not_party",
  EscrowNotActor: "bad_signature",
  EscrowConsentExpired: "expired",
  EscrowBadConsent: "bad_signature",
  EscrowShareTooHigh: "amount_too_high",
  EscrowAmountTooHigh: "amount_too_high",
  LedgerAccountFrozen: "frozen",
};

/** The stable code of a single act's revert. */
function codeOf(data: string | null): string {
  const error = data === null ? undefined : decodeEscrowError(data);
  return (error === undefined ? undefined : CODES[error.name]) ?? "simulation_reverted";
}
