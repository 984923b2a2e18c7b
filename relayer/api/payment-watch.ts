import type { FastifyBaseLogger } from "fastify";

import type { PaymentView } from "../../sdk/client.ts";
import type { Database } from "../store/database.ts";
import { readPaymentViews } from "./payment-views.ts";
import { readVersions } from "../store/payment-versions.ts";

/** A payment as it is at a version. */
export interface PaymentVersion {
  readonly version: bigint;
  readonly view: PaymentView;
  /** The view in JSON: equal for equal views. */
  readonly json: string;
}

/** Looks at payments for all who watch them in this process. */
export interface PaymentWatch {
  read(ids: readonly string[]): Promise<Map<string, PaymentVersion>>;
  /** Tells each state that differs from the one told last. @param known That one, at first. @returns what ends it. */
  add(id: string, known: PaymentVersion, tell: (state: PaymentVersion) => void): () => void;
  close(): void;
}

interface Watcher {
  last: string;
  readonly tell: (state: PaymentVersion) => void;
}

const LOOK_MS = 150;

/**
 * One query every 150 ms for all payments that are watched, and none while nobody watches. What changed is read in full.
 * Several instances do so side by side: nothing has to be told between them, nor by whoever changes a payment.
 */
export function createPaymentWatch(database: Database, log: FastifyBaseLogger): PaymentWatch {
  const watched = new Map<string, { version: bigint; readonly watchers: Set<Watcher> }>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function read(ids: readonly string[]): Promise<Map<string, PaymentVersion>> {
    // The version first: a change between the two reads is told again, and not missed.
    const versions = await readVersions(database, ids);
    const views = await readPaymentViews(database, [...versions.keys()]);
    return new Map(
      [...versions].flatMap(([id, version]) => {
        const view = views.get(id);
        return view === undefined ? [] : [[id, { version, view, json: JSON.stringify(view) }]];
      }),
    );
  }

  async function look(): Promise<void> {
    const versions = await readVersions(database, [...watched.keys()]);
    const changed = [...versions].filter(([id, version]) => watched.get(id)?.version !== version).map(([id]) => id);
    if (changed.length === 0) return;
    for (const [id, state] of await read(changed)) {
      const entry = watched.get(id);
      if (entry === undefined) continue;
      entry.version = state.version;
      for (const watcher of entry.watchers) {
        if (watcher.last === state.json) continue;
        watcher.last = state.json;
        watcher.tell(state);
      }
    }
  }

  function schedule(): void {
    if (closed || timer !== undefined || watched.size === 0) return;
    timer = setTimeout(() => {
      look()
        .catch((error: unknown) => {
          log.warn({ err: error }, "could not look at watched payments");
        })
        .finally(() => {
          timer = undefined;
          schedule();
        });
    }, LOOK_MS);
  }

  return {
    read,
    add(id, known, tell) {
      const watcher: Watcher = { last: known.json, tell };
      const entry = watched.get(id) ?? { version: known.version, watchers: new Set() };
      // Whatever the others know: this one may know less.
      if (entry.version !== known.version) entry.version = 0n;
      entry.watchers.add(watcher);
      watched.set(id, entry);
      schedule();
      return () => {
        entry.watchers.delete(watcher);
        if (entry.watchers.size === 0 && watched.get(id) === entry) watched.delete(id);
      };
    },
    close() {
      closed = true;
      clearTimeout(timer);
      watched.clear();
    },
  };
}
