import { Counter, Gauge, type Registry } from "prom-client";

import { inTime } from "./chain/timeout.ts";
import { OBSTACLES } from "./readiness.ts";
import type { Readings } from "./readings.ts";

/** One reading that hangs must not cost the others their scrape; Prometheus gives up after ten seconds. */
const READING_MS = 3_000;
const STATES = ["accepted", "assigned", "submitted"] as const;
/** What is shown as empty rather than left out; less common kinds appear once there are any. */
const KINDS = ["payment", "hold", "act", "instruction"];

/** Registers what is read at each scrape. @returns what reads it anew and writes everything down; scrapes at once share one. */
export function createScrape(registry: Registry, readings: Readings): () => Promise<string> {
  const registers = [registry];
  /** Those with labels show nothing until they are set; one without shows zero, unless it is taken out. */
  const plain = new Set<Gauge>();
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> => {
    const made = new Gauge<L>({ name, help, labelNames: [...labelNames], registers });
    if (labelNames.length === 0) plain.add(made);
    return made;
  };

  const queueRows = gauge("corridor_queue_rows", "What was accepted and no transaction carries yet, by kind", ["kind"]);
  const queueOldest = gauge("corridor_queue_oldest_seconds", "How long the oldest of them has waited", ["kind"]);
  const live = gauge("corridor_payments_live", "Payments that are not decided yet, by state", ["state"]);
  const liveOldest = gauge("corridor_payments_live_oldest_seconds", "Since the oldest of them was accepted", ["state"]);
  const expiring = gauge(
    "corridor_holds_expiring",
    "Open holds whose capture deadline lies within the warning time or has passed",
  );
  const undelivered = gauge("corridor_webhooks_undelivered", "Messages that wait to be delivered");
  const undeliveredOldest = gauge("corridor_webhooks_oldest_seconds", "How long the oldest of them has waited");
  const dead = gauge("corridor_webhooks_dead", "Messages that were given up");
  const laneHeld = gauge("corridor_lane_lease_held", "1 on the instance that holds the lane's lease", ["lane"]);
  const laneInFlight = gauge("corridor_lane_in_flight_transactions", "Transactions signed and not mined", ["lane"]);
  const laneOldest = gauge("corridor_lane_oldest_unmined_seconds", "Since the oldest of them was signed", ["lane"]);
  const obstacle = gauge("corridor_obstacle", "1 for each reason why this instance is not ready", ["reason"]);
  const lag = gauge("corridor_follower_lag_blocks", "How far the record is behind the chain");
  const connections = gauge("corridor_database_pool_connections", "Open connections to the database", ["state"]);
  const waiting = gauge("corridor_database_pool_waiting", "What waits for a connection to the database");
  const failed = new Counter({
    name: "corridor_readings_failed_total",
    help: "Readings that a scrape had to leave out, as database or chain did not answer",
    labelNames: ["reading"],
    registers,
  });

  /** Sets `gauges` to what was read, or takes them out: an old value would be a wrong one. */
  async function take<T>(
    reading: string,
    gauges: readonly Gauge[],
    read: () => Promise<T>,
    set: (value: T) => void,
  ): Promise<void> {
    const value = await inTime(read(), READING_MS).catch(() => undefined);
    for (const one of gauges) {
      one.reset();
      if (plain.has(one)) one.remove();
    }
    if (value === undefined) failed.inc({ reading });
    else set(value);
  }

  async function readAll(): Promise<string> {
    await Promise.all([
      take(
        "queue",
        [live, liveOldest, queueRows, queueOldest],
        async () => ({
          groups: await readings.livePayments(),
          act: await readings.acts(),
          instruction: await readings.instructions(),
        }),
        ({ groups, ...others }) => {
          for (const state of STATES) {
            const own = groups.filter((group) => group.state === state);
            live.set(
              { state },
              own.reduce((sum, { count }) => sum + count, 0),
            );
            liveOldest.set({ state }, Math.max(0, ...own.map(({ oldestSeconds }) => oldestSeconds)));
          }
          for (const kind of KINDS) {
            queueRows.set({ kind }, 0);
            queueOldest.set({ kind }, 0);
          }
          for (const { state, kind, count, oldestSeconds } of groups) {
            if (state !== "accepted") continue;
            queueRows.set({ kind }, count);
            queueOldest.set({ kind }, oldestSeconds);
          }
          for (const [kind, queue] of Object.entries(others)) {
            queueRows.set({ kind }, queue.waiting);
            queueOldest.set({ kind }, queue.oldestMs / 1_000);
          }
        },
      ),
      take(
        "lanes",
        [laneHeld, laneInFlight, laneOldest],
        () => readings.lanes(),
        (lanes) => {
          for (const { lane, held, inFlight, oldestSeconds } of lanes) {
            laneHeld.set({ lane }, held ? 1 : 0);
            laneInFlight.set({ lane }, inFlight);
            laneOldest.set({ lane }, oldestSeconds);
          }
        },
      ),
      take(
        "holds",
        [expiring],
        () => readings.expiringHolds(),
        (count) => {
          expiring.set(count);
        },
      ),
      take(
        "webhooks",
        [undelivered, undeliveredOldest, dead],
        () => readings.outbox(),
        ({ count, oldestSeconds, dead: givenUp }) => {
          undelivered.set(count);
          dead.set(givenUp);
          undeliveredOldest.set(oldestSeconds);
        },
      ),
      take(
        "readiness",
        [obstacle, lag],
        () => readings.readiness(),
        ({ obstacles, lagBlocks }) => {
          for (const reason of OBSTACLES)
            obstacle.set({ reason }, obstacles.some(({ code }) => code === reason) ? 1 : 0);
          if (lagBlocks !== undefined) lag.set(Number(lagBlocks));
        },
      ),
    ]);
    const pool = readings.pool();
    connections.set({ state: "idle" }, pool.idle);
    connections.set({ state: "busy" }, pool.total - pool.idle);
    waiting.set(pool.waiting);
    return registry.metrics();
  }

  let underWay: Promise<string> | undefined;
  return () =>
    (underWay ??= readAll().finally(() => {
      underWay = undefined;
    }));
}
