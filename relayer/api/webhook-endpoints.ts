import { randomUUID } from "node:crypto";

import type { FastifyInstance, FastifyRequest } from "fastify";

import {
  DELIVERY_STATES,
  type DeliveryPage,
  type DeliveryView,
  type NewWebhookEndpointView,
  type Replayed,
  type RotatedSecret,
  type WebhookEndpointView,
} from "../../sdk/webhooks.ts";
import { type DeliveryRecord, listDeliveries, replayEvent, replaySince } from "../store/deliveries.ts";
import { recordTest } from "../store/events.ts";
import {
  changeEndpoint,
  deleteEndpoint,
  type EndpointRecord,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  MAX_ENDPOINTS,
  MAX_SECRETS,
  rotateSecret,
} from "../store/webhook-endpoints.ts";
import { newSecret, sealSecret } from "../webhooks/secret-box.ts";
import type { Caller } from "./access.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { readPage, readWord } from "./read.ts";
import { readEndpointChange, readNewEndpoint, readReplay, readSequence } from "./webhook-bodies.ts";

const PATH = "/v1/webhook-endpoints";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of an event: `evt_` and hex digits, or what it is about. */
const EVENT_ID = /^[\w:.-]{1,100}$/;
/** How long a secret signs beside the one that took its place. */
const GRACE_MS = 24 * 3_600_000;
const REPLAYED_AT_ONCE = 5_000;

interface OfEndpoint {
  Params: { id: string };
}

export type WebhookApi = Pick<ApiDependencies, "database" | "access" | "webhooks">;

/** Where merchants are told of events: their endpoints, and what became of each message. */
export function addWebhookRoutes(server: FastifyInstance, { database, access, webhooks }: WebhookApi): void {
  const find = async (caller: Caller, id: string): Promise<EndpointRecord> => {
    if (!UUID.test(id)) throw new HttpProblem("invalid_field", { field: "id", expected: "a UUID in small letters" });
    const endpoint = await findEndpoint(database, caller.merchant, id);
    if (endpoint === undefined) throw missing(id);
    return endpoint;
  };
  const endpointOf = async (request: FastifyRequest<OfEndpoint>): Promise<EndpointRecord> =>
    find(await access.require(request, "webhooks"), request.params.id);
  const keyToSeal = (): Buffer => {
    if (webhooks.key !== undefined) return webhooks.key;
    throw new HttpProblem("webhook_key_missing", {
      detail: "The operator has to set CORRIDOR_WEBHOOK_KEY, 32 bytes in base64, under which secrets are kept",
    });
  };

  server.post(PATH, async (request, reply) => {
    const caller = await access.require(request, "webhooks");
    const key = keyToSeal();
    const { url, eventTypes = null, merchant = null } = readNewEndpoint(request.body, webhooks.allowPrivate);
    if (caller.merchant !== null && merchant !== null && merchant !== caller.merchant) {
      throw new HttpProblem("invalid_field", { field: "merchant", expected: `${caller.merchant}, or none` });
    }
    const id = randomUUID();
    const secret = newSecret();
    const endpoint = { id, merchant: caller.merchant ?? merchant, url, eventTypes };
    const stored = await insertEndpoint(database, endpoint, sealSecret(key, id, secret));
    if (stored === undefined) throw new HttpProblem("too_many_endpoints", { expected: `at most ${MAX_ENDPOINTS}` });
    const view: NewWebhookEndpointView = { ...viewEndpoint(stored), secret };
    return reply.code(201).header("location", `${PATH}/${id}`).header("cache-control", "no-store").send(view);
  });

  server.get(PATH, async (request) => {
    const { merchant } = await access.require(request, "webhooks");
    return { endpoints: (await listEndpoints(database, merchant)).map(viewEndpoint) };
  });

  server.get<OfEndpoint>(`${PATH}/:id`, async (request) => viewEndpoint(await endpointOf(request)));

  server.patch<OfEndpoint>(`${PATH}/:id`, async (request) => {
    const caller = await access.require(request, "webhooks");
    const { id, configured } = await find(caller, request.params.id);
    const change = readEndpointChange(request.body, webhooks.allowPrivate);
    if (configured && (change.url !== undefined || change.eventTypes !== undefined)) throw configuredElsewhere();
    const changed = await changeEndpoint(database, caller.merchant, id, change);
    if (changed === undefined) throw missing(id);
    return viewEndpoint(changed);
  });

  server.delete<OfEndpoint>(`${PATH}/:id`, async (request, reply) => {
    const caller = await access.require(request, "webhooks");
    const { id, configured } = await find(caller, request.params.id);
    if (configured) throw configuredElsewhere();
    if (!(await deleteEndpoint(database, caller.merchant, id))) throw missing(id);
    return reply.code(204).send();
  });

  server.post<OfEndpoint>(`${PATH}/:id/rotate-secret`, async (request, reply) => {
    const { id, configured } = await endpointOf(request);
    if (configured) throw configuredElsewhere();
    const secret = newSecret();
    const until = await rotateSecret(database, id, sealSecret(keyToSeal(), id, secret), GRACE_MS);
    if (until === undefined) {
      throw new HttpProblem("too_many_secrets", { expected: `at most ${MAX_SECRETS} within a day` });
    }
    const view: RotatedSecret = { secret, formerUntil: until.toISOString() };
    return reply.header("cache-control", "no-store").send(view);
  });

  server.post<OfEndpoint>(`${PATH}/:id/test`, async (request, reply) => {
    const endpoint = await endpointOf(request);
    requireEnabled(endpoint);
    return reply.code(202).send({ eventId: (await recordTest(database, endpoint)).id });
  });

  server.get<OfEndpoint & { Querystring: Record<string, unknown> }>(
    `${PATH}/:id/deliveries`,
    async (request): Promise<DeliveryPage> => {
      const { id } = await endpointOf(request);
      const { map, cursor: below, limit } = readPage(request.query, ["state"], readSequence);
      const state = map("state", (value) => readWord("state", value, DELIVERY_STATES));
      // One more than asked, to know whether there is a next page.
      const found = await listDeliveries(database, id, state, below, limit + 1);
      const page = found.slice(0, limit);
      return {
        deliveries: page.map(viewDelivery),
        next: found.length > limit ? (page.at(-1)?.sequence.toString() ?? null) : null,
      };
    },
  );

  server.post<{ Params: { id: string; eventId: string } }>(
    `${PATH}/:id/deliveries/:eventId/replay`,
    async (request, reply) => {
      const endpoint = await find(await access.require(request, "webhooks"), request.params.id);
      const { eventId } = request.params;
      if (!EVENT_ID.test(eventId))
        throw new HttpProblem("invalid_field", { field: "eventId", expected: "an event's id" });
      requireEnabled(endpoint);
      if (!(await replayEvent(database, endpoint, eventId))) {
        throw new HttpProblem("not_found", { detail: `There is no event ${eventId} for this endpoint` });
      }
      return reply.code(202).send({ eventId });
    },
  );

  server.post<OfEndpoint>(`${PATH}/:id/replay`, async (request, reply) => {
    const endpoint = await endpointOf(request);
    requireEnabled(endpoint);
    const { since, state, cursor = 0n } = readReplay(request.body);
    const range = { since, after: cursor, only: state };
    const { replayed, next } = await replaySince(database, endpoint, range, REPLAYED_AT_ONCE);
    const view: Replayed = { replayed, next: next?.toString() ?? null };
    return reply.code(202).send(view);
  });
}

function missing(id: string): HttpProblem {
  return new HttpProblem("not_found", { detail: `There is no webhook endpoint ${id}` });
}

function configuredElsewhere(): HttpProblem {
  return new HttpProblem("endpoint_configured", {
    detail:
      "This endpoint is set by CORRIDOR_WEBHOOK_URL, _SECRET and _EVENTS; it can only be enabled and disabled here",
  });
}

function requireEnabled({ enabled }: EndpointRecord): void {
  if (!enabled) throw new HttpProblem("endpoint_disabled", { detail: "Enable it first: PATCH with enabled true" });
}

function viewEndpoint(endpoint: EndpointRecord): WebhookEndpointView {
  const { createdAt, failingSince, ...rest } = endpoint;
  return { ...rest, failingSince: failingSince?.toISOString() ?? null, createdAt: createdAt.toISOString() };
}

function viewDelivery(delivery: DeliveryRecord): DeliveryView {
  const { sequence, nextAttemptAt, deliveredAt, createdAt, ...rest } = delivery;
  return {
    ...rest,
    sequence: sequence.toString(),
    nextAttemptAt: delivery.state === "pending" ? nextAttemptAt.toISOString() : null,
    deliveredAt: deliveredAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
