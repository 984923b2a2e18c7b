import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";

import type { AccountView, PaymentList, PaymentView } from "../../sdk/client.ts";
import { AppError } from "../app-error.ts";
import { parseAuthorization } from "../intake/authorization.ts";
import { readAccounts } from "../store/chain.ts";
import { findHold, findHolds, heldAs } from "../store/holds.ts";
import { readRefunds } from "../store/fx.ts";
import { listPayments, type PaymentRecord } from "../store/payments.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { addHoldRoutes } from "./holds.ts";
import { addInstructionRoutes } from "./instructions.ts";
import { addPaymentRequestRoutes } from "./payment-requests.ts";
import { HttpProblem } from "./problem.ts";
import { addQuoteRoutes } from "./quotes.ts";
import { findPaymentOr404, readAddress, readListQuery } from "./read.ts";
import { addReportRoutes } from "./reports.ts";
import { viewPayment } from "./views.ts";
import { addX402Routes } from "./x402.ts";

/** Room for two signatures of 4096 bytes in hex, and what they are over. */
const BODY_LIMIT = 18 * 1024;

export function createServer(deps: ApiDependencies): FastifyInstance {
  const server = Fastify({ loggerInstance: deps.log, bodyLimit: BODY_LIMIT, disableRequestLogging: true });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error);
    if (problem.status >= 500) request.log.error({ err: error }, "request failed");
    return sendProblem(reply, problem);
  });
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new HttpProblem("not_found", { detail: `${request.method} ${request.url} is not served here` })),
  );
  server.addHook("onResponse", (request, reply, done) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? "none",
      status: String(reply.statusCode),
    };
    deps.metrics.requestSeconds.observe(labels, reply.elapsedTime / 1000);
    done();
  });
  addPaymentRoutes(server, deps);
  addPaymentRequestRoutes(server, deps);
  if (deps.acts !== undefined) addHoldRoutes(server, deps, deps.acts);
  if (deps.quotes !== undefined) addQuoteRoutes(server, deps, deps.quotes);
  addInstructionRoutes(server, deps);
  if (deps.facilitator !== undefined) addX402Routes(server, deps.facilitator);
  addReportRoutes(server, deps);
  addOperationRoutes(server, deps);
  return server;
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
        return reply
          .code(202)
          .header("location", `/v1/payments/${result.payment.id}`)
          .send(viewPayment(result.payment));
      case "known":
        return reply.code(200).send(await showPayment(deps, result.payment));
      case "refused": {
        deps.metrics.refused.inc({ code: result.refusal.code });
        const { code, ...details } = result.refusal;
        throw new HttpProblem(code, details);
      }
    }
  });

  server.get<{ Params: { id: string } }>("/v1/payments/:id", async (request) => {
    const payment = await findPaymentOr404(deps.database, request.params.id);
    return showPayment(deps, payment);
  });

  server.get<{ Querystring: Record<string, unknown> }>("/v1/payments", async (request): Promise<PaymentList> => {
    const { filter, cursor, limit } = readListQuery(request.query);
    // One more than asked, to know whether there is a next page.
    const found = await listPayments(deps.database, filter, cursor, limit + 1);
    const page = found.slice(0, limit);
    const holds = await findHolds(
      deps.database,
      page.flatMap((payment) => heldAs(payment) ?? []),
    );
    const holdOf = new Map(holds.map((hold) => [hold.id, hold]));
    const refunds = await readRefunds(
      deps.database,
      page.flatMap(({ id, fx }) => (fx === null ? [] : [id])),
    );
    return {
      payments: page.map((payment) => viewPayment(payment, holdOf.get(heldAs(payment) ?? ""), refunds.get(payment.id))),
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

async function showPayment({ database }: ApiDependencies, payment: PaymentRecord): Promise<PaymentView> {
  const refunds = payment.fx === null ? undefined : await readRefunds(database, [payment.id]);
  return viewPayment(payment, await findHold(database, payment), refunds?.get(payment.id));
}

function addOperationRoutes(server: FastifyInstance, deps: ApiDependencies): void {
  server.get("/livez", () => ({ status: "alive" }));

  server.get("/readyz", async () => {
    const problems = await deps.readiness();
    if (problems.length > 0) throw new HttpProblem("not_ready", { detail: problems.join("; ") });
    return { status: "ready" };
  });

  server.get("/metrics", async (_request, reply) => {
    const text = await deps.metrics.registry.metrics();
    return reply.type(deps.metrics.registry.contentType).send(text);
  });
}

function toProblem(error: FastifyError): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof AppError && error.retriable) return new HttpProblem("not_ready", { detail: error.message });
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new HttpProblem("body_too_large", { expected: `at most ${BODY_LIMIT} bytes` });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new HttpProblem("unsupported_media_type", { expected: "application/json" });
    default:
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new HttpProblem("malformed_body", { expected: "a JSON object" });
  }
  return new HttpProblem("internal");
}

function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  return reply.code(problem.status).type("application/problem+json").send(problem.body);
}
