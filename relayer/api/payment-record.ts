import type { FastifyInstance } from "fastify";

import { recordAccessDigest } from "../../sdk/remittance/record-access.ts";
import { type DocumentAccess, parseDocumentAccess } from "../intake/document-access.ts";
import { currentTime } from "../intake/intake.ts";
import { readSignature } from "../intake/signature-checks.ts";
import type { RecordKeeping } from "../records/keep-record.ts";
import type { OpenedVersion } from "../records/open-record.ts";
import { findPaymentRequest } from "../store/payment-requests.ts";
import type { PaymentRecord } from "../store/payments.ts";
import { recordAction } from "../store/record-audit.ts";
import { findRecordByMemo, type RecordRow } from "../store/records.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { findPaymentOr404 } from "./read.ts";
import { requireOpened, sendPrivate, viewOpen } from "./record-views.ts";

export type RecordApi = Pick<ApiDependencies, "database" | "access" | "vault" | "signatures" | "network">;

/** The record behind a payment, for its payer and payee, by signature. */
export function addPaymentRecordRoute(server: FastifyInstance, deps: RecordApi, keeping: () => RecordKeeping): void {
  const { database } = deps;
  server.post<{ Params: { id: string } }>("/v1/payments/:id/record/read", async (request, reply) => {
    const payment = await findPaymentOr404(database, request.params.id);
    const parsed = parseDocumentAccess(request.body);
    if (!parsed.ok) throw new HttpProblem(parsed.problem.code, parsed.problem);
    const memo = payment.terms?.memo ?? payment.fx?.memo ?? payment.memo;
    await requireParty(deps, payment, memo, parsed.access);
    const row = await findRecordByMemo(database, payment.merchant, memo);
    if (row === undefined) throw missing(payment.id);
    const versions = await requireOpened(keeping(), row);
    const isPayee = parsed.access.reader === payment.merchant;
    if (!isPayee && !(await isPayersOwn(payment, row, versions))) throw missing(payment.id);
    await recordAction(database, [row.id], { action: "read", actor: isPayee ? "payee" : "payer" });
    return sendPrivate(reply, viewOpen(row, versions));
  });

  /**
   * A memo is public once it is on the chain, and a stranger can pay a trifle with it. Hers is a record that names her account, or, if it
   * names none, one whose payment request she paid and nobody else can.
   */
  async function isPayersOwn(
    payment: PaymentRecord,
    row: RecordRow,
    versions: readonly OpenedVersion[],
  ): Promise<boolean> {
    if (payment.state !== "settled" && payment.state !== "final") return false;
    const named = versions[0]?.record.payer.account;
    if (named !== undefined) return named === payment.payer;
    if (row.requestId === null || row.requestId !== payment.requestId) return false;
    return (await findPaymentRequest(database, row.requestId))?.reusable === false;
  }
}

async function requireParty(
  deps: RecordApi,
  { id, payer, merchant }: PaymentRecord,
  memo: string,
  { reader, deadline, signature }: DocumentAccess,
): Promise<void> {
  if (![payer, merchant].includes(reader)) {
    throw new HttpProblem("not_party", { field: "reader", expected: "payer or payee" });
  }
  const now = await currentTime(deps.database);
  if (deadline < now) throw new HttpProblem("expired", { field: "deadline", expected: `${now} or later` });
  const domain = { chainId: BigInt(deps.network.chainId), ledger: deps.network.ledger };
  const digest = recordAccessDigest(domain, { id, memo, reader, deadline });
  if ((await readSignature(deps.signatures, reader, digest, signature)) === undefined) {
    throw new HttpProblem("bad_signature", { field: "signature", expected: `the reader's (digest ${digest})` });
  }
}

function missing(id: string): HttpProblem {
  return new HttpProblem("not_found", { detail: `There is no record for the payment ${id} that its reader may see` });
}
