import { z } from "zod";

import { MAX_DEADLINE } from "../../sdk/typed-data.ts";
import { address, type FieldProblem, integer, readProblem, signature } from "./authorization.ts";

const schema = z.strictObject(
  { reader: address, deadline: integer("invalid_field", 0n, MAX_DEADLINE), signature },
  "a JSON object",
);

/** Who wants to read a document, and her signature that she does. */
export type DocumentAccess = z.output<typeof schema>;

/** Reads a request's body. Never throws. */
export function parseDocumentAccess(
  body: unknown,
): { readonly ok: true; readonly access: DocumentAccess } | { readonly ok: false; readonly problem: FieldProblem } {
  const result = schema.safeParse(body);
  if (result.success) return { ok: true, access: result.data };
  return { ok: false, problem: readProblem(result.error, "a reader and her signature") };
}
