import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { BAD_KEY, type KeyHolder } from "./access.ts";
import { readBearer } from "./api-key.ts";
import type { KeyRing } from "./key-ring.ts";
import { addLimiter, limitClassOf, type RateLimits } from "./rate-limits.ts";

/**
 * Before anything of a request is read: whose key came with it, and whether its client may ask this often. A key that came must
 * be good, also where none is needed.
 */
export function addAdmission(server: FastifyInstance, keyRing: KeyRing, limits: RateLimits | undefined): void {
  const limiter = addLimiter(server, limits);
  server.decorateRequest("holder", null);
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
    const { authorization } = request.headers;
    if (authorization === undefined) {
      if (limits === undefined) done();
      else
        limiter.count(limit, request, reply).then(() => {
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
}
