import type { Logger } from "pino";
import { Webhook } from "standardwebhooks";

import type { Database } from "../store/database.ts";
import { type DueMessage, markDelivered, postponeMessage, takeMessages } from "../store/outbox.ts";

export interface Endpoint {
  readonly url: string;
  /** `whsec_` and base64, as Standard Webhooks has it. */
  readonly secret: string;
}

export interface DelivererDependencies {
  readonly database: Database;
  readonly endpoint: Endpoint;
  readonly log: Logger;
}

const AT_ONCE = 20;
const TIMEOUT_MS = 10_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 3_600_000;

/**
 * Delivers the outbox by the Standard Webhooks specification: at least once, with an id by which the receiver knows a
 * message again. A failed delivery is tried again, later each time.
 */
export function createDeliverer(deps: DelivererDependencies): { round(): Promise<void> } {
  const { database, endpoint, log } = deps;
  const webhook = new Webhook(endpoint.secret);

  async function deliver(message: DueMessage): Promise<void> {
    try {
      await post(message);
      await markDelivered(database, message.id);
    } catch (error) {
      const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (message.attempts - 1));
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ message: message.id, attempts: message.attempts, reason }, "webhook not delivered");
      await postponeMessage(database, message.id, delay, reason);
    }
  }

  async function post(message: DueMessage): Promise<void> {
    const now = new Date();
    const body = JSON.stringify({
      type: message.type,
      timestamp: message.createdAt.toISOString(),
      data: message.payload,
    });
    const response = await fetch(endpoint.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        "webhook-signature": webhook.sign(message.id, now, body),
      },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the endpoint answered ${response.status}`);
  }

  return {
    async round() {
      for (;;) {
        const messages = await takeMessages(database, AT_ONCE, 2 * TIMEOUT_MS);
        await Promise.all(messages.map(deliver));
        if (messages.length < AT_ONCE) return;
      }
    },
  };
}
