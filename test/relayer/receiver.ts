import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { Webhook } from "standardwebhooks";

import type { WebhookMessage } from "../../sdk/webhooks.ts";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A shop's server, on this machine. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** What it does with the next requests: 204, by default. */
  answer: (response: ServerResponse, request: Received) => void;
  /** @throws Error unless this many messages have come in time. */
  until(count: number, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const one = { headers: request.headers, body };
      received.push(one);
      receiver.answer(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answer: (response) => response.writeHead(204).end(),
    async until(count, timeoutMs = 10_000) {
      for (const end = Date.now() + timeoutMs; received.length < count;) {
        if (Date.now() > end) throw new Error(`${received.length} of ${count} messages came`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** The message, if its signature is by this secret. @throws WebhookVerificationError if not. */
export function verified(secret: string, { body, headers }: Received): WebhookMessage {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as WebhookMessage;
}

/** Asks until the answer is good enough. @throws Error with the last one if it never is. */
export async function eventually<T>(
  ask: () => Promise<T>,
  good: (answer: T) => boolean,
  timeoutMs = 10_000,
): Promise<T> {
  for (const end = Date.now() + timeoutMs; ;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (Date.now() > end) throw new Error(`Still ${JSON.stringify(answer)} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
