import type { FastifyInstance } from "fastify";
import { z } from "zod";

import type { QuotedView, QuoteView } from "../../sdk/client.ts";
import { MAX_AMOUNT } from "../../sdk/typed-data.ts";
import { address, integer, readProblem } from "../intake/authorization.ts";
import { currentTime } from "../intake/intake.ts";
import type { QuoteDesk } from "../makers/quote-desk.ts";
import { findPaymentRequest } from "../store/payment-requests.ts";
import { findPayment } from "../store/payments.ts";
import { findQuote, findQuotes, type QuoteRecord, saveQuotes } from "../store/quotes.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { readHash } from "./read.ts";

const ofAmount = z.strictObject(
  {
    payToken: address.optional(),
    settleToken: address,
    settleAmount: integer("amount_out_of_range", 1n, MAX_AMOUNT),
  },
  "a JSON object",
);
const ofRequest = z.strictObject({ payToken: address.optional(), request: z.uuid("a payment request's id") });

type Question = z.output<typeof ofAmount> | z.output<typeof ofRequest>;

function parseQuestion(body: unknown): Question {
  const schema = typeof body === "object" && body !== null && "request" in body ? ofRequest : ofAmount;
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problem = readProblem(parsed.error, "a request for quotes");
  throw new HttpProblem(problem.code, problem);
}

/** What a payment in another currency costs now, by the makers' word. */
export function addQuoteRoutes(server: FastifyInstance, deps: ApiDependencies, desk: QuoteDesk): void {
  const { database } = deps;

  server.post("/v1/quotes", async (request, reply) => {
    const question = parseQuestion(request.body);
    const { payToken } = question;
    const asked = await amountOf(question);
    for (const [field, token] of Object.entries({ settleToken: asked.settleToken, payToken })) {
      if (token !== undefined && !deps.network.tokens.includes(token)) {
        throw new HttpProblem("unknown_token", { field, expected: `one of ${deps.network.tokens.join(", ")}` });
      }
    }
    if (payToken === asked.settleToken) {
      const expected = "another than the settlement token, in which a plain payment needs no quote";
      throw new HttpProblem("invalid_field", { field: "payToken", expected });
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
    const ids = best.map(({ quote }) => quote.id);
    const [now, stored] = [await currentTime(database), await findQuotes(database, ids)];
    const offers = best.flatMap((offer) => {
      const quote = stored.get(offer.quote.id);
      return quote === undefined ? [] : [viewOffer(quote, offer.cost, asked.settleAmount, now)];
    });
    return { quotes: offers };
  });

  server.get<{ Params: { id: string } }>("/v1/quotes/:id", async (request) => {
    const id = readHash("id", request.params.id);
    const quote = await findQuote(database, id);
    if (quote === undefined) throw new HttpProblem("not_found", { detail: `There is no quote ${id}` });
    return viewQuote(quote);
  });

  async function amountOf(question: Question): Promise<{ settleToken: string; settleAmount: bigint }> {
    if (!("request" in question)) {
      return { settleToken: question.settleToken, settleAmount: question.settleAmount };
    }
    const asked = await findPaymentRequest(database, question.request);
    if (asked === undefined) {
      throw new HttpProblem("not_found", { detail: `There is no payment request ${question.request}` });
    }
    if (asked.expiresAt < (await currentTime(database))) {
      throw new HttpProblem("request_expired", { field: "request", expected: `a payment until ${asked.expiresAt}` });
    }
    const payment =
      asked.reusable || asked.paymentId === null ? undefined : await findPayment(database, asked.paymentId);
    if (payment !== undefined && payment.state !== "rejected" && payment.state !== "expired") {
      const expected = "a payment request that no other payment pays";
      throw new HttpProblem("request_paid", { field: "request", expected, paymentId: payment.id });
    }
    return { settleToken: asked.token, settleAmount: asked.amount };
  }
}

function viewOffer(quote: QuoteRecord, cost: bigint, settleAmount: bigint, now: bigint): QuotedView {
  return {
    ...viewQuote(quote),
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
