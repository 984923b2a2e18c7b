import type { FastifyInstance, FastifyReply } from "fastify";

import type { Facilitator } from "../x402/facilitator.ts";
import { readX402Request, type X402Request } from "../x402/request.ts";
import { HttpProblem } from "./problem.ts";

const OTHER_VERSION = { reason: "invalid_x402_version", message: "Version 2 is served here" };
const CONFLICT = "payment_identifier_conflict";

/**
 * x402's facilitator interface. A payment that is refused is answered by 200 and a reason, as x402 has it; a body that is
 * none, and an identifier that is another payload's, by a problem, which carries the members that x402's clients look for.
 */
export function addX402Routes(server: FastifyInstance, facilitator: Facilitator): void {
  const { network } = facilitator;

  server.get("/x402/supported", () => facilitator.supported());

  server.post("/x402/verify", async (request, reply) => {
    const asked = readRequest(request.body);
    if (asked === undefined) {
      return { isValid: false, invalidReason: OTHER_VERSION.reason, invalidMessage: OTHER_VERSION.message };
    }
    const answer = await facilitator.verify(asked);
    return answer === "conflict" ? sendConflict(reply, { isValid: false, invalidReason: CONFLICT }) : answer;
  });

  server.post("/x402/settle", async (request, reply) => {
    const asked = readRequest(request.body);
    const failed = { success: false, transaction: "", network };
    if (asked === undefined) {
      return { ...failed, errorReason: OTHER_VERSION.reason, errorMessage: OTHER_VERSION.message };
    }
    const answer = await facilitator.settle(asked);
    return answer === "conflict" ? sendConflict(reply, { ...failed, errorReason: CONFLICT }) : answer;
  });
}

/** @returns `undefined` of another version. */
function readRequest(body: unknown): X402Request | undefined {
  const read = readX402Request(body);
  switch (read.kind) {
    case "request":
      return read.request;
    case "other_version":
      return undefined;
    case "problem":
      throw new HttpProblem(read.problem.code, read.problem);
  }
}

function sendConflict(reply: FastifyReply, members: Readonly<Record<string, unknown>>): FastifyReply {
  const field = "paymentPayload.extensions.payment-identifier.info.id";
  const { status, body } = new HttpProblem("payment_identifier_reused", { field, expected: "the first one's payload" });
  return reply
    .code(status)
    .type("application/problem+json")
    .send({ ...body, ...members });
}
