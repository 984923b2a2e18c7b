import { fastifyCookie } from "@fastify/cookie";
import Fastify, { type FastifyInstance, LogController } from "fastify";

import type { AccountView, PaymentList } from "../../sdk/client.ts";
import { parseAuthorization } from "../intake/authorization.ts";
import { readAccounts } from "../store/chain.ts";
import { listPayments } from "../store/payments.ts";
import { annotate, ATTRIBUTES } from "../tracing.ts";
import { operatorOnly, ownOnly } from "./access.ts";
import { addAdmission } from "./admission.ts";
import { addConsole } from "./console.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { addDocs } from "./docs.ts";
import { addEventRoutes } from "./events.ts";
import { addFailureHandlers, answerClientError, answerFrameworkError, refuseUnserved } from "./failures.ts";
import { addHoldRoutes } from "./holds.ts";
import { addInstructionRoutes } from "./instructions.ts";
import { addKeyRoutes } from "./keys.ts";
import { addMerchantReportRoute } from "./merchant-report.ts";
import { addMerchantRoutes } from "./merchants.ts";
import { addPaymentMessageRoute } from "./payment-messages.ts";
import { addPaymentRequestRoutes } from "./payment-requests.ts";
import { addPaymentStreamRoute } from "./payment-stream.ts";
import { showPayments } from "./payment-views.ts";
import { HttpProblem } from "./problem.ts";
import { addRequestSpans } from "./request-spans.ts";
import { ID_HEADER, requestId } from "./request-id.ts";
import { addQuoteRoutes } from "./quotes.ts";
import { findPaymentOr404, readAddress, readListQuery } from "./read.ts";
import { addRecordRoutes } from "./records.ts";
import { addReceiptRoute } from "./receipts.ts";
import { addReconciliationRoute } from "./reconciliation.ts";
import { addReportRoutes } from "./reports.ts";
import { addRequestLog } from "./request-log.ts";
import { type RouteTable, watchRoutes } from "./route-table.ts";
import { addSessionRoutes } from "./sessions.ts";
import { addStatementRoute } from "./statements.ts";
import { viewPayment } from "./views.ts";
import { addWebhookRoutes } from "./webhook-endpoints.ts";
import { addX402Routes } from "./x402.ts";

/** Room for two signatures of 4096 bytes in hex, and what they are over. */
const BODY_LIMIT = 18 * 1024;

/** Within which a whole request has to come: the largest, of 8 MiB, at 0.6 Mbit/s. */
const REQUEST_TIMEOUT_MS = 120_000;

export function createServer(deps: ApiDependencies): FastifyInstance {
  return createDescribedServer(deps).server;
}

/** The server, and what it serves. */
export function createDescribedServer(deps: ApiDependencies): {
  readonly server: FastifyInstance;
  readonly table: RouteTable;
} {
  const server: FastifyInstance = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request" }),
    genReqId: requestId,
    bodyLimit: BODY_LIMIT,
    trustProxy: deps.trustProxy === false ? false : [...deps.trustProxy],
    // Answered by failures.ts, as every failure is.
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { connectionsCheckingInterval: 1_000 },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
  });
  // A body is JSON, or what its route says.
  server.removeContentTypeParser("text/plain");
  const table = watchRoutes(server);
  void server.register(fastifyCookie);
  addRequestSpans(server);
  server.addHook("onRequest", (request, reply, done) => {
    void reply.header(ID_HEADER, request.id);
    const asksForWork = request.method !== "GET" && request.method !== "HEAD";
    // Before its body is read: what waits in memory is bounded.
    if (asksForWork && deps.isDraining()) done(new HttpProblem("draining"));
    else if (asksForWork && deps.isOverloaded()) done(new HttpProblem("overloaded"));
    else done();
  });
  addFailureHandlers(server, table);
  const limiter = addAdmission(server, deps);
  refuseUnserved(server, table);
  addRequestLog(server, deps.metrics);
  addDocs(server);
  addPaymentRoutes(server, deps);
  addReceiptRoute(server, deps);
  addPaymentRequestRoutes(server, deps);
  addMerchantRoutes(server, deps);
  addMerchantReportRoute(server, deps);
  addRecordRoutes(server, deps);
  addStatementRoute(server, deps);
  addReconciliationRoute(server, deps);
  addPaymentMessageRoute(server, deps);
  if (deps.acts !== undefined) addHoldRoutes(server, deps, deps.acts);
  if (deps.quotes !== undefined) addQuoteRoutes(server, deps, deps.quotes);
  addInstructionRoutes(server, deps);
  if (deps.facilitator !== undefined) addX402Routes(server, deps.facilitator);
  addReportRoutes(server, deps);
  addWebhookRoutes(server, deps);
  addEventRoutes(server, deps);
  addPaymentStreamRoute(server, deps);
  addKeyRoutes(server, deps);
  addSessionRoutes(server, deps, limiter);
  addOperationRoutes(server, deps);
  if (deps.console !== undefined) addConsole(server, deps.console, deps.log);
  return { server, table };
}

function addPaymentRoutes(server: FastifyInstance, deps: ApiDependencies): void {
  server.get("/v1/network", () => deps.network);

  server.post("/v1/payments", async (request, reply) => {
    const parsed = parseAuthorization(request.body);
    if (!parsed.ok) throw new HttpProblem(parsed.problem.code, parsed.problem);
    const result = await deps.intake.accept(parsed.authorization);
    switch (result.kind) {
      case "accepted":
        deps.metrics.accepted.inc();
        request.paymentId = result.payment.id;
        annotate({ [ATTRIBUTES.payment]: result.payment.id });
        return reply
          .code(202)
          .header("location", `/v1/payments/${result.payment.id}`)
          .send(viewPayment(result.payment));
      case "known":
        request.paymentId = result.payment.id;
        return reply.code(200).send((await showPayments(deps.database, [result.payment]))[0]);
      case "refused": {
        deps.metrics.refused.inc({ code: result.refusal.code });
        const { code, ...details } = result.refusal;
        throw new HttpProblem(code, details);
      }
    }
  });

  server.get<{ Params: { id: string } }>("/v1/payments/:id", async (request) => {
    const payment = await findPaymentOr404(deps.database, request.params.id);
    return (await showPayments(deps.database, [payment]))[0];
  });

  server.get<{ Querystring: Record<string, unknown> }>("/v1/payments", async (request): Promise<PaymentList> => {
    const caller = await deps.access.require(request, "payments:read");
    const { filter: asked, cursor, limit } = readListQuery(request.query);
    const filter = { ...asked, merchant: ownOnly(caller, "merchant", asked.merchant) };
    // One more than asked, to know whether there is a next page.
    const found = await listPayments(deps.database, filter, cursor, limit + 1);
    const page = found.slice(0, limit);
    return {
      payments: await showPayments(deps.database, page),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  });

  server.get<{ Params: { owner: string; token: string } }>("/v1/accounts/:owner/:token", async (request) => {
    const owner = readAddress("owner", request.params.owner);
    const token = readAddress("token", request.params.token);
    const [account] = await readAccounts(deps.database, [{ owner, token }], "look");
    const view: AccountView = {
      owner,
      token,
      balance: String(account?.balance ?? 0n),
      reserved: String(account?.reserved ?? 0n),
      nextNonce: String(account?.nextNonce ?? 0n),
      frozenUntil: String(account?.frozenUntil ?? 0n),
    };
    return view;
  });
}

function addOperationRoutes(server: FastifyInstance, deps: ApiDependencies): void {
  server.get("/livez", () => ({ status: "alive" }));

  server.get("/readyz", async () => {
    const { obstacles } = await deps.readiness();
    if (obstacles.length > 0) {
      const detail = obstacles.map((obstacle) => obstacle.detail).join("; ");
      throw new HttpProblem("not_ready", { detail, reasons: obstacles });
    }
    return { status: "ready" };
  });

  const config = { limit: deps.metricsOpen ? "none" : "reads" } as const;
  server.get("/metrics", { config }, async (request, reply) => {
    if (!deps.metricsOpen) operatorOnly(await deps.access.require(request, "reports:read"));
    const text = await deps.metrics.scrape();
    return reply.type(deps.metrics.contentType).send(text);
  });
}
