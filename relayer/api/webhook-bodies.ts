import { z } from "zod";

import { DELIVERY_STATES, EVENT_TYPES } from "../../sdk/webhooks.ts";
import { address, readProblem } from "../intake/authorization.ts";
import { KEPT_DAYS } from "../store/events.ts";
import { urlFault } from "../webhooks/address-policy.ts";
import { HttpProblem } from "./problem.ts";

const TYPES = `null, or some of ${EVENT_TYPES.join(", ")}`;
const eventTypes = z
  .array(z.enum(EVENT_TYPES, TYPES), TYPES)
  .min(1, TYPES)
  .transform((types) => [...new Set(types)])
  .nullable();

const url = (allowPrivate: boolean) =>
  z.string("a URL").transform((text, context) => {
    const fault = urlFault(text, allowPrivate);
    if (fault === undefined) return new URL(text).href;
    context.addIssue({ code: "custom", message: fault });
    return z.NEVER;
  });

const SEQUENCE = "a sequence: a whole number as a decimal string";
const sequence = z
  .string(SEQUENCE)
  .regex(/^(0|[1-9]\d{0,17})$/, SEQUENCE)
  .transform(BigInt);

const SINCE = `a time by ISO 8601, at most ${KEPT_DAYS} days ago`;
const replay = z.strictObject(
  {
    since: z.iso
      .datetime({ offset: true, error: SINCE })
      .transform((text) => new Date(text))
      .refine((since) => since.getTime() >= Date.now() - KEPT_DAYS * 86_400_000, SINCE),
    state: z.enum(DELIVERY_STATES, `one of ${DELIVERY_STATES.join(", ")}`).optional(),
    cursor: sequence.optional(),
  },
  "a JSON object",
);

/** What may be said of an endpoint. `merchant` is for the operator to say. */
export function readNewEndpoint(body: unknown, allowPrivate: boolean) {
  const schema = z.strictObject(
    { url: url(allowPrivate), eventTypes: eventTypes.optional(), merchant: address.optional() },
    "a JSON object",
  );
  return read(schema, body, "an endpoint");
}

export function readEndpointChange(body: unknown, allowPrivate: boolean) {
  const schema = z.strictObject(
    {
      url: url(allowPrivate).optional(),
      eventTypes: eventTypes.optional(),
      enabled: z.boolean("true or false").optional(),
    },
    "a JSON object",
  );
  return read(schema, body, "a change of an endpoint");
}

export function readReplay(body: unknown) {
  return read(replay, body, "since when to send again");
}

export function readSequence(field: string, text: string): bigint {
  const result = sequence.safeParse(text);
  if (!result.success) throw new HttpProblem("invalid_field", { field, expected: SEQUENCE });
  return result.data;
}

function read<T>(schema: z.ZodType<T>, body: unknown, whole: string): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { code, ...details } = readProblem(result.error, whole);
  throw new HttpProblem(code, details);
}
