import { SESSION_COOKIE } from "../session-cookie.ts";
import { type ProblemCode, STATUS, TITLE } from "../problem.ts";
import { EVENT_OPERATIONS, EVENT_SCHEMAS } from "./events.ts";
import { exampleOf } from "./example.ts";
import { HOLD_OPERATIONS, HOLD_SCHEMAS } from "./holds.ts";
import { INSTRUCTION_OPERATIONS, INSTRUCTION_SCHEMAS } from "./instructions.ts";
import { type JsonSchema, ref } from "./json-schema.ts";
import { KEY_OPERATIONS, KEY_SCHEMAS } from "./keys.ts";
import { type Answer, type Operation, TAGS } from "./operation.ts";
import { REQUEST_OPERATIONS, REQUEST_SCHEMAS } from "./payment-requests.ts";
import { PAYMENT_OPERATIONS, PAYMENT_SCHEMAS } from "./payments.ts";
import { PROBLEM } from "./problem.ts";
import { QUOTE_OPERATIONS, QUOTE_SCHEMAS } from "./quotes.ts";
import { RECORD_OPERATIONS, RECORD_SCHEMAS } from "./records.ts";
import { RECEIPT_OPERATIONS, RECEIPT_SCHEMAS } from "./receipts.ts";
import { RECONCILIATION_OPERATIONS, RECONCILIATION_SCHEMAS } from "./reconciliation.ts";
import { REPORT_OPERATIONS, REPORT_SCHEMAS } from "./reports.ts";
import { STATEMENT_OPERATIONS, STATEMENT_SCHEMAS } from "./statements.ts";
import { SERVICE_OPERATIONS, SERVICE_SCHEMAS } from "./service.ts";
import { SESSION_OPERATIONS, SESSION_SCHEMAS } from "./sessions.ts";
import { WEBHOOK_OPERATIONS, WEBHOOK_SCHEMAS, WEBHOOKS } from "./webhooks.ts";
import { X402_OPERATIONS, X402_SCHEMAS } from "./x402.ts";

/** Every route that is described. Whoever adds a route adds its description to one of these, or another list here. */
export const OPERATIONS: readonly Operation[] = [
  ...PAYMENT_OPERATIONS,
  ...RECEIPT_OPERATIONS,
  ...HOLD_OPERATIONS,
  ...REQUEST_OPERATIONS,
  ...QUOTE_OPERATIONS,
  ...INSTRUCTION_OPERATIONS,
  ...RECORD_OPERATIONS,
  ...REPORT_OPERATIONS,
  ...RECONCILIATION_OPERATIONS,
  ...STATEMENT_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...X402_OPERATIONS,
  ...KEY_OPERATIONS,
  ...SESSION_OPERATIONS,
  ...SERVICE_OPERATIONS,
];

const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Problem: PROBLEM,
  ...PAYMENT_SCHEMAS,
  ...RECEIPT_SCHEMAS,
  ...HOLD_SCHEMAS,
  ...REQUEST_SCHEMAS,
  ...QUOTE_SCHEMAS,
  ...INSTRUCTION_SCHEMAS,
  ...RECORD_SCHEMAS,
  ...REPORT_SCHEMAS,
  ...RECONCILIATION_SCHEMAS,
  ...STATEMENT_SCHEMAS,
  ...EVENT_SCHEMAS,
  ...WEBHOOK_SCHEMAS,
  ...X402_SCHEMAS,
  ...KEY_SCHEMAS,
  ...SESSION_SCHEMAS,
  ...SERVICE_SCHEMAS,
};

const DESCRIPTION = `Settlement of payments that are signed off chain.

Amounts are decimal strings of smallest units. Whatever is refused is answered by RFC 9457, \`application/problem+json\`, with a
stable \`code\`; where a field is to blame, with its name and what was expected.

A key goes into \`Authorization: Bearer\`. Where an operation is open without one, a signature or an id that cannot be guessed is
the authority; a key that comes all the same must be good. Requests are counted by key, or else by address. A browser that has
signed in has a cookie instead of a key, and can do all that a merchant can.

What belongs to a contract that this relayer does not serve is answered with \`not_found\`.`;

/** The description of the HTTP interface by OpenAPI 3.1. */
export function openApiDocument(): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    const path = operation.path.replace(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[operation.method] = describeOperation(operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Corridor",
      version: "0.1.0",
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The relayer that serves this description." }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: WEBHOOKS,
    components: {
      schemas: SCHEMAS,
      headers: { RequestId: describeRequestId() },
      responses: Object.fromEntries(SHARED.map((code) => [code, problemAnswer(STATUS[code], [code])])),
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "corridor_<id>_<secret>",
          description: "A key of this relayer, with the scope that the operation names.",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: SESSION_COOKIE,
          description:
            "A merchant who signed in by a browser. What changes something needs the page's own Origin beside it.",
        },
      },
    },
  };
}

function describeOperation(operation: Operation): Readonly<Record<string, unknown>> {
  const { id, tag, summary, description, access, body, answers } = operation;
  const answered = Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)] as const);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: securityOf(access),
    ...parametersOf(operation),
    ...(body === undefined ? {} : { requestBody: { required: body.required ?? true, content: media(body.content) } }),
    responses: Object.fromEntries([...answered, ...problemsOf(operation)]),
  };
}

function securityOf(access: Operation["access"]): readonly object[] {
  if (access === "unlimited") return [];
  return access === "open" ? [{}, { apiKey: [] }, { session: [] }] : [{ apiKey: [access] }, { session: [] }];
}

function parametersOf({ params = {}, query = {}, requiredQuery = [], headers = {}, idempotent }: Operation): object {
  const parameter = (place: string, name: string, schema: JsonSchema, required: boolean) => {
    const { description, ...rest } = schema;
    return { name, in: place, required, ...(description === undefined ? {} : { description }), schema: rest };
  };
  const parameters = [
    ...Object.entries(params).map(([name, schema]) => parameter("path", name, schema, true)),
    ...Object.entries(query).map(([name, schema]) => parameter("query", name, schema, requiredQuery.includes(name))),
    ...Object.entries(headers).map(([name, schema]) => parameter("header", name, schema, false)),
    ...(idempotent === true ? [parameter("header", "Idempotency-Key", IDEMPOTENCY_KEY, true)] : []),
  ];
  return parameters.length === 0 ? {} : { parameters };
}

const IDEMPOTENCY_KEY = {
  type: "string",
  pattern: "^[\\x21-\\x7e]{1,255}$",
  examples: ["0b1e6a52-3a49-4f57-9a0e-2f6f6c1d8f11"],
  description: "The same for each try of the same request; each caller has her own.",
};

function describeAnswer({ description, headers, content }: Answer): object {
  return { description, headers: headersOf(headers), ...(content === undefined ? {} : { content: media(content) }) };
}

/** In every answer, so described once. */
function describeRequestId(): object {
  const schema = {
    type: "string",
    pattern: "^[A-Za-z0-9_.\\-]{1,64}$",
    examples: ["0b1e6a52-3a49-4f57-9a0e-2f6f6c1d8f11"],
  };
  return { description: "By which the relayer's log has the request: the caller's own, or one made here.", schema };
}

function headersOf(headers: Readonly<Record<string, JsonSchema>> = {}): object {
  const own = Object.entries(headers).map(([name, schema]): [string, object] => [name, { schema }]);
  return Object.fromEntries([...own, ["X-Request-Id", { $ref: "#/components/headers/RequestId" }] as [string, object]]);
}

function media(content: Readonly<Record<string, JsonSchema>>): object {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => {
      if (Object.keys(schema).length === 0) return [type, {}];
      return [type, { schema, example: exampleOf(schema, SCHEMAS) }];
    }),
  );
}

const BODY_CODES: readonly ProblemCode[] = ["malformed_body", "body_too_large", "unsupported_media_type"];
const IDEMPOTENCY_CODES: readonly ProblemCode[] = [
  "idempotency_key_missing",
  "idempotency_key_in_flight",
  "idempotency_key_reused",
];

/** What an operation can be refused with: its own problems, and those that come with its kind. */
export function problemCodesOf({ method, access, params, idempotent, problems }: Operation): readonly ProblemCode[] {
  const codes: readonly ProblemCode[] = [
    ...problems,
    ...(params === undefined ? [] : (["malformed_request"] as const)),
    ...(method === "get" ? [] : BODY_CODES),
    ...(idempotent === true ? IDEMPOTENCY_CODES : []),
    ...(access === "unlimited" ? [] : (["unauthorized", "rate_limited"] as const)),
    // On open ones only of a session that another site's page uses.
    ...(access === "unlimited" || (access === "open" && method === "get") ? [] : (["forbidden"] as const)),
    ...(method === "get" ? [] : (["draining", "overloaded"] as const)),
    "not_ready",
    "internal",
  ];
  return [...new Set(codes)];
}

const HEADERS: Readonly<Partial<Record<number, Readonly<Record<string, JsonSchema>>>>> = {
  401: { "WWW-Authenticate": { type: "string", examples: ['Bearer realm="corridor"'] } },
  429: {
    "Retry-After": { type: "string", examples: ["12"], description: "Seconds." },
    "RateLimit-Limit": { type: "string", examples: ["6000"] },
    "RateLimit-Remaining": { type: "string", examples: ["0"] },
    "RateLimit-Reset": { type: "string", examples: ["12"], description: "Seconds." },
  },
  503: { "Retry-After": { type: "string", examples: ["5"], description: "Seconds." } },
};

function problemsOf(operation: Operation): readonly (readonly [string, object])[] {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemCodesOf(operation)) {
    const status = STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return [...byStatus]
    .sort(([one], [other]) => one - other)
    .map(([status, codes]) => {
      const [only] = codes;
      const isShared = codes.length === 1 && only !== undefined && SHARED.includes(only);
      return [String(status), isShared ? { $ref: `#/components/responses/${only}` } : problemAnswer(status, codes)];
    });
}

/** Problems that most operations have, described once. */
const SHARED: readonly ProblemCode[] = [
  "unauthorized",
  "forbidden",
  "body_too_large",
  "unsupported_media_type",
  "rate_limited",
  "internal",
  "not_ready",
];

function problemAnswer(status: number, codes: readonly ProblemCode[]): object {
  const [code = "internal"] = codes;
  const headers = HEADERS[status];
  const schema = { allOf: [ref("Problem"), { properties: { code: { enum: codes } } }] };
  const example = { type: `urn:corridor:problem:${code}`, title: TITLE[code], status, code, detail: TITLE[code] };
  return {
    description: codes.map((each) => `\`${each}\`: ${TITLE[each]}.`).join(" "),
    headers: headersOf(headers),
    content: { "application/problem+json": { schema, example } },
  };
}
