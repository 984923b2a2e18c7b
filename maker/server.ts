import { getAddress, isHexString } from "ethers";
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from "fastify";
import { z } from "zod";

import type { ExchangeDomain } from "../sdk/exchange-typed-data.ts";
import type { Book, SignedQuote } from "./book.ts";

const address = z
  .string()
  .refine((text) => isHexString(text, 20), "0x and 40 hex digits")
  .transform((text) => getAddress(text.toLowerCase()));
const amount = z
  .string()
  .regex(/^[1-9]\d{0,38}$/, "a whole number above zero as a decimal string")
  .transform(BigInt);

const schema = z.strictObject({
  chainId: z.string().regex(/^\d{1,20}$/, "a decimal string"),
  exchange: address,
  payToken: address.optional(),
  settleToken: address,
  settleAmount: amount,
});

const STATUS = { malformed_body: 400, invalid_field: 400, not_quoted: 422, not_found: 404, internal: 500 } as const;
type Code = keyof typeof STATUS;

export interface MakerServerDependencies {
  readonly book: Book;
  readonly domain: ExchangeDomain;
  readonly tokens: readonly string[];
  readonly log: FastifyBaseLogger;
}

/** The maker's door: docs/quotes.md says what goes in and out. */
export function createMakerServer(deps: MakerServerDependencies): FastifyInstance {
  const { book, domain, tokens } = deps;
  const server = Fastify({ loggerInstance: deps.log, bodyLimit: 4_096, disableRequestLogging: true });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const isClients = error.statusCode !== undefined && error.statusCode < 500;
    if (!isClients) request.log.error({ err: error }, "request failed");
    return reply
      .code(error.statusCode ?? 500)
      .type(PROBLEM)
      .send(problem(isClients ? "malformed_body" : "internal"));
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).type(PROBLEM).send(problem("not_found")));

  server.get("/livez", () => ({ status: "alive" }));

  server.post("/v1/quotes", async (request, reply) => {
    const refuse = (code: Code, field: string, expected: string) =>
      reply
        .code(STATUS[code])
        .type(PROBLEM)
        .send({ ...problem(code), field, expected });
    const parsed = schema.safeParse(request.body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return refuse("invalid_field", issue?.path.join(".") ?? "", issue?.message ?? "a request for quotes");
    }
    const { chainId, exchange, payToken, settleToken, settleAmount } = parsed.data;
    if (BigInt(chainId) !== domain.chainId || exchange !== domain.exchange) {
      return refuse("not_quoted", "exchange", `${domain.exchange} on chain ${domain.chainId}`);
    }
    for (const [field, token] of Object.entries({ settleToken, payToken })) {
      if (token !== undefined && !tokens.includes(token)) {
        return refuse("not_quoted", field, `one of ${tokens.join(", ")}`);
      }
    }
    const payTokens = payToken === undefined ? tokens.filter((token) => token !== settleToken) : [payToken];
    const quotes: SignedQuote[] = [];
    for (const token of payTokens) {
      const quoted = await book.quote(token, settleToken, settleAmount);
      if (quoted !== undefined) quotes.push(quoted);
    }
    if (quotes.length === 0) return refuse("not_quoted", "settleAmount", "less, or another pair");
    return { quotes: quotes.map(viewQuote) };
  });
  return server;
}

const PROBLEM = "application/problem+json";

const TITLE: Readonly<Record<Code, string>> = {
  malformed_body: "The body is not JSON, or too large",
  invalid_field: "A field is missing or malformed",
  not_quoted: "This maker does not quote that",
  not_found: "There is no such thing here",
  internal: "Something went wrong here",
};

function problem(code: Code): Record<string, unknown> {
  return { type: `urn:corridor:problem:${code}`, title: TITLE[code], status: STATUS[code], code };
}

function viewQuote({ quote, signature }: SignedQuote): Record<string, unknown> {
  const members = Object.entries(quote).map(([key, member]: [string, string | bigint]) => [key, member.toString()]);
  return { quote: Object.fromEntries(members) as unknown, signature };
}
