import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import { createScrape } from "./metrics-scrape.ts";
import type { Readings } from "./readings.ts";

export interface Metrics {
  readonly contentType: string;
  /** All of it, in Prometheus' text form. What cannot be read now is left out; the rest is given all the same. */
  scrape(): Promise<string>;
  readonly accepted: Counter;
  readonly refused: Counter<"code">;
  readonly settled: Counter;
  readonly rejected: Counter;
  readonly settlementSeconds: Histogram;
  readonly transactions: Counter<"lane" | "outcome">;
  readonly gasPerPayment: Histogram;
  readonly webhookAttempts: Counter<"outcome">;
  readonly openStreams: Gauge;
  readonly signingErrors: Counter<"lane" | "code">;
  readonly laneBalance: Gauge<"lane">;
  readonly laneHeldUp: Gauge<"lane" | "by">;
  readonly reorgDepth: Histogram;
  readonly deepReorgs: Counter;
  readonly followedBlock: Gauge;
  readonly rpcErrors: Counter<"method" | "reason">;
  readonly makersLeftOut: Counter<"maker" | "reason">;
  readonly requestSeconds: Histogram<"method" | "route" | "status">;
}

export function createMetrics(readings: Readings): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    contentType: registry.contentType,
    scrape: createScrape(registry, readings),
    accepted: new Counter({ name: "corridor_payments_accepted_total", help: "Payments stored", registers }),
    refused: new Counter({
      name: "corridor_payments_refused_total",
      help: "Payments refused at intake or by simulation, by code",
      labelNames: ["code"],
      registers,
    }),
    settled: new Counter({ name: "corridor_payments_settled_total", help: "Payments seen settled", registers }),
    rejected: new Counter({ name: "corridor_payments_rejected_total", help: "Payments rejected on chain", registers }),
    settlementSeconds: new Histogram({
      name: "corridor_settlement_seconds",
      help: "From a payment's acceptance until it was seen settled",
      buckets: [0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 1_800],
      registers,
    }),
    transactions: new Counter({
      name: "corridor_transactions_total",
      help: "Transactions by lane and outcome: mined, failed (reverted) or lost (another one took the nonce)",
      labelNames: ["lane", "outcome"],
      registers,
    }),
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
    signingErrors: new Counter({
      name: "corridor_lane_signing_errors_total",
      help: "Signatures that a lane's signer did not give, by code",
      labelNames: ["lane", "code"],
      registers,
    }),
    laneBalance: new Gauge({
      name: "corridor_lane_balance_ether",
      help: "What a lane has to pay gas from, read every few seconds",
      labelNames: ["lane"],
      registers,
    }),
    laneHeldUp: new Gauge({
      name: "corridor_lane_held_up",
      help: "1 while a lane sends nothing although something is due, as gas costs more than allowed or it cannot pay for it",
      labelNames: ["lane", "by"],
      registers,
    }),
    reorgDepth: new Histogram({
      name: "corridor_reorg_depth_blocks",
      help: "Blocks that a reorg took back; its count is the number of reorgs",
      buckets: [1, 2, 3, 6, 12, 24, 64],
      registers,
    }),
    deepReorgs: new Counter({
      name: "corridor_reorgs_beyond_finality_total",
      help: "Reorgs that took back more blocks than CORRIDOR_FINALITY_DEPTH",
      registers,
    }),
    followedBlock: new Gauge({ name: "corridor_followed_block", help: "The block recorded last", registers }),
    rpcErrors: new Counter({
      name: "corridor_rpc_errors_total",
      help: "Requests that the node did not answer (no_answer) or answered by an error; reverts of simulations are none",
      labelNames: ["method", "reason"],
      registers,
    }),
    makersLeftOut: new Counter({
      name: "corridor_makers_left_out_total",
      help: "Answers and quotes of makers that were of no use, by host and reason",
      labelNames: ["maker", "reason"],
      registers,
    }),
    requestSeconds: new Histogram({
      name: "corridor_http_request_seconds",
      help: "Time to answer",
      labelNames: ["method", "route", "status"],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
  };
}
