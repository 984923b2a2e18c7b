import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import { getAddress, isHexString } from "ethers";

import type { AccountView, NetworkView, PaymentView } from "../../sdk/client.ts";
import { parseAuthorization } from "../intake/authorization.ts";
import type { Intake } from "../intake/intake.ts";
import type { Metrics } from "../metrics.ts";
import { readAccounts } from "../store/chain.ts";
import type { Database } from "../store/database.ts";
import { findPayment, type PaymentRecord } from "../store/payments.ts";
import { HttpProblem } from "./problem.ts";

export interface ApiDependencies {
  readonly database: Database;
  readonly intake: Intake;
  readonly network: NetworkView;
  readonly metrics: Metrics;
  readonly log: FastifyBaseLogger;
  /** Why the relayer cannot do its work now; empty if it can. */
  readonly readiness: () => Promise<readonly string[]>;
}

const BODY_LIMIT = 16 * 1024;

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
        return reply.code(200).send(viewPayment(result.payment));
      case "refused": {
        deps.metrics.refused.inc({ code: result.refusal.code });
        const { code, ...details } = result.refusal;
        throw new HttpProblem(code, details);
      }
    }
  });

  server.get<{ Params: { id: string } }>("/v1/payments/:id", async (request) => {
    const { id } = request.params;
    if (!isHexString(id, 32)) throw new HttpProblem("invalid_field", { field: "id", expected: "0x and 64 hex digits" });
    const payment = await findPayment(deps.database, id.toLowerCase());
    if (payment === undefined) throw new HttpProblem("not_found", { detail: `There is no payment ${id}` });
    return viewPayment(payment);
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
    const problems = await deps.readiness();
    if (problems.length > 0) throw new HttpProblem("not_ready", { detail: problems.join("; ") });
    return { status: "ready" };
  });

  server.get("/metrics", async (_request, reply) => {
    const text = await deps.metrics.registry.metrics();
    return reply.type(deps.metrics.registry.contentType).send(text);
  });
}

export function viewPayment(payment: PaymentRecord): PaymentView {
  return {
    id: payment.id,
    state: payment.state,
    code: payment.code,
    payer: payment.payer,
    payee: payment.payee,
    token: payment.token,
    amount: payment.amount.toString(),
    nonce: payment.nonce.toString(),
    deadline: payment.deadline.toString(),
    memo: payment.memo,
    transactionHash: payment.settledHash ?? payment.transactionHash,
    blockNumber: payment.blockNumber?.toString() ?? null,
    acceptedAt: payment.acceptedAt.toISOString(),
  };
}

function readAddress(field: string, text: string): string {
  if (!isHexString(text, 20)) throw new HttpProblem("invalid_field", { field, expected: "0x and 40 hex digits" });
  try {
    return getAddress(text);
  } catch {
    throw new HttpProblem("bad_checksum", { field, expected: "an address with a valid EIP-55 checksum" });
  }
}

function toProblem(error: FastifyError): HttpProblem {
  if (error instanceof HttpProblem) return error;
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
