import type { Disclosure } from "./remittance/disclosure.ts";
import type { RemittanceRecord } from "./remittance/remittance-record.ts";

/** A remittance record that a relayer keeps, without what it says. Times by RFC 3339. */
export interface RecordView {
  readonly id: string;
  readonly merchant: string;
  /** Of the first version: what payers sign and the chain has. */
  readonly memo: string;
  /** The payment request with this memo; null: none was named. */
  readonly requestId: string | null;
  /** The first one first; each later one corrects the one before it. */
  readonly versions: readonly { readonly version: number; readonly memo: string; readonly createdAt: string }[];
  readonly createdAt: string;
  /** Since when nobody can read it here; null: it can be read. */
  readonly erasedAt: string | null;
}

/** A record with what it says, and the salts that prove it. */
export interface OpenRecordView extends RecordView {
  readonly contents: readonly {
    readonly version: number;
    readonly memo: string;
    readonly record: RemittanceRecord;
    readonly salt: string;
  }[];
}

export interface RecordList {
  readonly records: readonly RecordView[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

/** Some records whole; a page may be empty and have a `next` all the same. */
export interface RecordExport {
  readonly records: readonly OpenRecordView[];
  readonly next: string | null;
}

/** What a relayer noted of a record: who did what, never what it says. */
export interface RecordAuditView {
  readonly id: string;
  readonly action: "stored" | "corrected" | "read" | "exported" | "disclosed" | "erased";
  /** A key's or a session's id, `operator`, or the party of the payment who signed: `payer` or `payee`. */
  readonly actor: string;
  /** Of a disclosure: which fields; else null. */
  readonly pointers: readonly string[] | null;
  readonly at: string;
}

export interface RecordAuditList {
  readonly entries: readonly RecordAuditView[];
  readonly next: string | null;
}

export interface NewRecordBody {
  readonly record: RemittanceRecord;
  readonly salt: string;
  /** By a merchant's key it is she; the operator says who. */
  readonly merchant?: string;
  /** The payment request whose memo is the record's. */
  readonly request?: string;
}

/** Which records to export: of one merchant, and that have `subject` in what they say of their parties. */
export interface RecordExportRequest {
  readonly merchant?: string;
  readonly subject?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

type Request = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Remittance records that a relayer keeps. Every call throws as the client's own do. */
export interface RecordCalls {
  /** Keeps a record. The same one again is found by its memo. */
  store(body: NewRecordBody): Promise<RecordView>;
  /** The newest first. `filter`: merchant, request, memo, cursor, limit. */
  list(filter?: Readonly<Record<string, string>>): Promise<RecordList>;
  /** @throws ProblemError `record_erased` */
  read(id: string): Promise<OpenRecordView>;
  /** Adds a version. Its `corrects.memo` is the latest one's. @throws ProblemError `record_superseded` if it is another's. */
  correct(id: string, body: { readonly record: RemittanceRecord; readonly salt: string }): Promise<RecordView>;
  /** For good: the relayer destroys the key that opens it. */
  erase(id: string): Promise<RecordView>;
  /** Some fields with their proof. @param version By default 1, whose memo the chain has. */
  disclose(id: string, pointers: readonly string[], version?: number): Promise<Disclosure>;
  export(request?: RecordExportRequest): Promise<RecordExport>;
  /** The newest first. `page`: cursor, limit. */
  audit(id: string, page?: Readonly<Record<string, string>>): Promise<RecordAuditList>;
  /** Reads the record behind a payment as its payer or payee, by `signRecordAccess`. */
  readOfPayment(
    paymentId: string,
    access: { readonly reader: string; readonly deadline: string; readonly signature: string },
  ): Promise<OpenRecordView>;
}

export function recordCalls(request: Request): RecordCalls {
  const at = (...parts: string[]): string => ["/v1/records", ...parts.map(encodeURIComponent)].join("/");
  const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString();
  return {
    store: (body) => request("POST", at(), body),
    list: (filter = {}) => request("GET", `${at()}?${query(filter)}`),
    read: (id) => request("GET", at(id)),
    correct: (id, body) => request("POST", at(id, "corrections"), body),
    erase: (id) => request("DELETE", at(id)),
    disclose: (id, pointers, version = 1) => request("POST", at(id, "disclosures"), { pointers, version }),
    export: (body = {}) => request("POST", at("export"), body),
    audit: (id, page = {}) => request("GET", `${at(id, "audit")}?${query(page)}`),
    readOfPayment: (paymentId, access) =>
      request("POST", `/v1/payments/${encodeURIComponent(paymentId)}/record/read`, access),
  };
}
