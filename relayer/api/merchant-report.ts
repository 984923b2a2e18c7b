import type { FastifyInstance } from "fastify";

import type { MerchantReport, SettleTimes } from "../../sdk/merchant-report.ts";
import { addUp } from "../reports/merchant.ts";
import { inTransaction } from "../store/database.ts";
import {
  readRefusals,
  readSettledGroups,
  readSettleSpeeds,
  type ReportSpan,
  type SettleSpeed,
} from "../store/merchant-report.ts";
import { findMerchant } from "../store/merchants.ts";
import { type Caller, ownOnly } from "./access.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { readAddress, readSeconds, readWord } from "./read.ts";

const STEPS = { hour: 3_600, day: 86_400 } as const;
export const BUCKETS = ["hour", "day"] as const;
/** The most steps that a report has. */
const MAX_STEPS = 400;

/** What a merchant's payments come to. */
export function addMerchantReportRoute(server: FastifyInstance, { database, access }: ApiDependencies): void {
  server.get<{ Querystring: Record<string, unknown> }>("/v1/reports/merchant", async (request) => {
    const { bucket, ...span } = readSpan(request.query, await access.require(request, "reports:read"));
    return inTransaction(database, async (db): Promise<MerchantReport> => {
      // All of it of one moment.
      await db.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      const groups = await readSettledGroups(db, span);
      const speeds = await readSettleSpeeds(db, span);
      const refusals = await readRefusals(db, span);
      const country = (await findMerchant(db, span.merchant))?.country ?? null;
      const whole = speeds.find(({ start }) => start === null);
      return {
        ...{ merchant: span.merchant, from: span.from, to: span.to, bucket },
        ...addUp(groups, country),
        settleSeconds: whole === undefined ? null : times(whole),
        settleSeries: speeds.flatMap((speed) =>
          speed.start === null ? [] : [{ start: speed.start, ...times(speed) }],
        ),
        refusals,
      };
    });
  });
}

function times({ payments, p50, p95 }: SettleSpeed): SettleTimes {
  return { payments, p50, p95 };
}

function readSpan(
  query: Record<string, unknown>,
  caller: Caller,
): ReportSpan & { readonly bucket: (typeof BUCKETS)[number] } {
  const unknown = Object.keys(query).find((name) => !["from", "to", "bucket", "merchant"].includes(name));
  if (unknown !== undefined) throw new HttpProblem("invalid_field", { field: unknown, expected: "no such parameter" });
  const text = (field: string): string => {
    const value = query[field];
    if (typeof value !== "string") throw new HttpProblem("invalid_field", { field, expected: "one value" });
    return value;
  };
  const named = query.merchant === undefined ? undefined : readAddress("merchant", text("merchant"));
  const merchant = ownOnly(caller, "merchant", named);
  if (merchant === undefined) {
    throw new HttpProblem("invalid_field", { field: "merchant", expected: "whose payments: the operator sees all" });
  }
  const bucket = readWord("bucket", text("bucket"), BUCKETS);
  const [from, to] = [readSeconds("from", text("from")), readSeconds("to", text("to"))];
  const step = STEPS[bucket];
  if (to <= from || to - from > MAX_STEPS * step) {
    const expected = `after from, by at most ${MAX_STEPS} times the bucket: from ${from + 1} to ${from + MAX_STEPS * step}`;
    throw new HttpProblem("invalid_field", { field: "to", expected });
  }
  return { merchant, from, to, bucket, step };
}
