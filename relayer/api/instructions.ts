import type { FastifyInstance } from "fastify";

import type { DeviceView, InstructionList, InstructionView } from "../../sdk/client.ts";
import { INSTRUCTION_KINDS, type InstructionKind } from "../../sdk/instructions.ts";
import { PAYMENT_STATES } from "../../sdk/payment.ts";
import { ownerOf } from "../instruction-content.ts";
import { parseInstruction } from "../intake/instruction-request.ts";
import { findInstruction, type InstructionRecord, listInstructions } from "../store/instructions.ts";
import { ownOnly } from "./access.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { readAddress, readHash, readPage, readWord } from "./read.ts";

const PATHS: Readonly<Record<InstructionKind, string>> = {
  withdrawal: "/v1/withdrawals",
  cancellation: "/v1/cancellations",
  agreement: "/v1/agreements",
  approval: "/v1/approvals",
  "device-binding": "/v1/devices",
  "device-revocation": "/v1/device-revocations",
  deposit: "/v1/deposits",
};

/** What owners sign about their accounts beside payments, and the devices that they bound. */
export function addInstructionRoutes(server: FastifyInstance, deps: ApiDependencies): void {
  for (const kind of INSTRUCTION_KINDS) {
    server.post(PATHS[kind], async (request, reply) => {
      const parsed = parseInstruction(kind, request.body);
      if (!parsed.ok) throw new HttpProblem(parsed.problem.code, parsed.problem);
      const result = await deps.instructions.accept(parsed.request);
      switch (result.kind) {
        case "accepted":
          return reply
            .code(202)
            .header("location", `/v1/instructions/${result.instruction.id}`)
            .send(viewInstruction(result.instruction));
        case "known":
          return reply.code(200).send(viewInstruction(result.instruction));
        case "refused": {
          deps.metrics.refused.inc({ code: result.refusal.code });
          const { code, ...details } = result.refusal;
          throw new HttpProblem(code, details);
        }
      }
    });
  }

  server.get<{ Params: { id: string } }>("/v1/instructions/:id", async (request) => {
    const id = readHash("id", request.params.id);
    const instruction = await findInstruction(deps.database, id);
    if (instruction === undefined) throw new HttpProblem("not_found", { detail: `There is no instruction ${id}` });
    return viewInstruction(instruction);
  });

  server.get<{ Querystring: Record<string, unknown> }>(
    "/v1/instructions",
    async (request): Promise<InstructionList> => {
      const caller = await deps.access.require(request, "payments:read");
      const page = readPage(request.query, ["owner", "kind", "state"], readHash);
      const filter = {
        owner: ownOnly(
          caller,
          "owner",
          page.map("owner", (value) => readAddress("owner", value)),
        ),
        kind: page.map("kind", (value) => readWord("kind", value, INSTRUCTION_KINDS)),
        state: page.map("state", (value) => readWord("state", value, PAYMENT_STATES)),
      };
      // One more than asked, to know whether there is a next page.
      const found = await listInstructions(deps.database, filter, page.cursor, page.limit + 1);
      const shown = found.slice(0, page.limit);
      return {
        instructions: shown.map(viewInstruction),
        next: found.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
      };
    },
  );

  server.get<{ Params: { owner: string; token: string; index: string } }>(
    "/v1/accounts/:owner/:token/devices/:index",
    async (request): Promise<DeviceView> => {
      const owner = readAddress("owner", request.params.owner);
      const token = readAddress("token", request.params.token);
      const index = /^[1-9]\d{0,2}$/.test(request.params.index) ? Number(request.params.index) : 0;
      if (index < 1 || index > 255)
        throw new HttpProblem("invalid_field", { field: "index", expected: "from 1 to 255" });
      const device = await deps.readDevice(owner, token, index);
      if (device === undefined) throw new HttpProblem("not_found", { detail: `No device is bound at ${index}` });
      return {
        owner,
        token,
        index,
        key: device.key,
        expiry: device.expiry.toString(),
        perPayment: device.perPayment.toString(),
        perDay: device.perDay.toString(),
        spentToday: device.spentToday.toString(),
        anyPayee: device.anyPayee,
        nextNonce: device.nextNonce.toString(),
      };
    },
  );
}

function viewInstruction(instruction: InstructionRecord): InstructionView {
  const { content } = instruction;
  const { kind, ...message } = content;
  return {
    id: instruction.id,
    kind,
    owner: ownerOf(content),
    token: content.token,
    state: instruction.state,
    code: instruction.code,
    message: signedPart(message),
    fee: content.kind === "withdrawal" ? content.fee : null,
    transactionHash: instruction.transactionHash,
    blockNumber: instruction.blockNumber?.toString() ?? null,
    acceptedAt: instruction.acceptedAt.toISOString(),
  };
}

/** Without what the relayer added. */
function signedPart(message: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(message).filter(([name]) => name !== "fee" && name !== "inFull"));
}
