import swagger, { type StaticDocumentSpec } from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

import { openApiDocument } from "./schemas/document.ts";

/**
 * The description at `/docs`, `/docs/json` and `/docs/yaml`. It stands beside the routes, which parse for themselves: no request
 * is checked against it on its way, but by the tests.
 */
export function addDocs(server: FastifyInstance): void {
  // The plugin's type knows version 3.0 only.
  const document = openApiDocument() as unknown as StaticDocumentSpec["document"];
  void server.register(swagger, { mode: "static", specification: { document } });
  void server.register(swaggerUi, {
    routePrefix: "/docs",
    // Nothing of it goes to, or comes from, another place.
    uiConfig: { validatorUrl: null, deepLinking: true },
    staticCSP: {
      "default-src": ["'none'"],
      "script-src": ["'self'"],
      "style-src": ["'self'", "'unsafe-inline'"],
      "img-src": ["'self'", "data:"],
      "connect-src": ["'self'"],
      "base-uri": ["'none'"],
      "frame-ancestors": ["'none'"],
    },
  });
}
