import { createHash, timingSafeEqual } from "node:crypto";

import type { FastifyRequest } from "fastify";

import { HttpProblem } from "./problem.ts";

/** Who asks. */
export interface Caller {
  /** Null: the operator. */
  readonly merchant: string | null;
}

export interface Access {
  /** @throws HttpProblem `unauthorized` unless the request carries a key with this scope. */
  require(request: FastifyRequest, scope: string): Promise<Caller>;
}

/** The operator alone, by the key of the configuration. */
export function createAccess(operatorKey: string | undefined): Access {
  return {
    require(request) {
      const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
      if (operatorKey !== undefined && given !== undefined && timingSafeEqual(hash(given), hash(operatorKey))) {
        return Promise.resolve({ merchant: null });
      }
      return Promise.reject(
        new HttpProblem("unauthorized", { field: "authorization", expected: "Bearer and the operator's key" }),
      );
    },
  };
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
