import type { FastifyInstance, FastifyReply } from "fastify";

import type { RecordAuditList, RecordExport, RecordList, RecordView } from "../../sdk/records.ts";
import { recordMemo } from "../../sdk/remittance/commit-record.ts";
import { disclose } from "../../sdk/remittance/disclosure.ts";
import type { RemittanceRecord } from "../../sdk/remittance/remittance-record.ts";
import { correctRecord, eraseRecord, type Kept, keepRecord, type RecordKeeping } from "../records/keep-record.ts";
import { concerns, openRecords } from "../records/open-record.ts";
import { findPaymentRequest } from "../store/payment-requests.ts";
import { listAudit, recordAction } from "../store/record-audit.ts";
import { findRecord, listRecords, type RecordRow } from "../store/records.ts";
import { type Caller, holderWith, ownOnly, type Scope } from "./access.ts";
import { HttpProblem, vaultMissing } from "./problem.ts";
import { readAddress, readHash, readPage, readUuid } from "./read.ts";
import { namedAs, readContentOf, readRecordBody, RECORD_BODY_LIMIT } from "./record-bodies.ts";
import { addPaymentRecordRoute, type RecordApi } from "./payment-record.ts";
import { requireOpened, sendPrivate, viewEntry, viewOpen, viewRecord } from "./record-views.ts";

const PATH = "/v1/records";

interface OfRecord {
  Params: { id: string };
}

/** What payments are for: kept encrypted, shown to whom they concern, corrected, and erased. */
export function addRecordRoutes(server: FastifyInstance, deps: RecordApi): void {
  const { database, access } = deps;
  const keeping = (): RecordKeeping => {
    if (deps.vault === undefined) throw vaultMissing();
    return { database, vault: deps.vault };
  };
  const find = async (caller: Caller, text: string): Promise<RecordRow> => {
    const id = readUuid("id", text);
    const row = await findRecord(database, caller.merchant, id);
    if (row === undefined) throw new HttpProblem("not_found", { detail: `There is no record ${id}` });
    return row;
  };

  server.post(PATH, { bodyLimit: RECORD_BODY_LIMIT }, async (request, reply) => {
    const caller = await access.require(request, "records:write");
    const body = readRecordBody("store", request.body);
    const merchant = ownOnly(caller, "merchant", body.merchant);
    if (merchant === undefined) throw new HttpProblem("invalid_field", { field: "merchant", expected: "an address" });
    const content = readContentOf(body);
    requireFirst(content.record, merchant);
    const kept = keeping();
    const memo = recordMemo(content.record, content.salt);
    if (body.request !== undefined) await requireRequest(body.request, merchant, memo);
    const actor = actorOf(request, "records:write");
    const result = await keepRecord(kept, merchant, memo, content, { requestId: body.request ?? null, actor });
    return answer(reply, result);
  });

  server.get<{ Querystring: Record<string, unknown> }>(PATH, async (request): Promise<RecordList> => {
    const caller = await access.require(request, "records:read");
    const page = readPage(request.query, ["merchant", "request", "memo"], readUuid);
    const named = page.map("merchant", (value) => readAddress("merchant", value));
    const filter = {
      merchant: ownOnly(caller, "merchant", named),
      request: page.map("request", (value) => readUuid("request", value)),
      memo: page.map("memo", (value) => readHash("memo", value)),
    };
    // One more than asked, to know whether there is a next page.
    const found = await listRecords(database, filter, page.cursor, page.limit + 1);
    const shown = found.slice(0, page.limit);
    return { records: shown.map(viewRecord), next: found.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
  });

  server.get<OfRecord>(`${PATH}/:id`, async (request, reply) => {
    const caller = await access.require(request, "records:read");
    const row = await find(caller, request.params.id);
    const versions = await requireOpened(keeping(), row);
    await recordAction(database, [row.id], { action: "read", actor: actorOf(request, "records:read") });
    return sendPrivate(reply, viewOpen(row, versions));
  });

  server.post<OfRecord>(`${PATH}/:id/corrections`, { bodyLimit: RECORD_BODY_LIMIT }, async (request, reply) => {
    const caller = await access.require(request, "records:write");
    const row = await find(caller, request.params.id);
    const content = readContentOf(readRecordBody("correct", request.body));
    requirePayee(content.record, row.merchant);
    const result = await correctRecord(keeping(), row, content, actorOf(request, "records:write"));
    return answer(reply, result);
  });

  server.delete<OfRecord>(`${PATH}/:id`, async (request): Promise<RecordView> => {
    const caller = await access.require(request, "records:write");
    const row = await find(caller, request.params.id);
    return viewRecord(await eraseRecord(database, row.id, actorOf(request, "records:write")));
  });

  server.post<OfRecord>(`${PATH}/:id/disclosures`, { bodyLimit: RECORD_BODY_LIMIT }, async (request, reply) => {
    const caller = await access.require(request, "records:read");
    const row = await find(caller, request.params.id);
    const { pointers, version } = readRecordBody("disclose", request.body);
    const opened = (await requireOpened(keeping(), row)).find((each) => each.version === version);
    if (opened === undefined) {
      throw new HttpProblem("invalid_field", { field: "version", expected: `up to ${row.versions.length}` });
    }
    const shown = namedAs("pointers", () => disclose(opened.record, opened.salt, pointers));
    const actor = actorOf(request, "records:read");
    await recordAction(database, [row.id], { action: "disclosed", actor, pointers });
    return sendPrivate(reply, shown);
  });

  server.post(`${PATH}/export`, async (request, reply) => {
    const caller = await access.require(request, "records:read");
    const { merchant, subject, cursor, limit } = readRecordBody("export", request.body ?? {});
    const filter = { merchant: ownOnly(caller, "merchant", merchant) };
    const found = await listRecords(database, filter, cursor, limit + 1);
    const page = found.slice(0, limit);
    const opened = await openRecords(keeping(), page);
    const records = page.flatMap((row) => {
      const versions = opened.get(row.id) ?? [];
      const isAsked = subject === undefined || versions.some((each) => concerns(each, subject));
      return versions.length > 0 && isAsked ? [viewOpen(row, versions)] : [];
    });
    await recordAction(
      database,
      records.map(({ id }) => id),
      { action: "exported", actor: actorOf(request, "records:read") },
    );
    const next = found.length > limit ? (page.at(-1)?.id ?? null) : null;
    return sendPrivate(reply, { records, next } satisfies RecordExport);
  });

  server.get<OfRecord & { Querystring: Record<string, unknown> }>(
    `${PATH}/:id/audit`,
    async (request): Promise<RecordAuditList> => {
      const caller = await access.require(request, "records:read");
      const row = await find(caller, request.params.id);
      const { cursor: below, limit } = readPage(request.query, [], readEntry);
      const found = await listAudit(database, row.id, below, limit + 1);
      const page = found.slice(0, limit);
      return {
        entries: page.map(viewEntry),
        next: found.length > limit ? (page.at(-1)?.id.toString() ?? null) : null,
      };
    },
  );

  addPaymentRecordRoute(server, deps, keeping);

  /** @throws HttpProblem unless the payment request is the merchant's and has the record's memo. */
  async function requireRequest(id: string, merchant: string, memo: string): Promise<void> {
    const found = await findPaymentRequest(database, id);
    if (found?.merchant !== merchant) {
      throw new HttpProblem("record_mismatch", { field: "request", expected: "a payment request of the merchant's" });
    }
    if (found.memo !== memo) {
      throw new HttpProblem("record_mismatch", { field: "request", expected: `one with the record's memo, ${memo}` });
    }
  }
}

function answer(reply: FastifyReply, result: Kept): FastifyReply {
  switch (result.kind) {
    case "kept":
      return reply.code(201).header("location", `${PATH}/${result.row.id}`).send(viewRecord(result.row));
    case "known":
      return reply.code(200).send(viewRecord(result.row));
    case "erased":
      throw new HttpProblem("record_erased", { detail: "This record was erased; it is not taken again" });
    case "other_request":
      throw new HttpProblem("record_mismatch", { field: "request", expected: result.requestId });
    case "superseded":
      throw new HttpProblem("record_superseded", { field: "record.corrects.memo", expected: result.latest });
  }
}

/** @throws HttpProblem of a record that is somebody else's, or corrects another one. */
function requireFirst(record: RemittanceRecord, merchant: string): void {
  requirePayee(record, merchant);
  if (record.corrects === undefined) return;
  throw new HttpProblem("invalid_field", { field: "record.corrects", expected: "none: this is no correction" });
}

function requirePayee({ payee }: RemittanceRecord, merchant: string): void {
  if (payee.account === undefined || payee.account === merchant) return;
  throw new HttpProblem("invalid_field", { field: "record.payee.account", expected: merchant });
}

function actorOf(request: Parameters<typeof holderWith>[0], scope: Scope): string {
  return holderWith(request, scope).id;
}

function readEntry(field: string, text: string): bigint {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new HttpProblem("invalid_field", { field, expected: "an entry's id" });
  return BigInt(text);
}
