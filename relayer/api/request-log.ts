import type { FastifyInstance } from "fastify";

import type { Metrics } from "../metrics.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The payment that the request turned out to be about, where its path does not say so. */
    paymentId: string | null;
  }
}

/** Measures how each request ended, and logs it at debug. */
export function addRequestLog(server: FastifyInstance, metrics: Metrics): void {
  server.decorateRequest("paymentId", null);
  server.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    const { method } = request;
    const status = reply.statusCode;
    metrics.requestSeconds.observe({ method, route, status: String(status) }, reply.elapsedTime / 1000);
    if (request.log.level === "debug" || request.log.level === "trace") {
      const payment = request.paymentId ?? paymentIn(route, request.params);
      const ms = Math.round(reply.elapsedTime * 10) / 10;
      const key = request.holder?.id;
      request.log.debug({ method, route, status, ms, ...(payment && { payment }), ...(key && { key }) }, "answered");
    }
    done();
  });
}

function paymentIn(route: string, params: unknown): string | undefined {
  if (!route.startsWith("/v1/payments/:id")) return undefined;
  return (params as { readonly id?: string } | null)?.id;
}
