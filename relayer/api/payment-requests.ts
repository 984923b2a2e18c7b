import type { FastifyInstance } from "fastify";
import { ZeroAddress } from "ethers";

import { currentTime } from "../intake/intake.ts";
import { parseRequestBody, type RequestBody } from "../intake/request-body.ts";
import { checkTerms, toStoredTerms } from "../intake/terms.ts";
import type { PaymentRequestList } from "../../sdk/client.ts";
import { findHold, findHolds, heldAs } from "../store/holds.ts";
import { findPaymentRequest, insertPaymentRequest, listPaymentRequests } from "../store/payment-requests.ts";
import { findPayment, findPayments, type StoredTerms } from "../store/payments.ts";
import { type Caller, ownOnly } from "./access.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { idempotently } from "./idempotency.ts";
import { HttpProblem } from "./problem.ts";
import { readAddress, readPage, readUuid } from "./read.ts";
import { viewRequest } from "./views.ts";

/** What merchants ask to be paid. A request is a proposal: whoever pays it signs its terms herself. */
export function addPaymentRequestRoutes(server: FastifyInstance, deps: ApiDependencies): void {
  const { database } = deps;
  const escrow = deps.escrow?.escrow;

  server.post("/v1/payment-requests", async (request, reply) => {
    const caller = await deps.access.require(request, "requests:write");
    const parsed = parseRequestBody(withMerchant(request.body, caller));
    if (!parsed.ok) throw new HttpProblem(parsed.problem.code, parsed.problem);
    ownOnly(caller, "merchant", parsed.request.merchant);
    return idempotently(database, request, reply, async (name) => {
      const body = parsed.request;
      const terms = await checked(body);
      const stored = await insertPaymentRequest(database, {
        id: uuidOf(name),
        merchant: body.merchant,
        token: body.token,
        amount: body.amount,
        capture: body.capture,
        memo: body.memo,
        terms,
        expiresAt: body.expiresAt,
        title: body.title,
        payerCountry: body.payerCountry,
        reusable: body.reusable,
      });
      return { status: 201, body: viewRequest(stored, escrow) };
    });
  });

  server.get<{ Params: { id: string } }>("/v1/payment-requests/:id", async (request) => {
    const id = readUuid("id", request.params.id);
    const found = await findPaymentRequest(database, id);
    if (found === undefined) throw new HttpProblem("not_found", { detail: `There is no payment request ${id}` });
    const payment = found.paymentId === null ? undefined : await findPayment(database, found.paymentId);
    const hold = payment === undefined ? undefined : await findHold(database, payment);
    return viewRequest(found, escrow, payment, hold);
  });

  server.get<{ Querystring: Record<string, unknown> }>(
    "/v1/payment-requests",
    async (request): Promise<PaymentRequestList> => {
      const caller = await deps.access.require(request, "payments:read");
      const page = readPage(request.query, ["merchant"], readUuid);
      const named = page.map("merchant", (value) => readAddress("merchant", value));
      // One more than asked, to know whether there is a next page.
      const found = await listPaymentRequests(
        database,
        ownOnly(caller, "merchant", named),
        page.cursor,
        page.limit + 1,
      );
      const shown = found.slice(0, page.limit);
      const payments = await findPayments(
        database,
        shown.flatMap(({ paymentId }) => paymentId ?? []),
      );
      const holds = await findHolds(
        database,
        payments.flatMap((payment) => heldAs(payment) ?? []),
      );
      const paymentOf = new Map(payments.map((payment) => [payment.id, payment]));
      const holdOf = new Map(holds.map((hold) => [hold.id, hold]));
      return {
        paymentRequests: shown.map((each) => {
          const payment = paymentOf.get(each.paymentId ?? "");
          const hold = payment === undefined ? undefined : holdOf.get(heldAs(payment) ?? "");
          return viewRequest(each, escrow, payment, hold);
        }),
        next: found.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
      };
    },
  );

  /** @returns the terms of the hold, or null if the merchant is paid at once. */
  async function checked(body: RequestBody): Promise<StoredTerms | null> {
    const now = await currentTime(database);
    if (!deps.network.tokens.includes(body.token)) {
      throw new HttpProblem("unknown_token", { field: "token", expected: `one of ${deps.network.tokens.join(", ")}` });
    }
    if ([ZeroAddress, deps.network.ledger, escrow, deps.network.exchange].includes(body.merchant)) {
      throw new HttpProblem("invalid_payee", {
        field: "merchant",
        expected: "an account that can take its money out again",
      });
    }
    if (body.expiresAt < now) {
      throw new HttpProblem("expired", { field: "expiresAt", expected: `${now} or later` });
    }
    if (body.capture === "automatic") return null;
    const terms = { ...body.hold, payee: body.merchant, memo: body.memo };
    // The payer is not known yet; she is checked when she pays.
    const refusal = checkTerms({ payer: ZeroAddress, payee: escrow ?? ZeroAddress, amount: body.amount }, terms, {
      ledger: deps.network.ledger,
      escrow,
      exchange: deps.network.exchange ?? undefined,
      now,
    });
    if (refusal !== undefined) {
      const { code, field, expected } = refusal;
      throw new HttpProblem(code, { field: field.replace("payment.terms.", "hold."), expected });
    }
    return toStoredTerms(terms);
  }
}

/** A merchant asks for herself and need not say so. */
function withMerchant(body: unknown, { merchant }: Caller): unknown {
  if (merchant === null || typeof body !== "object" || body === null || Array.isArray(body)) return body;
  return { merchant, ...body };
}

/** A version 8 UUID (RFC 9562) from a hash, so that the same request gets the same one. */
function uuidOf(hash: string): string {
  const hex = `${hash.slice(0, 12)}8${hash.slice(13, 16)}8${hash.slice(17, 32)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
