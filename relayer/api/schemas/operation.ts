import type { Scope } from "../access.ts";
import type { ProblemCode } from "../problem.ts";
import type { JsonSchema } from "./json-schema.ts";

export const TAGS = {
  payments: "Signed payments, and what became of them",
  holds: "Acts on holds, and the documents behind their evidence",
  "payment requests": "What merchants ask to be paid",
  quotes: "What a payment in another currency costs",
  instructions: "What owners sign about their accounts beside payments",
  records: "What payments are for: kept encrypted, shown in part, corrected, erased",
  reports: "What a day came to",
  webhooks: "Events of payments, and where they are sent",
  x402: "Payments over HTTP 402, past the accounts",
  sessions: "Merchants who sign in by a browser",
  keys: "Who may see and ask what",
  service: "What a client or an operator needs to know of this relayer",
} as const;

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, JsonSchema>>;
  /** By media type; an empty schema stands for bytes of any kind. Absent: there is no body. */
  readonly content?: Readonly<Record<string, JsonSchema>>;
}

/** One route, described. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As the route has it: `/v1/payments/:id`. */
  readonly path: string;
  /** Unique; what generated clients call it. */
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  readonly summary: string;
  readonly description?: string;
  /** `open`: a signature or an id that cannot be guessed is the authority. `unlimited`: open, and not counted either. */
  readonly access: Scope | "open" | "unlimited";
  readonly params?: Readonly<Record<string, JsonSchema>>;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  readonly requiredQuery?: readonly string[];
  /** Headers that a request may have, beside `Idempotency-Key`. */
  readonly headers?: Readonly<Record<string, JsonSchema>>;
  /** Whether it needs an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  readonly body?: { readonly content: Readonly<Record<string, JsonSchema>>; readonly required?: boolean };
  readonly answers: Readonly<Record<number, Answer>>;
  /** Beside those that every operation of its kind has. */
  readonly problems: readonly ProblemCode[];
}

export function json(description: string, schema: JsonSchema, headers?: Readonly<Record<string, JsonSchema>>): Answer {
  return { description, content: { "application/json": schema }, ...(headers === undefined ? {} : { headers }) };
}

export function jsonBody(schema: JsonSchema, required = true) {
  return { content: { "application/json": schema }, required };
}

/** What a field can have wrong by itself. */
export const FIELD = ["invalid_field", "bad_checksum", "amount_out_of_range"] as const satisfies readonly ProblemCode[];
/** What ids, filters and pages can have wrong. */
export const PARAMETER = ["invalid_field", "bad_checksum"] as const satisfies readonly ProblemCode[];

export const LOCATION = { type: "string", examples: ["/v1/payments/0x9c22"], description: "Where it can be read." };
