import type { FastifyReply } from "fastify";

import type { OpenRecordView, RecordAuditList, RecordView } from "../../sdk/records.ts";
import type { RecordKeeping } from "../records/keep-record.ts";
import { type OpenedVersion, openRecords } from "../records/open-record.ts";
import type { AuditEntry } from "../store/record-audit.ts";
import type { RecordRow } from "../store/records.ts";
import { HttpProblem } from "./problem.ts";

/** @throws HttpProblem `record_erased` if there is nothing to open. */
export async function requireOpened(keeping: RecordKeeping, row: RecordRow): Promise<readonly OpenedVersion[]> {
  const versions = (await openRecords(keeping, [row])).get(row.id) ?? [];
  if (versions.length === 0) throw new HttpProblem("record_erased", { detail: `The record ${row.id} was erased` });
  return versions;
}

/** Of what has personal data: nobody on its way keeps a copy. */
export function sendPrivate(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.header("cache-control", "no-store").send(body);
}

export function viewOpen(row: RecordRow, versions: readonly OpenedVersion[]): OpenRecordView {
  return { ...viewRecord(row), contents: versions };
}

export function viewRecord({ createdAt, erasedAt, ...row }: RecordRow): RecordView {
  return { ...row, createdAt: createdAt.toISOString(), erasedAt: erasedAt?.toISOString() ?? null };
}

export function viewEntry({ id, at, ...entry }: AuditEntry): RecordAuditList["entries"][number] {
  return { ...entry, id: id.toString(), at: at.toISOString() };
}
