import type { FastifyInstance } from "fastify";
import { keccak256 } from "ethers";

import type { ActList } from "../../sdk/client.ts";
import { consentDigest, DOCUMENT_ACCESS_TYPES } from "../../sdk/hold-typed-data.ts";
import { parseAct, REQUESTED_VERBS } from "../intake/act-request.ts";
import type { ActIntake } from "../intake/act-intake.ts";
import { parseDocumentAccess } from "../intake/document-access.ts";
import { currentTime } from "../intake/intake.ts";
import { readSignature } from "../intake/signature-checks.ts";
import { findAct, listActs } from "../store/acts.ts";
import {
  findDocument,
  insertDocument,
  MAX_DOCUMENTS,
  type SealDocument,
  type StoredDocument,
} from "../store/documents.ts";
import type { PaymentRecord } from "../store/payments.ts";
import { documentItem } from "../vault/items.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { idempotently } from "./idempotency.ts";
import { HttpProblem, vaultMissing } from "./problem.ts";
import { findPaymentOr404, readHash, readPage, readUuid } from "./read.ts";
import { viewAct } from "./views.ts";

const MAX_DOCUMENT = 256 * 1024;

interface OfPayment {
  Params: { id: string };
}

/** Acts on holds, and the documents behind their evidence. */
export function addHoldRoutes(server: FastifyInstance, deps: ApiDependencies, acts: ActIntake): void {
  const { database } = deps;
  for (const verb of REQUESTED_VERBS) {
    server.post<OfPayment>(`/v1/payments/:id/${verb}`, async (request, reply) => {
      const payment = await findPaymentOr404(database, request.params.id);
      const parsed = parseAct(verb, request.body);
      if (!parsed.ok) throw new HttpProblem(parsed.problem.code, parsed.problem);
      return idempotently(database, request, reply, async () => {
        const result = await acts.accept(payment, parsed.content);
        switch (result.kind) {
          case "accepted":
            return { status: 202, body: viewAct(result.act) };
          case "known":
            return { status: 200, body: viewAct(result.act) };
          case "refused": {
            deps.metrics.refused.inc({ code: result.refusal.code });
            const { code, ...details } = result.refusal;
            throw new HttpProblem(code, details);
          }
        }
      });
    });
  }

  server.get<OfPayment & { Querystring: Record<string, unknown> }>(
    "/v1/payments/:id/acts",
    async (request): Promise<ActList> => {
      const payment = await findPaymentOr404(database, request.params.id);
      const page = readPage(request.query, [], readUuid);
      // One more than asked, to know whether there is a next page.
      const found = await listActs(database, payment.id, page.cursor, page.limit + 1);
      const shown = found.slice(0, page.limit);
      return { acts: shown.map(viewAct), next: found.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
    },
  );

  server.get<OfPayment>("/v1/acts/:id", async (request) => {
    const id = readUuid("id", request.params.id);
    const act = await findAct(database, id);
    if (act === undefined) throw new HttpProblem("not_found", { detail: `There is no act ${id}` });
    return viewAct(act);
  });

  void server.register(async (documents) => {
    // A document is kept as it came, whatever it is.
    documents.removeAllContentTypeParsers();
    documents.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
      done(null, body);
    });
    documents.post<OfPayment>("/v1/payments/:id/documents", { bodyLimit: MAX_DOCUMENT }, async (request, reply) => {
      const payment = await findPaymentOr404(database, request.params.id);
      if (payment.terms === null) {
        throw new HttpProblem("no_hold", { field: "id", expected: "a payment to the Escrow" });
      }
      const content = request.body;
      if (!Buffer.isBuffer(content) || content.length === 0) {
        throw new HttpProblem("invalid_field", { field: "", expected: "the document's bytes" });
      }
      const hash = keccak256(content);
      const mediaType = request.headers["content-type"] ?? "application/octet-stream";
      const { vault } = deps;
      const seal: SealDocument = async (db, plain) =>
        vault === undefined
          ? { itemKey: null, sealed: plain }
          : vault.seal(db, payment.merchant, documentItem(payment.id, hash), plain);
      if (!(await insertDocument(database, payment.id, { hash, mediaType, content }, seal))) {
        throw new HttpProblem("too_many_documents", { expected: `at most ${MAX_DOCUMENTS}` });
      }
      return reply.code(201).send({ hash });
    });
    await Promise.resolve();
  });

  server.post<{ Params: { id: string; hash: string } }>(
    "/v1/payments/:id/documents/:hash/read",
    async (request, reply) => {
      const payment = await findPaymentOr404(database, request.params.id);
      const hash = readHash("hash", request.params.hash);
      await requireAccess(deps, payment, hash, request.body);
      const document = await findDocument(database, payment.id, hash);
      if (document === undefined) throw new HttpProblem("not_found", { detail: `There is no document ${hash}` });
      return reply
        .type(document.mediaType)
        .header("content-disposition", "attachment")
        .header("x-content-type-options", "nosniff")
        .send(openDocument(deps, payment, document));
    },
  );
}

function openDocument({ vault }: ApiDependencies, payment: PaymentRecord, document: StoredDocument): Buffer {
  const { sealed, hash, content } = document;
  if (sealed === null) return content;
  if (vault === undefined) throw vaultMissing();
  return vault.open(payment.merchant, documentItem(payment.id, hash), sealed);
}

/** The hash of a document is public on chain, the document is not: its reader signs that she is a party or the arbiter. */
async function requireAccess(
  deps: ApiDependencies,
  payment: PaymentRecord,
  document: string,
  body: unknown,
): Promise<void> {
  const parsed = parseDocumentAccess(body);
  if (!parsed.ok) throw new HttpProblem(parsed.problem.code, parsed.problem);
  const { reader, deadline, signature } = parsed.access;
  const parties = [payment.payer, payment.merchant, payment.terms?.arbiter];
  if (deps.escrow === undefined || !parties.includes(reader)) {
    throw new HttpProblem("not_party", { field: "reader", expected: "payer, payee or arbiter" });
  }
  const now = await currentTime(deps.database);
  if (deadline < now) throw new HttpProblem("expired", { field: "deadline", expected: `${now} or later` });
  const value = { id: payment.id, document, reader, deadline };
  const digest = consentDigest(deps.escrow, DOCUMENT_ACCESS_TYPES, value);
  if ((await readSignature(deps.signatures, reader, digest, signature)) === undefined) {
    throw new HttpProblem("bad_signature", { field: "signature", expected: `the reader's (digest ${digest})` });
  }
}
