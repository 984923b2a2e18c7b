import type { Readiness } from "./readiness.ts";
import { actQueueState } from "./store/acts.ts";
import { followedHead } from "./store/chain.ts";
import type { Database } from "./store/database.ts";
import { countExpiring } from "./store/holds.ts";
import { instructionQueueState } from "./store/instructions.ts";
import type { QueueState } from "./store/queues.ts";
import {
  type LaneReading,
  type LiveGroup,
  type OutboxReading,
  readLanes,
  readLivePayments,
  readOutbox,
} from "./store/readings.ts";

/** What is read at each scrape. */
export interface Readings {
  livePayments(): Promise<readonly LiveGroup[]>;
  acts(): Promise<QueueState>;
  instructions(): Promise<QueueState>;
  expiringHolds(): Promise<number>;
  outbox(): Promise<OutboxReading>;
  lanes(): Promise<readonly LaneReading[]>;
  readiness(): Promise<Readiness>;
  pool(): { readonly total: number; readonly idle: number; readonly waiting: number };
}

export interface ReadingsDependencies {
  readonly database: Database;
  readonly lanes: readonly string[];
  /** Names this instance in the leases. */
  readonly holder: string;
  readonly captureWarningSeconds: number;
  readonly readiness: () => Promise<Readiness>;
}

/** Above this the number is only known to be as high. */
const MOST = 1_000_000;

export function createReadings({ database, ...deps }: ReadingsDependencies): Readings {
  return {
    livePayments: () => readLivePayments(database),
    acts: () => actQueueState(database, MOST),
    instructions: () => instructionQueueState(database, MOST),
    async expiringHolds() {
      const now = (await followedHead(database))?.timestamp ?? 0n;
      return countExpiring(database, now + BigInt(deps.captureWarningSeconds));
    },
    outbox: () => readOutbox(database),
    lanes: () => readLanes(database, deps.lanes, deps.holder),
    readiness: deps.readiness,
    pool: () => ({ total: database.totalCount, idle: database.idleCount, waiting: database.waitingCount }),
  };
}
