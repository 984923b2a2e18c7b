import { randomUUID } from "node:crypto";

import type { Logger } from "pino";

import { type ActContent, effectOf } from "../hold-effects.ts";
import { insertAct } from "../store/acts.ts";
import { followedHead } from "../store/chain.ts";
import { type Database, inTransaction } from "../store/database.ts";
import { type NewEvent, recordEvents } from "../store/events.ts";
import { pruneQuotes } from "../store/quotes.ts";
import { type DueHold, type ExpiringHold, findDue, takeExpiring } from "../store/holds.ts";

export interface WatcherDependencies {
  readonly database: Database;
  /** How long before a capture deadline the merchant is warned. */
  readonly warningSeconds: number;
  readonly log: Logger;
  readonly onDue: () => void;
}

/** Holds looked at in one round. */
const LIMIT = 500;
const PRUNING_SECONDS = 3_600n;

/** Watches deadlines by the chain's clock: warns before one passes, and does afterwards what anyone may do. */
export function createWatcher(deps: WatcherDependencies): { round(): Promise<void> } {
  const { database } = deps;
  let nextPruning = 0n;
  return {
    async round() {
      const now = (await followedHead(database))?.timestamp;
      if (now === undefined) return;
      await inTransaction(database, async (db) => {
        const expiring = await takeExpiring(db, now, now + BigInt(deps.warningSeconds));
        await recordEvents(db, expiring.map(warning));
      });
      if (now >= nextPruning) {
        nextPruning = now + PRUNING_SECONDS;
        await pruneQuotes(database, now);
      }
      const due = await findDue(database, now, LIMIT);
      for (const hold of due) {
        const content = actWhenDue(hold);
        await insertAct(database, {
          id: randomUUID(),
          paymentId: hold.paymentId,
          content,
          effect: effectOf(hold.id, content),
        });
        deps.log.info({ payment: hold.paymentId, verb: content.verb }, "deadline passed");
      }
      if (due.length > 0) deps.onDue();
    },
  };
}

function actWhenDue(hold: DueHold): ActContent {
  return { verb: hold.status === "disputed" ? "resolve" : "reclaim" };
}

function warning(hold: ExpiringHold): NewEvent {
  return {
    id: `${hold.paymentId}:capture_due`,
    type: "hold.capture_due",
    paymentId: hold.paymentId,
    merchant: hold.merchant,
    payload: {
      paymentId: hold.paymentId,
      payee: hold.merchant,
      token: hold.token,
      amount: hold.amount.toString(),
      captured: hold.captured.toString(),
      captureDeadline: hold.captureDeadline.toString(),
    },
  };
}
