import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** By which a request is found again in the log: the caller's own, or one of ours; it is in the answer too. */
export const ID_HEADER = "x-request-id";

/** What may stand in a log line and a header as it is. */
const ID = /^[\w.-]{1,64}$/;

export function requestId({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  const given = headers[ID_HEADER];
  return typeof given === "string" && ID.test(given) ? given : randomUUID();
}
