import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import type { QueueState } from "./store/queues.ts";

export interface Metrics {
  readonly registry: Registry;
  readonly accepted: Counter;
  readonly refused: Counter<"code">;
  readonly settled: Counter;
  readonly rejected: Counter;
  readonly transactions: Counter;
  readonly gasPerPayment: Histogram;
  readonly reorgs: Counter;
  readonly webhookAttempts: Counter<"outcome">;
  readonly openStreams: Gauge;
  readonly followedBlock: Gauge;
  readonly requestSeconds: Histogram<"method" | "route" | "status">;
}

/** What is read from the store at each scrape. */
export interface Readings {
  readonly queue: () => Promise<QueueState>;
  readonly waitingActs: () => Promise<number>;
  readonly waitingInstructions: () => Promise<number>;
  readonly expiringHolds: () => Promise<number>;
  readonly pendingMessages: () => Promise<number>;
  readonly deadMessages: () => Promise<number>;
}

export function createMetrics(readings: Readings): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  let queue: QueueState | undefined;
  new Gauge({
    name: "corridor_queue_payments",
    help: "Accepted payments that no transaction carries yet",
    registers,
    async collect() {
      queue = await readings.queue();
      this.set(queue.waiting);
    },
  });
  new Gauge({
    name: "corridor_queue_oldest_seconds",
    help: "How long the oldest of them has waited",
    registers,
    collect() {
      this.set((queue?.oldestMs ?? 0) / 1000);
    },
  });
  const gauge = (name: string, help: string, read: () => Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  };
  gauge("corridor_queue_acts", "Accepted acts on holds that no transaction carries yet", readings.waitingActs);
  gauge(
    "corridor_queue_instructions",
    "Accepted instructions that no transaction carries yet",
    readings.waitingInstructions,
  );
  gauge(
    "corridor_holds_expiring",
    "Open holds whose capture deadline lies within the warning time or has passed",
    readings.expiringHolds,
  );
  gauge("corridor_webhooks_undelivered", "Messages that wait to be delivered", readings.pendingMessages);
  gauge("corridor_webhooks_dead", "Messages that were given up", readings.deadMessages);
  return {
    registry,
    accepted: new Counter({ name: "corridor_payments_accepted_total", help: "Payments stored", registers }),
    refused: new Counter({
      name: "corridor_payments_refused_total",
      help: "Payments refused at intake or by simulation, by code",
      labelNames: ["code"],
      registers,
    }),
    settled: new Counter({ name: "corridor_payments_settled_total", help: "Payments seen settled", registers }),
    rejected: new Counter({ name: "corridor_payments_rejected_total", help: "Payments rejected on chain", registers }),
    transactions: new Counter({ name: "corridor_transactions_mined_total", help: "Transactions mined", registers }),
    gasPerPayment: new Histogram({
      name: "corridor_gas_per_payment",
      help: "Gas of a mined transaction over its rows",
      buckets: [14_500, 15_500, 16_500, 18_000, 20_000, 25_000, 35_000, 60_000, 120_000],
      registers,
    }),
    webhookAttempts: new Counter({
      name: "corridor_webhook_attempts_total",
      help: "Attempts to deliver a message: delivered, failed (to be tried again), dead (given up)",
      labelNames: ["outcome"],
      registers,
    }),
    openStreams: new Gauge({ name: "corridor_event_streams", help: "Open streams of payments' events", registers }),
    reorgs: new Counter({ name: "corridor_reorgs_total", help: "Reorgs followed", registers }),
    followedBlock: new Gauge({ name: "corridor_followed_block", help: "The block recorded last", registers }),
    requestSeconds: new Histogram({
      name: "corridor_http_request_seconds",
      help: "Time to answer",
      labelNames: ["method", "route", "status"],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
  };
}
