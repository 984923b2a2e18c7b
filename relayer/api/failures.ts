import type { Socket } from "node:net";

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { AppError } from "../app-error.ts";
import { isTransient } from "../store/transient.ts";
import { HttpProblem } from "./problem.ts";
import { ID_HEADER } from "./request-id.ts";
import type { RouteTable } from "./route-table.ts";

const PROBLEM_TYPE = "application/problem+json";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The type of body that a route takes, if it is not JSON. */
    takes?: string;
  }
}

/** Whatever goes wrong is answered by RFC 9457. */
export function addFailureHandlers(server: FastifyInstance, table: RouteTable): void {
  let isClosing = false;
  server.addHook("preClose", (done) => {
    isClosing = true;
    done();
  });
  server.addHook("onRequest", (_request, _reply, done) => {
    if (isClosing) done(new HttpProblem("not_ready", { detail: "This relayer is about to stop. Try again." }));
    else done();
  });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error, request);
    if (problem.status === 500) request.log.error({ err: error }, "request failed");
    else if (problem.status > 500 && !(error instanceof HttpProblem))
      request.log.warn({ err: error }, "request failed");
    // The framework would close: a client that still sends is then reset, and may never read why. What still comes is
    // read and thrown away, for as long as a request may take.
    if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") reply.removeHeader("connection");
    return sendProblem(reply, problem);
  });
  server.setNotFoundHandler((request) => {
    throw unserved(request, table);
  });
}

/** Answers what no route serves before its body is read. To be added behind what counts requests. */
export function refuseUnserved(server: FastifyInstance, table: RouteTable): void {
  server.addHook("onRequest", (request, _reply, done) => {
    if (request.is404) done(unserved(request, table));
    else done();
  });
}

function unserved({ url, method }: FastifyRequest, table: RouteTable): HttpProblem {
  const methods = table.methodsAt(url.split("?", 1).join());
  // Of a method that is served there, a file is missing.
  if (methods.length === 0 || methods.includes(method))
    return new HttpProblem("not_found", { detail: `Nothing is served at ${url}` });
  const allow = methods.join(", ");
  return new HttpProblem("method_not_allowed", { field: "method", expected: allow }, { allow });
}

/** What the framework says of a request that gets to no route. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  // No hook has seen it.
  void reply.header(ID_HEADER, request.id);
  const problem =
    error.code === "FST_ERR_MAX_PARAM_LENGTH"
      ? new HttpProblem("invalid_field", { field: "path", expected: "no id of more than 100 characters" })
      : new HttpProblem("malformed_request", { field: "path", expected: "a path with valid percent-encoding" });
  sendProblem(reply, problem);
}

/** What does not get to the framework, as it is no HTTP. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (socket.writable) {
    const { status, title, body } = clientProblem(error.code);
    const text = JSON.stringify(body);
    socket.write(
      `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
        `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }
  socket.destroy(error);
}

function clientProblem(code: string | undefined): { status: number; title: string; body: unknown } {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return named(new HttpProblem("request_timeout"), "Request Timeout");
    case "HPE_HEADER_OVERFLOW":
      return named(new HttpProblem("headers_too_large"), "Request Header Fields Too Large");
    case undefined:
    default:
      return named(new HttpProblem("malformed_request", { field: "", expected: "HTTP/1.1" }), "Bad Request");
  }
}

function named({ status, body }: HttpProblem, title: string) {
  return { status, title, body };
}

function toProblem(error: FastifyError, { routeOptions }: FastifyRequest): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof AppError && error.retriable) return new HttpProblem("not_ready", { detail: error.message });
  if (isTransient(error)) return new HttpProblem("not_ready", { detail: "The database does not answer. Try again." });
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new HttpProblem("body_too_large", { expected: `at most ${routeOptions.bodyLimit} bytes` });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new HttpProblem("unsupported_media_type", { expected: routeOptions.config.takes ?? "application/json" });
    default:
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new HttpProblem("malformed_body", { expected: "a JSON object" });
  }
  return new HttpProblem("internal");
}

function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  void reply.headers(problem.headers);
  if (problem.status === 503 && !reply.hasHeader("retry-after")) void reply.header("retry-after", "5");
  return reply.code(problem.status).type(PROBLEM_TYPE).send(problem.body);
}
