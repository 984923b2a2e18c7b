import type { FastifyInstance } from "fastify";

import type { EventPage } from "../../sdk/webhooks.ts";
import { createEventHorizon } from "../store/event-horizon.ts";
import { listEvents } from "../store/events.ts";
import { readPage } from "./read.ts";
import { readSequence } from "./webhook-bodies.ts";
import type { WebhookApi } from "./webhook-endpoints.ts";

/** The caller's events, for whoever would rather ask than be told. */
export function addEventRoutes(server: FastifyInstance, { database, access }: WebhookApi): void {
  const horizon = createEventHorizon(database);
  server.get<{ Querystring: Record<string, unknown> }>("/v1/events", async (request): Promise<EventPage> => {
    const { merchant } = await access.require(request, "webhooks");
    const { cursor: after = 0n, limit } = readPage(request.query, [], readSequence);
    const found = await listEvents(database, merchant, after, await horizon.read(), limit + 1);
    const page = found.slice(0, limit);
    return {
      events: page.map((event) => ({
        id: event.id,
        type: event.type,
        timestamp: event.createdAt.toISOString(),
        sequence: event.sequence.toString(),
        paymentId: event.paymentId,
        merchant: event.merchant,
        data: event.payload,
      })),
      next: String(page.at(-1)?.sequence ?? after),
      more: found.length > limit,
    };
  });
}
