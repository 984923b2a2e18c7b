import { createHash } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";

import type { Database } from "../store/database.ts";
import { abandonRequest, beginRequest, finishRequest, type StoredAnswer } from "../store/idempotency.ts";
import { HttpProblem } from "./problem.ts";

const HEADER = "idempotency-key";

/**
 * Does `work` once for each `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header) and repeats its answer. A
 * refusal frees the key, as nothing was done. Each caller has keys of her own, whichever of her API keys she sends. If a process dies between doing and answering, the next one with the key
 * does the work again: it has to find by itself what was done.
 * @param work Given a name of its own for the request, the same each time.
 */
export async function idempotently(
  database: Database,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (requestName: string) => Promise<StoredAnswer>,
): Promise<FastifyReply> {
  const key = request.headers[HEADER];
  if (typeof key !== "string" || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new HttpProblem("idempotency_key_missing", {
      field: HEADER,
      expected: "a header of 1 to 255 printable characters",
    });
  }
  // Without the query, which nothing here reads and which may be longer than an index bears.
  const scope = `${callerOf(request)} ${request.method} ${request.url.split("?", 1).join()}`;
  const fingerprint = sha256(JSON.stringify(request.body));
  const begun = await beginRequest(database, { scope, key, fingerprint });
  switch (begun.kind) {
    case "answered":
      return reply.code(begun.answer.status).header("idempotent-replayed", "true").send(begun.answer.body);
    case "in_flight":
      throw new HttpProblem("idempotency_key_in_flight", { field: HEADER, expected: "another try, later" });
    case "other_request":
      throw new HttpProblem("idempotency_key_reused", { field: HEADER, expected: "a key of its own for each request" });
    case "begun":
  }
  try {
    const answer = await work(sha256(`${scope}\n${key}\n${fingerprint}`));
    await finishRequest(database, scope, key, answer);
    return await reply.code(answer.status).send(answer.body);
  } catch (error) {
    await abandonRequest(database, scope, key);
    throw error;
  }
}

/** Stays the same when a caller's API key is rotated or replaced. */
function callerOf({ holder }: FastifyRequest): string {
  if (holder === null) return "anyone";
  return holder.merchant ?? "operator";
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
