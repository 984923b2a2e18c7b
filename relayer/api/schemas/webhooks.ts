import { DELIVERY_STATES, DISABLED_REASONS, EVENT_TYPES } from "../../../sdk/webhooks.ts";
import { EVENT_ID, EVENT_TYPE, SEQUENCE } from "./events.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref, taken } from "./json-schema.ts";
import { listed, page } from "./list.ts";
import { json, jsonBody, LOCATION, type Operation, PARAMETER } from "./operation.ts";
import { ADDRESS, COUNT, FLAG, PAYMENT_ID, RFC3339, UUID } from "./values.ts";

const URL_EXAMPLE = "https://shop.example/hooks";
const url = {
  type: "string",
  format: "uri",
  maxLength: 2_048,
  examples: [URL_EXAMPLE],
  description: "By https and public, without a user's name or password; the operator may allow other ones.",
};
const eventTypes = nullable(listOf(oneOf(EVENT_TYPES), { minItems: 1, description: "Null: all." }));
const merchant = described(
  nullable(ADDRESS),
  "Whose payments it is told of; null: everybody's, as the operator's own.",
);
const secret = {
  type: "string",
  pattern: "^whsec_[A-Za-z0-9+/]{43}=$",
  examples: [`whsec_${"Q".repeat(42)}E=`],
  description: "What messages are signed by, as Standard Webhooks has it. It is shown this once.",
};
const endpoint = {
  id: UUID,
  merchant,
  configured: described(FLAG, "Whether it is set by the relayer's configuration, and changed there."),
  url: { type: "string", examples: [URL_EXAMPLE] },
  eventTypes: nullable(listOf({ type: "string", examples: ["payment.final"] }, { description: "Null: all." })),
  enabled: { type: "boolean", examples: [true] },
  disabledReason: described(
    nullable(oneOf(DISABLED_REASONS)),
    "Its owner, its answer 410, five days of failures, or the configuration.",
  ),
  failingSince: described(nullable(RFC3339), "Since when nothing was delivered while something failed."),
  createdAt: RFC3339,
};

const SINCE = {
  ...RFC3339,
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})$",
  description: "A time by RFC 3339, at most 30 days ago.",
};

export const WEBHOOK_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  NewWebhookEndpoint: taken(
    { url },
    { eventTypes, merchant: described(ADDRESS, "For the operator to say; absent: everybody's payments.") },
  ),
  WebhookEndpointChange: taken({}, { url, eventTypes, enabled: { type: "boolean", examples: [true] } }),
  WebhookEndpoint: answered(endpoint),
  NewlyMadeWebhookEndpoint: answered({ ...endpoint, secret }),
  WebhookEndpointList: answered({ endpoints: listOf(ref("WebhookEndpoint")) }),
  RotatedSecret: answered({
    secret,
    formerUntil: described(RFC3339, "Until then messages are signed by the former ones too."),
  }),
  Delivery: answered({
    eventId: EVENT_ID,
    type: EVENT_TYPE,
    sequence: SEQUENCE,
    paymentId: nullable(PAYMENT_ID),
    state: oneOf(DELIVERY_STATES),
    attempts: COUNT,
    nextAttemptAt: described(nullable(RFC3339), "Null unless it is pending."),
    lastStatus: described(nullable({ type: "integer", examples: [500] }), "Of the answer to the last attempt, if any."),
    lastError: nullable({ type: "string", examples: ["answered 500"] }),
    deliveredAt: nullable(RFC3339),
    createdAt: RFC3339,
  }),
  DeliveryList: listed("deliveries", ref("Delivery"), SEQUENCE),
  Replay: taken(
    { since: SINCE },
    {
      state: oneOf(
        DELIVERY_STATES,
        "Only those whose message is in this state; absent: all, also what was never sent.",
      ),
      cursor: described(SEQUENCE, "`next` of the answer before."),
    },
  ),
  Replayed: answered({
    replayed: { ...COUNT, description: "At most 5,000." },
    next: described(nullable(SEQUENCE), "The cursor to go on with, if there may be more."),
  }),
  SentEvent: answered({ eventId: EVENT_ID }),
};

const noStore = { "Cache-Control": { type: "string", enum: ["no-store"] } };
const common = { tag: "webhooks", access: "webhooks" } as const;
const ENDPOINT = ["invalid_field", "not_found"] as const;
const PATH = "/v1/webhook-endpoints";

export const WEBHOOK_OPERATIONS: readonly Operation[] = [
  {
    ...{ ...common, method: "post", path: PATH, id: "createWebhookEndpoint" },
    summary: "Have events sent to a URL",
    description:
      "A merchant's endpoint is told of her payments, one of the operator without a merchant of everybody's.",
    body: jsonBody(ref("NewWebhookEndpoint")),
    answers: {
      201: json("The endpoint, with its secret.", ref("NewlyMadeWebhookEndpoint"), { ...noStore, Location: LOCATION }),
    },
    problems: [...PARAMETER, "webhook_key_missing", "too_many_endpoints"],
  },
  {
    ...{ ...common, method: "get", path: PATH, id: "listWebhookEndpoints" },
    summary: "List webhook endpoints, the oldest first",
    answers: { 200: json("All that are the caller's, or of the operator all.", ref("WebhookEndpointList")) },
    problems: [],
  },
  {
    ...{ ...common, method: "get", path: `${PATH}/:id`, id: "getWebhookEndpoint" },
    summary: "Read a webhook endpoint",
    params: { id: UUID },
    answers: { 200: json("The endpoint.", ref("WebhookEndpoint")) },
    problems: ENDPOINT,
  },
  {
    ...{ ...common, method: "patch", path: `${PATH}/:id`, id: "changeWebhookEndpoint" },
    summary: "Change, disable or enable a webhook endpoint",
    params: { id: UUID },
    body: jsonBody(ref("WebhookEndpointChange")),
    answers: { 200: json("The endpoint.", ref("WebhookEndpoint")) },
    problems: [...ENDPOINT, "endpoint_configured"],
  },
  {
    ...{ ...common, method: "post", path: `${PATH}/:id/rotate-secret`, id: "rotateWebhookSecret" },
    summary: "Give a webhook endpoint a new secret",
    params: { id: UUID },
    answers: { 200: json("The new secret.", ref("RotatedSecret"), noStore) },
    problems: [...ENDPOINT, "endpoint_configured", "webhook_key_missing", "too_many_secrets"],
  },
  {
    ...{ ...common, method: "post", path: `${PATH}/:id/test`, id: "testWebhookEndpoint" },
    summary: "Send a message for a test, whatever the endpoint subscribes to",
    params: { id: UUID },
    answers: { 202: json("It is sent.", ref("SentEvent")) },
    problems: [...ENDPOINT, "endpoint_disabled"],
  },
  {
    ...{ ...common, method: "get", path: `${PATH}/:id/deliveries`, id: "listDeliveries" },
    summary: "List what became of messages, the newest first",
    params: { id: UUID },
    query: { state: oneOf(DELIVERY_STATES), ...page(SEQUENCE) },
    answers: { 200: json("A page.", ref("DeliveryList")) },
    problems: ENDPOINT,
  },
  {
    ...{ ...common, method: "post", path: `${PATH}/:id/deliveries/:eventId/replay`, id: "replayEvent" },
    summary: "Send an event again",
    params: { id: UUID, eventId: EVENT_ID },
    answers: { 202: json("It is sent.", ref("SentEvent")) },
    problems: [...ENDPOINT, "endpoint_disabled"],
  },
  {
    ...{ ...common, method: "post", path: `${PATH}/:id/replay`, id: "replayEvents" },
    summary: "Send events since a time again",
    params: { id: UUID },
    body: jsonBody(ref("Replay")),
    answers: { 202: json("They are sent.", ref("Replayed")) },
    problems: [...ENDPOINT, "endpoint_disabled"],
  },
  {
    ...{ ...common, method: "delete", path: `${PATH}/:id`, id: "deleteWebhookEndpoint" },
    summary: "Forget a webhook endpoint, and what became of its messages",
    params: { id: UUID },
    answers: { 204: { description: "It is gone." } },
    problems: [...ENDPOINT, "endpoint_configured"],
  },
];

const header = (name: string, example: string, description: string) => ({
  ...{ name, in: "header", required: true, description },
  schema: { type: "string", examples: [example] },
});

/** What an endpoint is sent, by OpenAPI's `webhooks`. */
export const WEBHOOKS = {
  message: {
    post: {
      operationId: "receiveMessage",
      tags: ["webhooks"],
      summary: "A message to an endpoint, by Standard Webhooks",
      description: "Messages may come in any order and more than once; the same id is always the same message.",
      security: [],
      parameters: [
        header("webhook-id", "evt_018f3a5c0d2b4e6f8a9b0c1d2e3f4a5b", "The event's id."),
        header("webhook-timestamp", "1790000000", "Unix seconds of this attempt."),
        header("webhook-signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", "By each live secret one."),
      ],
      requestBody: { required: true, content: { "application/json": { schema: ref("WebhookMessage") } } },
      responses: {
        "2XX": { description: "Taken. Anything else, a redirect among it, has it sent again later." },
        410: { description: "The endpoint is gone: it is disabled." },
      },
    },
  },
};
