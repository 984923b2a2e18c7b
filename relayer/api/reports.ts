import type { FastifyInstance } from "fastify";

import type { NettingView } from "../../sdk/netting.ts";
import { type Netting, netFlows } from "../reports/netting.ts";
import { followedHead } from "../store/chain.ts";
import { readCorridors, readFlows } from "../store/flows.ts";
import { operatorOnly } from "./access.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";

const DAY = 86_400;

/** What a day came to. */
export function addReportRoutes(server: FastifyInstance, { database, access }: ApiDependencies): void {
  server.get<{ Querystring: Record<string, unknown> }>("/v1/reports/netting", async (request): Promise<NettingView> => {
    // It has every account's position in it.
    operatorOnly(await access.require(request, "reports:read"));
    const { date, ...others } = request.query;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined)
      throw new HttpProblem("invalid_field", { field: unknown, expected: "no such parameter" });
    const from = startOf(date);
    const to = from + BigInt(DAY);
    const [flows, corridors] = await Promise.all([readFlows(database, from, to), readCorridors(database, from, to)]);
    const now = (await followedHead(database))?.timestamp ?? 0n;
    return view(String(date), now >= to, netFlows(flows, corridors));
  });
}

/** The first second of a day, UTC. */
function startOf(date: unknown): bigint {
  const time = typeof date === "string" && /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : NaN;
  // Date.parse takes the 31st of a month of 30 days for the next month's first.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date) {
    throw new HttpProblem("invalid_field", { field: "date", expected: "a day, YYYY-MM-DD" });
  }
  return BigInt(time / 1_000);
}

function view(date: string, complete: boolean, { tokens, corridors, positions }: Netting): NettingView {
  return {
    date,
    complete,
    tokens: tokens.map(({ token, gross, net }) => ({
      ...{ token, gross: gross.toString(), net: net.toString(), saved: (gross - net).toString() },
      savedBps: gross === 0n ? 0 : Number(((gross - net) * 10_000n) / gross),
    })),
    corridors: corridors.map(({ payToken, settleToken, payments, paid, settled, fee, offset }) => ({
      ...{ payToken, settleToken, payments, paid: paid.toString(), settled: settled.toString() },
      ...{ fee: fee.toString(), offset: offset.toString() },
    })),
    positions: positions.map(({ account, token, received, sent }) => ({
      ...{ account, token, received: received.toString(), sent: sent.toString(), net: (received - sent).toString() },
    })),
  };
}
