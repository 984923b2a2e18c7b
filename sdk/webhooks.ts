import type { PaymentState } from "./payment.ts";

/** What an endpoint can subscribe to. */
export const EVENT_TYPES = [
  "payment.accepted",
  "payment.settled",
  "payment.final",
  "payment.rejected",
  "payment.expired",
  "payment.reorged",
  "hold.capture_due",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** A payment as its events tell of it; amounts are decimal strings of smallest units. */
export interface PaymentEventData {
  readonly id: string;
  /** `accepted` until it is decided. */
  readonly state: Exclude<PaymentState, "assigned" | "submitted">;
  /** Why it was rejected: a row code, or null. */
  readonly code: string | null;
  readonly merchant: string;
  readonly payer: string;
  readonly payee: string;
  /** What the payer signed. */
  readonly token: string;
  readonly amount: string;
  /** What is settled: the same, unless it is exchanged. */
  readonly settleToken: string;
  readonly settleAmount: string;
  /** Of a payment with terms: their hash. */
  readonly memo: string;
  /** The payment request that it pays. */
  readonly requestId: string | null;
  /** Where it was decided on the chain; null while it is not. */
  readonly transactionHash: string | null;
  readonly blockNumber: string | null;
  /** Unix seconds, of that block. */
  readonly settledAt: string | null;
}

/** The body of a message, by the Standard Webhooks specification. Its id is the header `webhook-id`. */
export interface WebhookMessage<T = Readonly<Record<string, unknown>>> {
  readonly type: string;
  /** When it happened, by ISO 8601. */
  readonly timestamp: string;
  /** Messages may come out of order and more than once. Of two of one payment, the one with the higher sequence is later. */
  readonly sequence: string;
  readonly data: T;
}

/** An event in the stream of `GET /v1/events`. */
export interface EventView extends WebhookMessage {
  readonly id: string;
  readonly paymentId: string | null;
  readonly merchant: string | null;
}

export interface EventPage {
  readonly events: readonly EventView[];
  /** Behind the last of these; to be given as cursor when the next ones are asked for, now or later. */
  readonly next: string;
  readonly more: boolean;
}

export const DISABLED_REASONS = ["owner", "gone", "failing", "not_configured"] as const;

export type DisabledReason = (typeof DISABLED_REASONS)[number];

export interface WebhookEndpointView {
  readonly id: string;
  /** Whose payments it is told of; null: everybody's, as the operator's own. */
  readonly merchant: string | null;
  readonly url: string;
  /** Null: all. */
  readonly eventTypes: readonly string[] | null;
  readonly enabled: boolean;
  /** Its owner, its answer 410, five days of failures, or the configuration. */
  readonly disabledReason: DisabledReason | null;
  /** Since when nothing was delivered while something failed. */
  readonly failingSince: string | null;
  /** Made from the relayer's configuration: it is changed there. */
  readonly configured: boolean;
  readonly createdAt: string;
}

/** With the secret, which is shown this once. */
export interface NewWebhookEndpointView extends WebhookEndpointView {
  readonly secret: string;
}

export interface NewWebhookEndpoint {
  readonly url: string;
  /** Absent or null: all. */
  readonly eventTypes?: readonly EventType[] | null;
  /** The operator alone: for which merchant. Absent: everybody's payments. */
  readonly merchant?: string;
}

export interface WebhookEndpointChange {
  readonly url?: string;
  readonly eventTypes?: readonly EventType[] | null;
  readonly enabled?: boolean;
}

export interface RotatedSecret {
  /** The new secret, shown this once. */
  readonly secret: string;
  /** Until then messages are signed with the former ones too. */
  readonly formerUntil: string;
}

export const DELIVERY_STATES = ["pending", "delivered", "dead"] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** What became of a message. */
export interface DeliveryView {
  readonly eventId: string;
  readonly type: string;
  readonly sequence: string;
  readonly paymentId: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Null unless it is pending. */
  readonly nextAttemptAt: string | null;
  /** The HTTP status of the last attempt's answer, if there was one, and what went wrong. */
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly deliveredAt: string | null;
  readonly createdAt: string;
}

export interface DeliveryPage {
  readonly deliveries: readonly DeliveryView[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

export interface Replayed {
  readonly replayed: number;
  /** The cursor to go on with, if there may be more. */
  readonly next: string | null;
}

/** Messages of payments to what they say of each payment, in whatever order they came, each as often as it came. */
export function foldPayments(
  messages: Iterable<Pick<WebhookMessage, "type" | "sequence" | "data">>,
): Map<string, PaymentEventData> {
  const latest = new Map<string, { readonly sequence: bigint; readonly data: PaymentEventData }>();
  for (const { type, sequence, data } of messages) {
    if (!type.startsWith("payment.")) continue;
    const payment = data as unknown as PaymentEventData;
    const at = BigInt(sequence);
    if (at > (latest.get(payment.id)?.sequence ?? -1n)) latest.set(payment.id, { sequence: at, data: payment });
  }
  return new Map([...latest].map(([id, { data }]) => [id, data]));
}

type Request = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** The calls about webhooks; they need a key with the scope `webhooks`. */
export interface WebhookCalls {
  create(endpoint: NewWebhookEndpoint): Promise<NewWebhookEndpointView>;
  list(): Promise<readonly WebhookEndpointView[]>;
  get(id: string): Promise<WebhookEndpointView>;
  change(id: string, change: WebhookEndpointChange): Promise<WebhookEndpointView>;
  delete(id: string): Promise<void>;
  rotateSecret(id: string): Promise<RotatedSecret>;
  /** Sends `endpoint.test`. */
  test(id: string): Promise<{ readonly eventId: string }>;
  /** The newest first. `filter`: state, cursor, limit. */
  deliveries(id: string, filter?: Readonly<Record<string, string>>): Promise<DeliveryPage>;
  /** Sends one event again. */
  replay(id: string, eventId: string): Promise<void>;
  /** Sends events since a time again: those in a state, or all. */
  replaySince(
    id: string,
    range: { readonly since: string; readonly state?: DeliveryState; readonly cursor?: string },
  ): Promise<Replayed>;
  /** The oldest first. `page`: cursor, limit. */
  events(page?: Readonly<Record<string, string>>): Promise<EventPage>;
}

export function webhookCalls(request: Request): WebhookCalls {
  const at = (...parts: string[]): string => ["/v1/webhook-endpoints", ...parts.map(encodeURIComponent)].join("/");
  const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString();
  return {
    create: (endpoint) => request("POST", at(), endpoint),
    async list() {
      return (await request<{ endpoints: readonly WebhookEndpointView[] }>("GET", at())).endpoints;
    },
    get: (id) => request("GET", at(id)),
    change: (id, change) => request("PATCH", at(id), change),
    delete: (id) => request("DELETE", at(id)),
    rotateSecret: (id) => request("POST", at(id, "rotate-secret")),
    test: (id) => request("POST", at(id, "test")),
    deliveries: (id, filter = {}) => request("GET", `${at(id, "deliveries")}?${query(filter)}`),
    async replay(id, eventId) {
      await request("POST", at(id, "deliveries", eventId, "replay"));
    },
    replaySince: (id, range) => request("POST", at(id, "replay"), range),
    events: (page = {}) => request("GET", `/v1/events?${query(page)}`),
  };
}
