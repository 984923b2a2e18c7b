import type { FastifyInstance } from "fastify";

import type { ApiDependencies } from "./dependencies.ts";
import { showPayments } from "./payment-views.ts";
import { HttpProblem } from "./problem.ts";
import { findPaymentOr404 } from "./read.ts";

/** Receipts that hold without a node. */
export function addReceiptRoute(server: FastifyInstance, { database, receipts }: ApiDependencies): void {
  // It costs more than what is read otherwise: counted as what is written.
  const config = { limit: "writes" } as const;
  server.get<{ Params: { id: string } }>("/v1/payments/:id/receipt", { config }, async (request, reply) => {
    const payment = await findPaymentOr404(database, request.params.id);
    const [view] = await showPayments(database, [payment]);
    const answer = view === undefined ? ({ kind: "not_settled" } as const) : await receipts.issue(payment, view);
    switch (answer.kind) {
      case "issued":
        // A reorg takes it back, and its depth grows.
        return reply.header("cache-control", "no-store").send(answer.receipt);
      case "not_settled":
        throw new HttpProblem("not_settled", { detail: `The payment is ${payment.state}: there is no receipt of it` });
      case "not_deep_enough": {
        const { depth, wanted } = answer;
        const detail = `${depth < 0n ? 0n : depth} blocks stand on the payment's, and ${wanted} must`;
        throw new HttpProblem("not_deep_enough", { detail }, { "retry-after": "5" });
      }
      case "busy":
        throw new HttpProblem("overloaded");
      case "unprovable":
        throw new HttpProblem("receipt_unprovable", { detail: answer.reason });
    }
  });
}
