import { OBSTACLES } from "../../readiness.ts";
import { STATUS } from "../problem.ts";
import { answered, described, type JsonSchema, listOf, oneOf } from "./json-schema.ts";

/** RFC 9457. */
export const PROBLEM: JsonSchema = {
  type: "object",
  properties: {
    type: { type: "string", pattern: "^urn:corridor:problem:", examples: ["urn:corridor:problem:nonce_used"] },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(STATUS), description: "Stable." },
    detail: { type: "string" },
    field: {
      type: "string",
      description: "What is wrong: a member of the body, by its path, a parameter or a header.",
    },
    expected: { type: "string", description: "What would have been right." },
    paymentId: { type: "string", description: "The payment that stands in the way." },
    actId: { type: "string", description: "The act that stands in the way." },
    instructionId: { type: "string", description: "The instruction that stands in the way." },
    reasons: described(
      listOf(answered({ code: oneOf(OBSTACLES), detail: { type: "string" } })),
      "Of `/readyz`: all that keeps the relayer from its work.",
    ),
  },
  required: ["type", "title", "status", "code", "detail"],
};
