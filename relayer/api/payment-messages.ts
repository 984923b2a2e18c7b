import { keccak256, toUtf8Bytes } from "ethers";
import type { FastifyInstance } from "fastify";

import { camt054 } from "../../sdk/statement/camt-054.ts";
import { type Rounding, ROUNDINGS } from "../../sdk/statement/iso-amount.ts";
import type { IsoSettings } from "../../sdk/statement/iso-parts.ts";
import { pacs002 } from "../../sdk/statement/pacs-002.ts";
import { pacs008 } from "../../sdk/statement/pacs-008.ts";
import { PAYMENT_MESSAGES, type PaymentFacts, type PaymentMessage } from "../../sdk/statement/payment-message.ts";
import type { StatementEntry } from "../../sdk/statement/statement.ts";
import { uetrOf } from "../../sdk/statement/uetr.ts";
import { followedHead } from "../store/chain.ts";
import { findNames } from "../store/entry-payments.ts";
import { heldAs } from "../store/holds.ts";
import { type PaymentRecord, settledBy } from "../store/payments.ts";
import { readEntriesOf } from "../store/statements.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { isoOrProblem } from "./iso-problem.ts";
import { showPayments } from "./payment-views.ts";
import { HttpProblem } from "./problem.ts";
import { findPaymentOr404, readWord } from "./read.ts";
import { currencies, explain } from "./statement-source.ts";

const WRITERS: Readonly<Record<PaymentMessage, (facts: PaymentFacts, settings: IsoSettings) => string>> = {
  "pacs.008": pacs008,
  "pacs.002": pacs002,
  "camt.054": camt054,
};

/** What is said of one payment in ISO 20022, by its id as everything of it that is open. */
export function addPaymentMessageRoute(server: FastifyInstance, deps: ApiDependencies): void {
  const currencyOf = currencies(deps);
  server.get<{ Params: { id: string; message: string }; Querystring: Record<string, unknown> }>(
    "/v1/payments/:id/messages/:message",
    async (request, reply) => {
      const message = readWord("message", request.params.message, PAYMENT_MESSAGES);
      const rounding = readRounding(request.query);
      const payment = await findPaymentOr404(deps.database, request.params.id);
      const facts = await readFacts(deps, payment);
      const isFinal = message === "camt.054" ? facts.entries.length > 0 : payment.state === "final";
      if (message !== "pacs.002" && !isFinal) {
        throw new HttpProblem("not_final", {
          field: "id",
          expected: "a payment that is final; pacs.002 tells its state",
        });
      }
      const createdAt = Math.floor(Date.now() / 1_000);
      const messageId = keccak256(toUtf8Bytes(`${message}${payment.id}${createdAt}${rounding}`)).slice(2, 34);
      const settings = { messageId, createdAt, rounding, currencyOf, uetrOf };
      const text = isoOrProblem(() => WRITERS[message](facts, settings));
      const name = `${message}-${payment.id}.xml`;
      return reply
        .type("application/xml; charset=utf-8")
        .header("content-disposition", `attachment; filename="${name}"`)
        .send(text);
    },
  );
}

function readRounding({ rounding, ...others }: Record<string, unknown>): Rounding {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new HttpProblem("invalid_field", { field: unknown, expected: "no such parameter" });
  if (rounding === undefined) return "none";
  return readWord("rounding", typeof rounding === "string" ? rounding : "", ROUNDINGS);
}

/** Entries up to the last block that is final. */
async function readFacts({ database, network }: ApiDependencies, payment: PaymentRecord): Promise<PaymentFacts> {
  const [view] = await showPayments(database, [payment]);
  if (view === undefined) throw new HttpProblem("not_found");
  const head = (await followedHead(database))?.number ?? 0n;
  const { merchant, payer, id } = payment;
  const records = await readEntriesOf(
    database,
    { account: merchant, token: settledBy(payment).token },
    {
      references: [id, heldAs(payment) ?? id],
      settledIn: payment.blockNumber,
      upTo: head - BigInt(network.finalityDepth),
    },
  );
  const entries = (await explain(database, merchant, records)).map(alone);
  const names = await findNames(database, [payer, merchant]);
  const { chainId, ledger } = network;
  const [payerName, merchantName] = [names.get(payer) ?? null, names.get(merchant) ?? null];
  return { payment: view, entries, chainId, ledger, payerName, merchantName };
}

/** An advice has no balances, so each entry is rounded by itself. A title is for who has the request. */
function alone(entry: Omit<StatementEntry, "balance">): StatementEntry {
  return { ...entry, title: null, balance: entry.amount.startsWith("-") ? "0" : entry.amount };
}
