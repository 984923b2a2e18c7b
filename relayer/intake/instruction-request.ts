import { ZeroAddress } from "ethers";
import { z } from "zod";

import { BPS } from "../../sdk/hold.ts";
import { type InstructionKind, MAX_ALLOWANCE, MAX_DEVICE_LIMIT, MAX_DEVICE_PAYEES } from "../../sdk/instructions.ts";
import { MAX_AMOUNT, MAX_DEADLINE, MAX_NONCE, MAX_UINT64 } from "../../sdk/typed-data.ts";
import { AUTHORIZATIONS } from "../../sdk/gateway-typed-data.ts";
import type { InstructionContent } from "../instruction-content.ts";
import { address, type FieldProblem, integer, readProblem } from "./authorization.ts";

/** Of any kind; the longest are those of contract wallets with many owners. */
const SIGNATURE = "0x and the hex digits of 1 to 4096 bytes";
const signature = z.string(SIGNATURE).regex(/^0x([0-9a-fA-F]{2}){1,4096}$/, SIGNATURE);

/** A whole number that is stored as it came. */
const whole = (code: Parameters<typeof integer>[0], minimum: bigint, maximum: bigint) =>
  integer(code, minimum, maximum).transform(String);

const party = address.refine((text) => text !== ZeroAddress, "an address other than zero");
const amount = whole("amount_out_of_range", 1n, MAX_AMOUNT);
const time = whole("invalid_field", 0n, MAX_DEADLINE);
const limit = whole("amount_out_of_range", 0n, MAX_DEVICE_LIMIT);
const index = z.int("a whole number from 1 to 255").min(1, "at least 1").max(255, "at most 255");
const feeBps = z.int(`a whole number from 0 to ${BPS}`).min(0, "at least 0").max(BPS, `at most ${BPS}`);
const payees = z.array(address, "an array of addresses").max(MAX_DEVICE_PAYEES, `at most ${MAX_DEVICE_PAYEES} payees`);

const common = { token: address, nonce: whole("invalid_field", 0n, MAX_NONCE), deadline: time, signature };

function body<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject({ ...common, ...shape }, "a JSON object");
}

const withdrawal = body({ owner: party, to: address, amount, maxFee: whole("amount_out_of_range", 0n, MAX_AMOUNT) });
const cancellation = body({ owner: party });
const agreement = body({
  payee: party,
  operator: address,
  feeBps,
  flatFee: whole("amount_out_of_range", 0n, MAX_AMOUNT),
});
const approval = body({ owner: party, spender: address, amount: whole("amount_out_of_range", 0n, MAX_ALLOWANCE) });
const binding = body({ owner: party, index, key: address, expiry: time, perPayment: limit, perDay: limit, payees });
const revocation = body({ owner: party, index });
const deposit = body({
  kind: z.enum(AUTHORIZATIONS, `one of ${AUTHORIZATIONS.join(", ")}`),
  from: party,
  owner: address,
  amount,
  nonce: whole("invalid_field", 0n, MAX_UINT64),
});

/** A signed instruction as it came in, well formed but not checked against anything. */
export interface InstructionRequest {
  readonly content: InstructionContent;
  readonly signature: string;
}

/** What is not signed, a withdrawal's fee and the form of a deposit's signature, is filled in when it is checked. */
const schemas: Readonly<Record<InstructionKind, z.ZodType<InstructionRequest>>> = {
  withdrawal: withdrawal.transform(({ signature: signed, ...rest }) => ({
    content: { kind: "withdrawal", ...rest, fee: "0" },
    signature: signed,
  })),
  cancellation: cancellation.transform(({ signature: signed, ...rest }) => ({
    content: { kind: "cancellation", ...rest },
    signature: signed,
  })),
  agreement: agreement.transform(({ signature: signed, ...rest }) => ({
    content: { kind: "agreement", ...rest },
    signature: signed,
  })),
  approval: approval.transform(({ signature: signed, ...rest }) => ({
    content: { kind: "approval", ...rest },
    signature: signed,
  })),
  "device-binding": binding.transform(({ signature: signed, ...rest }) => ({
    content: { kind: "device-binding", ...rest },
    signature: signed,
  })),
  "device-revocation": revocation.transform(({ signature: signed, ...rest }) => ({
    content: { kind: "device-revocation", ...rest },
    signature: signed,
  })),
  deposit: deposit.transform(({ signature: signed, kind: authorization, ...rest }) => ({
    content: { kind: "deposit", authorization, ...rest, inFull: false },
    signature: signed,
  })),
};

/** Reads the body of a request that hands in an instruction. Never throws. */
export function parseInstruction(
  kind: InstructionKind,
  json: unknown,
):
  { readonly ok: true; readonly request: InstructionRequest } | { readonly ok: false; readonly problem: FieldProblem } {
  const result = schemas[kind].safeParse(json);
  if (result.success) return { ok: true, request: result.data };
  return { ok: false, problem: readProblem(result.error, "a signed instruction") };
}
