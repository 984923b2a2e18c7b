import { type Span, SpanStatusCode } from "@opentelemetry/api";
import type { FastifyInstance, FastifyRequest } from "fastify";

import { beginRequest, isTracing } from "../tracing.ts";

/** Asked for every few seconds, by machines. */
const UNTRACED = ["/livez", "/readyz", "/metrics"];

/** Gives each request a span, by the semantic conventions for HTTP servers. Adds nothing where traces are sent nowhere. */
export function addRequestSpans(server: FastifyInstance): void {
  if (!isTracing()) return;
  const spans = new WeakMap<FastifyRequest, Span>();
  server.addHook("onRequest", (request, _reply, done) => {
    const route = request.routeOptions.url ?? "none";
    if (UNTRACED.includes(route)) {
      done();
      return;
    }
    const span = beginRequest(
      request.headers.traceparent,
      `${request.method} ${route}`,
      { "http.request.method": request.method, "http.route": route, "corridor.request": request.id },
      done,
    );
    spans.set(request, span);
  });
  server.addHook("onResponse", (request, reply, done) => {
    const span = spans.get(request);
    span?.setAttribute("http.response.status_code", reply.statusCode);
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}
