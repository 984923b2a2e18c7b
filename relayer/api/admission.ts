import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { Database } from "../store/database.ts";
import { findSession } from "../store/sessions.ts";
import { BAD_KEY, type KeyHolder, sessionHolder } from "./access.ts";
import { readBearer } from "./api-key.ts";
import type { KeyRing } from "./key-ring.ts";
import { HttpProblem } from "./problem.ts";
import { addLimiter, limitClassOf, type LimitClass, type Limiter, type RateLimits } from "./rate-limits.ts";
import { isSameOrigin } from "./request-site.ts";
import { readSessionCookie } from "./session-cookie.ts";

interface AdmissionDependencies {
  readonly database: Database;
  readonly keyRing: KeyRing;
  readonly rateLimits: RateLimits | undefined;
}

/**
 * Before anything of a request is read: whose key or session came with it, and whether its client may ask this often. A key
 * that came must be good, also where none is needed, and is what counts beside a session. A session that is past is nobody's.
 */
export function addAdmission(
  server: FastifyInstance,
  { database, keyRing, rateLimits: limits }: AdmissionDependencies,
): Limiter {
  const limiter = addLimiter(server, limits);
  server.decorateRequest("holder", null);
  server.decorateRequest("session", null);
  server.addHook("onRoute", (route) => {
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    route.config = { limit: limitClassOf(methods[0] ?? "GET", route.url), ...route.config };
  });
  server.addHook("onRequest", (request, reply, done) => {
    const limit = request.is404 ? "reads" : (request.routeOptions.config.limit ?? "reads");
    if (limit === "none") {
      done();
      return;
    }
    const { authorization, cookie } = request.headers;
    if (authorization === undefined) {
      const secretHash = readSessionCookie(cookie);
      if (secretHash === undefined && limits === undefined) done();
      else
        admitBySession(request, reply, limit, secretHash).then(() => {
          done();
        }, done);
      return;
    }
    admit(request, reply, authorization)
      .then((holder) => {
        request.holder = holder;
        // Whoever may ask for quotes by her key may do so as often as she may write.
        return limiter.count(limit === "quotes" && holder.scopes.includes("quotes") ? "writes" : limit, request, reply);
      })
      .then(() => {
        done();
      }, done);
  });
  return limiter;

  async function admit(request: FastifyRequest, reply: FastifyReply, authorization: string): Promise<KeyHolder> {
    const text = readBearer(authorization);
    const known = text === undefined ? undefined : keyRing.recall(text);
    if (known !== undefined) return known;
    // Who guesses costs no more look-ups than she may fail; who shares her address and has a good key is let through.
    const isLookedUp = text !== undefined && (keyRing.isFamiliar(text) || !(await limiter.hasFailedTooOften(request)));
    const found = isLookedUp ? await keyRing.find(text) : undefined;
    if (found !== undefined) return found;
    await limiter.count("failures", request, reply);
    throw BAD_KEY;
  }

  async function admitBySession(
    request: FastifyRequest,
    reply: FastifyReply,
    limit: Exclude<LimitClass, "none">,
    secretHash: Buffer | undefined,
  ): Promise<void> {
    // By address, before the database is asked: cookies are made up as easily as addresses that sign in.
    await limiter.count(limit, request, reply);
    const session = secretHash === undefined ? undefined : await findSession(database, secretHash);
    if (session === undefined) return;
    const changesSomething = request.method !== "GET" && request.method !== "HEAD";
    if (changesSomething && !isSameOrigin(request)) {
      throw new HttpProblem("forbidden", { field: "origin", expected: `a page of ${request.host}, or a key` });
    }
    request.session = session;
    request.holder = sessionHolder(session);
  }
}
