import type { FastifyInstance } from "fastify";
import { z } from "zod";

import type { QuotedView, QuoteView } from "../../sdk/client.ts";
import { MAX_AMOUNT } from "../../sdk/typed-data.ts";
import { address, integer, readProblem } from "../intake/authorization.ts";
import { currentTime } from "../intake/intake.ts";
import type { BestQuote, QuoteDesk } from "../makers/quote-desk.ts";
import { findPaymentRequest } from "../store/payment-requests.ts";
import { findPayment } from "../store/payments.ts";
import { findQuote, type QuoteRecord, saveQuotes } from "../store/quotes.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { readHash } from "./read.ts";

const schema = z.union(
  [
    z.strictObject({
      payToken: address.optional(),
      settleToken: address,
      settleAmount: integer("amount_out_of_range", 1n, MAX_AMOUNT),
    }),
    z.strictObject({ payToken: address.optional(), request: z.uuid("a payment request's id") }),
  ],
  "settleToken and settleAmount, or request; with payToken, or for each",
);

type Question = z.output<typeof schema>;

/** What a payment in another currency costs now, by the makers' word. */
export function addQuoteRoutes(server: FastifyInstance, deps: ApiDependencies, desk: QuoteDesk): void {
  const { database } = deps;

  server.post("/v1/quotes", async (request, reply) => {
    const parsed = schema.safeParse(request.body);
    if (!parsed.success) {
      const problem = readProblem(parsed.error, "a request for quotes");
      throw new HttpProblem(problem.code, problem);
    }
    const { payToken } = parsed.data;
    const asked = await amountOf(parsed.data);
    for (const [field, token] of Object.entries({ settleToken: asked.settleToken, payToken })) {
      if (token !== undefined && !deps.network.tokens.includes(token)) {
        throw new HttpProblem("unknown_token", { field, expected: `one of ${deps.network.tokens.join(", ")}` });
      }
    }
    const best = await desk.quote({ ...asked, payToken });
    if (best.length === 0) {
      void reply.header("retry-after", "5");
      throw new HttpProblem("no_quote", { detail: "No maker quotes this now. Ask again, or for another pay token." });
    }
    // Before anybody can sign for them.
    await saveQuotes(
      database,
      best.map(({ quote }) => quote),
    );
    const now = await currentTime(database);
    return { quotes: best.map((offer) => viewOffer(offer, asked.settleAmount, now)) };
  });

  server.get<{ Params: { id: string } }>("/v1/quotes/:id", async (request) => {
    const id = readHash("id", request.params.id);
    const quote = await findQuote(database, id);
    if (quote === undefined) throw new HttpProblem("not_found", { detail: `There is no quote ${id}` });
    return viewQuote(quote);
  });

  async function amountOf(question: Question): Promise<{ settleToken: string; settleAmount: bigint }> {
    if (!("request" in question)) return question;
    const asked = await findPaymentRequest(database, question.request);
    if (asked === undefined) {
      throw new HttpProblem("not_found", { detail: `There is no payment request ${question.request}` });
    }
    if (asked.expiresAt < (await currentTime(database))) {
      throw new HttpProblem("request_expired", { field: "request", expected: `a payment until ${asked.expiresAt}` });
    }
    const payment = asked.paymentId === null ? undefined : await findPayment(database, asked.paymentId);
    if (payment !== undefined && payment.state !== "rejected" && payment.state !== "expired") {
      const expected = "a payment request that no other payment pays";
      throw new HttpProblem("request_paid", { field: "request", expected, paymentId: payment.id });
    }
    return { settleToken: asked.token, settleAmount: asked.amount };
  }
}

function viewOffer({ quote, cost }: BestQuote, settleAmount: bigint, now: bigint): QuotedView {
  return {
    ...viewQuote({ ...quote, filled: 0n, cancelled: false }),
    payToken: quote.payToken,
    payAmount: cost.toString(),
    settleToken: quote.settleToken,
    settleAmount: settleAmount.toString(),
    expiresAt: quote.deadline.toString(),
    ttlSeconds: Number(quote.deadline > now ? quote.deadline - now : 0n),
  };
}

function viewQuote(record: QuoteRecord): QuoteView {
  const { id, r, vs, filled, cancelled, maker, payToken, settleToken, salt } = record;
  return {
    id,
    quote: {
      ...{ maker, payToken, settleToken, salt },
      payAmount: record.payAmount.toString(),
      settleAmount: record.settleAmount.toString(),
      generation: record.generation.toString(),
      deadline: record.deadline.toString(),
    },
    signature: r + vs.slice(2),
    filled: filled.toString(),
    cancelled,
  };
}
