import { isHexString } from "ethers";
import { z } from "zod";

import { RemittanceError } from "../../sdk/remittance/remittance-error.ts";
import { parseRecord } from "../../sdk/remittance/remittance-record.ts";
import { address, readProblem } from "../intake/authorization.ts";
import type { RecordContent } from "../records/content.ts";
import { HttpProblem } from "./problem.ts";
import { MAX_PAGE } from "./read.ts";

/** A record of a hundred lines has 25 KB; with every member as long as it may be, a few times as much. */
export const RECORD_BODY_LIMIT = 256 * 1024;
export const MAX_POINTERS = 2_000;

const SALT = "0x and 64 hex digits in small letters";
const content = {
  record: z.unknown(),
  salt: z.string(SALT).refine((text) => isHexString(text, 32) && text === text.toLowerCase(), SALT),
};
const uuid = z.string("a UUID").regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "a UUID in small letters");
const POINTER = "a JSON pointer of up to 200 characters";
const SUBJECT = "2 to 200 characters";
const LIMIT = `a whole number from 1 to ${MAX_PAGE}`;

const bodies = {
  store: z.strictObject({ ...content, merchant: address.optional(), request: uuid.optional() }, "a JSON object"),
  correct: z.strictObject(content, "a JSON object"),
  disclose: z.strictObject(
    {
      pointers: z
        .array(
          z
            .string(POINTER)
            .regex(/^(\/([^~/]|~[01])*)+$/, POINTER)
            .max(200, POINTER),
          "JSON pointers",
        )
        .min(1, "at least one")
        .max(MAX_POINTERS, `at most ${MAX_POINTERS}`),
      version: z.int("a whole number").min(1, "from 1 on").max(10_000, "at most 10000").default(1),
    },
    "a JSON object",
  ),
  export: z.strictObject(
    {
      merchant: address.optional(),
      subject: z.string(SUBJECT).min(2, SUBJECT).max(200, SUBJECT).optional(),
      cursor: uuid.optional(),
      limit: z.int(LIMIT).min(1, LIMIT).max(MAX_PAGE, LIMIT).default(50),
    },
    "a JSON object",
  ),
};

type Bodies = typeof bodies;

/** @throws HttpProblem `invalid_field`, `bad_checksum` */
export function readRecordBody<K extends keyof Bodies>(kind: K, body: unknown): z.output<Bodies[K]> {
  const result = bodies[kind].safeParse(body);
  if (result.success) return result.data as z.output<Bodies[K]>;
  const problem = readProblem(result.error, "a JSON object");
  throw new HttpProblem(problem.code, problem);
}

/** @throws HttpProblem `invalid_field`, with the place in the record */
export function readContentOf(body: { readonly record?: unknown; readonly salt: string }): RecordContent {
  return namedAs("record", () => ({ record: parseRecord(body.record), salt: body.salt }));
}

/** Tells what is wrong with a part of a body by its place in the whole. */
export function namedAs<T>(member: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RemittanceError)) throw error;
    const field = `${member}${error.field.replaceAll("/", ".")}`;
    throw new HttpProblem("invalid_field", { field, expected: error.expected });
  }
}
