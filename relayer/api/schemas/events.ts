import { EVENT_TYPES } from "../../../sdk/webhooks.ts";
import { PAYMENT_STATES } from "../../../sdk/payment.ts";
import { answered, described, type JsonSchema, listOf, nullable, oneOf, ref } from "./json-schema.ts";
import { page } from "./list.ts";
import { json, type Operation } from "./operation.ts";
import {
  ADDRESS,
  AMOUNT,
  BLOCK_NUMBER,
  CODE,
  FLAG,
  HASH,
  PAYMENT_ID,
  RFC3339,
  TIME,
  TRANSACTION,
  UUID,
} from "./values.ts";

export const EVENT_ID = {
  type: "string",
  pattern: "^[A-Za-z0-9_:.\\-]{1,100}$",
  examples: ["evt_018f3a5c0d2b4e6f8a9b0c1d2e3f4a5b"],
  description: "The id of an event: the same for the same event, always.",
};
export const SEQUENCE = {
  type: "string",
  pattern: "^(0|[1-9][0-9]{0,17})$",
  examples: ["4711"],
  description: "A decimal string. Of two events of one payment the later has the higher one.",
};

/** What an event is about; `endpoint.test` is of no subscription. */
export const EVENT_TYPE = oneOf([...EVENT_TYPES, "endpoint.test"]);

const message = {
  type: EVENT_TYPE,
  timestamp: described(RFC3339, "When it happened."),
  sequence: SEQUENCE,
  data: {
    anyOf: [ref("PaymentEvent"), ref("HoldCaptureDueEvent"), ref("TestEvent")],
    description: "By the type: a payment's whole state at that moment, a hold, or an endpoint.",
  },
};

export const EVENT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  PaymentEvent: answered({
    id: PAYMENT_ID,
    state: oneOf(
      PAYMENT_STATES.filter((state) => state !== "assigned" && state !== "submitted"),
      "`accepted` until it is decided.",
    ),
    code: described(nullable(CODE), "Why it was rejected, or null."),
    merchant: ADDRESS,
    payer: ADDRESS,
    payee: ADDRESS,
    token: described(ADDRESS, "What the payer signed."),
    amount: AMOUNT,
    settleToken: described(ADDRESS, "What is settled: the same, unless it is exchanged."),
    settleAmount: AMOUNT,
    memo: described(HASH, "Of a payment with terms: their hash."),
    requestId: described(nullable(UUID), "The payment request that it pays."),
    transactionHash: described(nullable(TRANSACTION), "Where it was decided on the chain; null while it is not."),
    blockNumber: nullable(BLOCK_NUMBER),
    settledAt: nullable(TIME),
  }),
  HoldCaptureDueEvent: answered({
    paymentId: PAYMENT_ID,
    payee: ADDRESS,
    token: ADDRESS,
    amount: AMOUNT,
    captured: AMOUNT,
    captureDeadline: TIME,
  }),
  TestEvent: answered({ endpointId: UUID }),
  WebhookMessage: answered(message),
  Event: answered({
    id: EVENT_ID,
    ...message,
    paymentId: nullable(PAYMENT_ID),
    merchant: described(nullable(ADDRESS), "Whose payment it is about; null: nobody's."),
  }),
  EventPage: answered({
    events: listOf(ref("Event")),
    next: described(SEQUENCE, "The cursor to go on with, now or later."),
    more: described(FLAG, "Whether there are more already."),
  }),
};

/** As many lines as one state takes, and what comes before them. */
const STREAM = {
  type: "string",
  pattern: "^retry: [0-9]+\\n\\n(id: [0-9]+\\nevent: payment\\ndata: \\{.*\\}\\n\\n|:\\n\\n)*$",
  examples: ['retry: 1000\n\nid: 7\nevent: payment\ndata: {"id":"0x9c22…"}\n\n'],
};

const header = (word: string): JsonSchema => ({ type: "string", enum: [word] });

export const EVENT_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/v1/events", id: "listEvents", tag: "webhooks", access: "webhooks" },
    summary: "List events, the oldest first",
    description:
      "A merchant sees those of her payments, the operator all. An event is given out only when no earlier one can appear any " +
      "more: a cursor skips nothing. They are kept for 30 days.",
    query: { ...page(SEQUENCE), cursor: described(SEQUENCE, "`next` of the page before; absent: from the first one.") },
    answers: { 200: json("A page.", ref("EventPage")) },
    problems: ["invalid_field"],
  },
  {
    ...{ method: "get", path: "/v1/payments/:id/events", id: "watchPayment", tag: "payments", access: "open" },
    summary: "Follow a payment by server-sent events",
    description:
      "The payment as it is now, then after each change, as `event: payment` whose `data` is a Payment. The stream ends after " +
      "`final`, `rejected` or `expired`, and when the relayer stops; a comment comes every 15 seconds.",
    params: { id: PAYMENT_ID },
    headers: {
      "Last-Event-ID": {
        type: "string",
        pattern: "^[0-9]{1,19}$",
        examples: ["7"],
        description: "The last `id` that was got: what is known is not told again.",
      },
    },
    answers: {
      200: {
        description: "The stream.",
        headers: { "Cache-Control": header("no-store"), "X-Accel-Buffering": header("no") },
        content: { "text/event-stream": STREAM },
      },
      204: { description: "There is nothing more to come than what `Last-Event-ID` names." },
    },
    problems: ["invalid_field", "not_found", "too_many_streams"],
  },
];
