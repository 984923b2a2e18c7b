import type { Logger } from "pino";
import { Webhook } from "standardwebhooks";

import type { WebhookMessage } from "../../sdk/webhooks.ts";
import { AppError } from "../app-error.ts";
import { startLoop } from "../loop.ts";
import type { Database } from "../store/database.ts";
import { type DueDelivery, markDelivered, markFailed, releaseDelivery, takeDeliveries } from "../store/deliveries.ts";
import { forgetOldEvents } from "../store/events.ts";
import { liveSecrets } from "../store/webhook-endpoints.ts";
import { createPoster, type Resolve } from "./post.ts";
import { retryDelay } from "./schedule.ts";
import { openSecrets } from "./secret-box.ts";

export interface DelivererDependencies {
  readonly database: Database;
  /** Opens stored secrets; absent: only the configured endpoint is served. */
  readonly key: Buffer | undefined;
  /** Of the configured endpoint. */
  readonly configuredSecret: string | undefined;
  readonly allowPrivate: boolean;
  /** The wait after each failed attempt, in ms; after the last one's failure there is none. */
  readonly retries: readonly number[];
  readonly pollMs: number;
  /** What an endpoint has for its answer. */
  readonly timeoutMs?: number;
  /** An endpoint that took longer for its last answer is slow. */
  readonly slowMs?: number;
  /** How long an endpoint may do nothing but fail. */
  readonly toleranceMs?: number;
  readonly resolve?: Resolve;
  readonly onAttempt?: (outcome: "delivered" | "failed" | "dead") => void;
  readonly log: Logger;
}

export interface Deliverer {
  /** Looks for messages now instead of after the pause. */
  wake(): void;
  /** Takes no more, breaks off what is under way and gives it back. */
  stop(): Promise<void>;
}

const TIMEOUT_MS = 15_000;
const TOLERANCE_MS = 5 * 86_400_000;
const SLOW_MS = 2_000;
/** Messages under way to one endpoint, to a slow one, and in all: no owner's slow endpoints can use that up. */
const PER_ENDPOINT = 16;
const PER_SLOW_ENDPOINT = 2;
const AT_ONCE = 512;
const HOUSEKEEPING_MS = 60_000;
const FORGET_AT_ONCE = 10_000;

/**
 * Delivers messages by the Standard Webhooks specification: at least once, with an id by which the receiver knows a message
 * again, signed with each live secret of the endpoint. Endpoints do not wait for each other.
 */
export function startDeliverer(deps: DelivererDependencies): Deliverer {
  const { database, log } = deps;
  const timeoutMs = deps.timeoutMs ?? TIMEOUT_MS;
  const poster = createPoster(deps.allowPrivate, deps.resolve);
  const stopping = new AbortController();
  const running = new Map<string, number>();
  const slow = new Set<string>();
  const underWay = new Set<Promise<void>>();

  async function round(): Promise<void> {
    const free = AT_ONCE - underWay.size;
    if (free <= 0) return;
    const capacity = {
      ...{ total: free, perEndpoint: PER_ENDPOINT, perSlowEndpoint: PER_SLOW_ENDPOINT },
      ...{ running, slow, stored: deps.key !== undefined },
    };
    // Until the lease is over, the answer and the note of it must have come.
    const due = await takeDeliveries(database, capacity, 2 * timeoutMs + 5_000);
    if (due.length === 0) return;
    const stored = due.flatMap(({ endpointId, configured }) => (configured ? [] : [endpointId]));
    const secrets = await liveSecrets(database, [...new Set(stored)]);
    for (const delivery of due) {
      running.set(delivery.endpointId, (running.get(delivery.endpointId) ?? 0) + 1);
      const started = Date.now();
      const work = deliver(delivery, secrets.get(delivery.endpointId) ?? [])
        .catch((error: unknown) => {
          // Its lease ends by itself.
          log.warn({ err: error, event: delivery.eventId }, "what became of a message was not noted");
        })
        .finally(() => {
          underWay.delete(work);
          if (Date.now() - started > (deps.slowMs ?? SLOW_MS)) slow.add(delivery.endpointId);
          else slow.delete(delivery.endpointId);
          const left = (running.get(delivery.endpointId) ?? 1) - 1;
          if (left === 0) running.delete(delivery.endpointId);
          else running.set(delivery.endpointId, left);
          loop.wake();
        });
      underWay.add(work);
    }
  }

  async function deliver(delivery: DueDelivery, sealed: readonly Buffer[]): Promise<void> {
    let status: number | null = null;
    let error: string;
    try {
      status = await send(delivery, sealed);
      if (status >= 200 && status < 300) {
        await markDelivered(database, delivery, status);
        deps.onAttempt?.("delivered");
        return;
      }
      error = `the endpoint answered ${status}`;
    } catch (cause) {
      if (status !== null) throw cause;
      if (stopping.signal.aborted) {
        await releaseDelivery(database, delivery);
        return;
      }
      error = reasonOf(cause, timeoutMs);
    }
    const gone = status === 410;
    const delayMs = gone ? null : retryDelay(deps.retries, delivery.attempts, Math.random());
    const failure = { status, error, delayMs, gone, toleranceMs: deps.toleranceMs ?? TOLERANCE_MS };
    const disabled = await markFailed(database, delivery, failure);
    deps.onAttempt?.(delayMs === null ? "dead" : "failed");
    const { endpointId, eventId, attempts } = delivery;
    log.warn({ endpoint: endpointId, event: eventId, attempts, reason: error }, "webhook not delivered");
    if (disabled !== null) log.warn({ endpoint: endpointId, reason: disabled }, "webhook endpoint disabled");
  }

  async function send(delivery: DueDelivery, sealed: readonly Buffer[]): Promise<number> {
    const now = new Date();
    const message: WebhookMessage = {
      type: delivery.type,
      timestamp: delivery.createdAt.toISOString(),
      sequence: delivery.sequence.toString(),
      data: delivery.payload,
    };
    const body = JSON.stringify(message);
    const signatures = secretsOf(delivery, sealed).map((secret) =>
      new Webhook(secret).sign(delivery.eventId, now, body),
    );
    return poster.post({
      url: delivery.url,
      headers: {
        "content-type": "application/json",
        "user-agent": "Corridor-Webhooks/1",
        "webhook-id": delivery.eventId,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        "webhook-signature": signatures.join(" "),
      },
      body,
      trusted: delivery.configured,
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), stopping.signal]),
    });
  }

  function secretsOf({ endpointId, configured }: DueDelivery, sealed: readonly Buffer[]): readonly string[] {
    const { key, configuredSecret } = deps;
    if (configured) {
      if (configuredSecret !== undefined) return [configuredSecret];
    } else if (key !== undefined && sealed.length > 0) {
      return openSecrets(key, endpointId, sealed);
    }
    throw new AppError("secret_unreadable", "the endpoint has no secret: rotate it");
  }

  const loop = startLoop("webhooks", deps.pollMs, log, round);
  const housekeeping = startLoop("old events", HOUSEKEEPING_MS, log, async () => {
    while ((await forgetOldEvents(database, FORGET_AT_ONCE)) === FORGET_AT_ONCE);
  });
  return {
    wake: () => {
      loop.wake();
    },
    async stop() {
      await Promise.all([loop.stop(), housekeeping.stop()]);
      stopping.abort(new AppError("stopping", "the relayer is stopping"));
      await Promise.all(underWay);
      poster.close();
    },
  };
}

/** Why a message did not arrive, in words that tell nothing of the relayer's own network. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof AppError) return error.message;
  if (!(error instanceof Error)) return "the connection failed";
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError" || name === "AbortError") return `no answer within ${timeoutMs / 1000} s`;
  return REASONS[code ?? ""] ?? `the connection failed${code === undefined ? "" : ` (${code})`}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name is not known",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was broken off",
  EPIPE: "the connection was broken off",
};
