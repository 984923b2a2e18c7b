import type { FieldCode } from "../intake/authorization.ts";
import type { ActRefusalCode } from "../intake/act-refusal.ts";
import type { RefusalCode } from "../intake/refusal.ts";
import type { InstructionRefusalCode } from "../intake/check-instruction.ts";
import type { Obstacle } from "../readiness.ts";

export type ProblemCode =
  | FieldCode
  | RefusalCode
  | ActRefusalCode
  | InstructionRefusalCode
  | "unauthorized"
  | "forbidden"
  | "key_inactive"
  | "rate_limited"
  | "method_not_allowed"
  | "malformed_request"
  | "request_timeout"
  | "headers_too_large"
  | "idempotency_key_missing"
  | "idempotency_key_in_flight"
  | "idempotency_key_reused"
  | "payment_identifier_reused"
  | "too_many_documents"
  | "malformed_body"
  | "body_too_large"
  | "unsupported_media_type"
  | "no_quote"
  | "webhook_key_missing"
  | "record_key_missing"
  | "record_mismatch"
  | "record_superseded"
  | "record_erased"
  | "too_many_endpoints"
  | "too_many_secrets"
  | "endpoint_configured"
  | "endpoint_disabled"
  | "not_settled"
  | "not_deep_enough"
  | "receipt_unprovable"
  | "too_many_streams"
  | "period_unknown"
  | "invalid_orders"
  | "too_many_payments"
  | "statement_open"
  | "statement_too_long"
  | "currency_not_mapped"
  | "amount_too_long"
  | "not_final"
  | "books_differ"
  | "not_found"
  | "not_ready"
  | "overloaded"
  | "draining"
  | "internal";

/** The HTTP status of each problem. */
export const STATUS: Readonly<Record<ProblemCode, number>> = {
  malformed_body: 400,
  invalid_field: 400,
  bad_checksum: 400,
  amount_out_of_range: 400,
  body_too_large: 413,
  unsupported_media_type: 415,
  unknown_token: 422,
  invalid_payee: 422,
  expired: 422,
  bad_signature: 422,
  account_frozen: 422,
  insufficient_balance: 422,
  nonce_used: 409,
  nonce_stale: 409,
  nonce_conflict: 409,
  device_inactive: 422,
  over_device_limit: 422,
  payee_not_allowed: 422,
  authorization_used: 409,
  factory_not_allowed: 422,
  transfer_failed: 422,
  invalid_terms: 422,
  amount_too_high: 422,
  unknown_quote: 422,
  quote_expired: 409,
  quote_cancelled: 409,
  quote_exhausted: 409,
  ceiling_too_low: 422,
  no_quote: 503,
  request_mismatch: 422,
  request_expired: 409,
  request_paid: 409,
  no_hold: 409,
  wrong_status: 409,
  too_late: 409,
  stale_sum: 409,
  no_arbiter: 422,
  not_party: 403,
  act_pending: 409,
  refund_elsewhere: 409,
  cost_too_high: 422,
  not_served: 404,
  invalid_device: 422,
  fee_too_low: 422,
  unauthorized: 401,
  forbidden: 403,
  key_inactive: 409,
  rate_limited: 429,
  method_not_allowed: 405,
  malformed_request: 400,
  request_timeout: 408,
  headers_too_large: 431,
  idempotency_key_missing: 400,
  idempotency_key_in_flight: 409,
  idempotency_key_reused: 422,
  payment_identifier_reused: 409,
  too_many_documents: 409,
  webhook_key_missing: 501,
  record_key_missing: 501,
  record_mismatch: 422,
  record_superseded: 409,
  record_erased: 410,
  too_many_endpoints: 409,
  too_many_secrets: 409,
  endpoint_configured: 409,
  endpoint_disabled: 409,
  not_settled: 409,
  not_deep_enough: 409,
  receipt_unprovable: 501,
  too_many_streams: 503,
  period_unknown: 409,
  invalid_orders: 422,
  too_many_payments: 422,
  statement_open: 409,
  statement_too_long: 422,
  currency_not_mapped: 422,
  amount_too_long: 422,
  not_final: 409,
  books_differ: 500,
  not_found: 404,
  not_ready: 503,
  overloaded: 503,
  draining: 503,
  internal: 500,
};

export const TITLE: Readonly<Record<ProblemCode, string>> = {
  malformed_body: "The body is not JSON",
  invalid_field: "A field is missing or malformed",
  bad_checksum: "An address has a wrong checksum",
  amount_out_of_range: "The amount is out of range",
  body_too_large: "The body is too large",
  unsupported_media_type: "The body is not of a type that is read here",
  unknown_token: "The token is not settled here",
  invalid_payee: "Nobody can be paid at this address",
  expired: "The deadline is past",
  bad_signature: "The signature is not of whom it should be",
  account_frozen: "The account is frozen",
  insufficient_balance: "The account holds too little",
  nonce_used: "The nonce was used",
  nonce_stale: "The nonce is too old",
  nonce_conflict: "Something else holds the nonce",
  device_inactive: "No live device is bound at this index",
  over_device_limit: "The device may not pay this much",
  payee_not_allowed: "The device may not pay this payee",
  authorization_used: "The token's authorization was used or cancelled",
  factory_not_allowed: "The wallet's factory is not called here",
  transfer_failed: "The token does not move the money",
  invalid_terms: "The terms contradict themselves or the Escrow's bounds",
  amount_too_high: "The amount is above what there is",
  unknown_quote: "The quote is not known here",
  quote_expired: "The quote has expired",
  quote_cancelled: "The quote was cancelled by its maker",
  quote_exhausted: "Less is left of the quote",
  ceiling_too_low: "It costs more than the payer allows",
  no_quote: "No maker quotes this now",
  request_mismatch: "The payment is not what its request asks for",
  request_expired: "The payment request has expired",
  request_paid: "Another payment pays the request",
  no_hold: "There is no hold",
  wrong_status: "The hold's status does not allow the act",
  too_late: "The time for the act is over",
  stale_sum: "The act is signed over another sum than the present one",
  no_arbiter: "The hold has no arbiter",
  not_party: "This is for its parties",
  refund_elsewhere: "A refund goes another way by the rule that the payer signed",
  cost_too_high: "It costs more than the payee allows",
  act_pending: "Another act on the hold is under way",
  not_served: "This relayer does not serve that",
  invalid_device: "Such a key cannot be bound",
  fee_too_low: "The ceiling is below the fee",
  unauthorized: "This needs a key",
  forbidden: "The key is not for this",
  key_inactive: "The key has ended",
  rate_limited: "Too many requests",
  method_not_allowed: "This method is not served here",
  malformed_request: "The request is malformed",
  request_timeout: "The request took too long to come",
  headers_too_large: "The headers are too large",
  idempotency_key_missing: "The Idempotency-Key is missing",
  idempotency_key_in_flight: "A request with this Idempotency-Key is being worked on",
  idempotency_key_reused: "The Idempotency-Key belongs to another request",
  payment_identifier_reused: "The payment identifier belongs to another payload",
  too_many_documents: "The payment has as many documents as it may have",
  webhook_key_missing: "No webhook secrets can be kept here",
  record_key_missing: "No remittance records can be kept here",
  record_mismatch: "The record is not what its payment request or payment names",
  record_superseded: "The record has a later version",
  record_erased: "The record was erased",
  too_many_endpoints: "There are as many webhook endpoints as there may be",
  too_many_secrets: "The endpoint has as many live secrets as it may have",
  endpoint_configured: "The endpoint is set by the configuration",
  endpoint_disabled: "The endpoint is disabled",
  not_settled: "The payment has not settled",
  not_deep_enough: "Too few blocks stand on the payment's",
  receipt_unprovable: "Blocks of this chain cannot be proven here",
  too_many_streams: "As many streams are open as may be",
  invalid_orders: "The file of orders cannot be read",
  too_many_payments: "Too many payments settled in that time",
  period_unknown: "The period begins before entries were kept here",
  statement_open: "The period is not over, or its last blocks are not final",
  statement_too_long: "The statement has more entries than the format takes",
  currency_not_mapped: "The token stands for no currency of ISO 4217 that is known here",
  amount_too_long: "An amount has more digits than the format takes",
  not_final: "Nothing of the payment is final yet",
  books_differ: "The entries do not come to the account's balance on the chain",
  not_found: "There is no such thing here",
  not_ready: "Not ready",
  overloaded: "More is asked than is got through; nothing was done",
  draining: "This instance is being stopped; another one, or it itself, takes the request soon",
  internal: "Something went wrong here",
};

/** When to try again, in seconds. */
const RETRY_AFTER: Readonly<Partial<Record<ProblemCode, number>>> = {
  not_ready: 5,
  overloaded: 1,
  draining: 5,
};

export interface ProblemDetails {
  readonly detail?: string;
  readonly field?: string;
  readonly expected?: string;
  readonly paymentId?: string;
  readonly actId?: string;
  readonly instructionId?: string;
  /** Why the relayer is not ready. */
  readonly reasons?: readonly Obstacle[];
}

/** A refusal on its way to the client as `application/problem+json` (RFC 9457). */
export class HttpProblem extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Headers that go with the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, details: ProblemDetails = {}, headers: Readonly<Record<string, string>> = {}) {
    super(TITLE[code]);
    const retryAfter = RETRY_AFTER[code];
    this.headers = retryAfter === undefined ? headers : { "retry-after": String(retryAfter), ...headers };
    this.name = "HttpProblem";
    this.status = STATUS[code];
    const { field, expected } = details;
    const detail =
      details.detail ??
      (field === undefined
        ? TITLE[code]
        : `${TITLE[code]}: ${field === "" ? "the body" : field}, expected ${expected ?? "another value"}`);
    this.body = {
      type: `urn:corridor:problem:${code}`,
      title: TITLE[code],
      status: this.status,
      code,
      ...details,
      detail,
    };
  }
}

/** Of whatever needs the vault where the operator has set no key. */
export function vaultMissing(): HttpProblem {
  return new HttpProblem("record_key_missing", {
    detail: "The operator has to set CORRIDOR_RECORD_KEYS, under which records and documents are kept",
  });
}
