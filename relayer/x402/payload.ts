import { toBeHex, TypedDataEncoder } from "ethers";
import { z } from "zod";

import { struct, type Types } from "../../sdk/typed-data.ts";
import { address, type FieldProblem, hex, integer, readProblem, signature } from "../intake/authorization.ts";
import type { X402Terms } from "../x402-payment.ts";
import { MAX_UINT256 } from "./request.ts";

const uint256 = integer("invalid_field", 0n, MAX_UINT256);
const amount = integer("amount_out_of_range", 0n, MAX_UINT256);

const byToken = z.looseObject({
  signature,
  authorization: z.looseObject(
    {
      from: address,
      to: address,
      value: amount,
      validAfter: uint256,
      validBefore: uint256,
      nonce: hex(32).transform((text) => text.toLowerCase()),
    },
    "an object",
  ),
});

const byPermit2 = z.looseObject({
  signature,
  permit2Authorization: z.looseObject(
    {
      from: address,
      permitted: z.looseObject({ token: address, amount }, "an object"),
      spender: address,
      nonce: uint256,
      deadline: uint256,
      witness: z.looseObject({ to: address, validAfter: uint256 }, "an object"),
    },
    "an object",
  ),
});

/** What a payer sent: her terms, her signature, and by Permit2 whom she lets take the tokens. */
export interface SignedX402 {
  readonly terms: X402Terms;
  readonly signature: string;
  readonly spender: string | undefined;
}

/** Reads a payload of scheme `exact`. @param asset The token of an ERC-3009 authorization, which does not name it. */
export function readPayload(
  payload: Readonly<Record<string, unknown>>,
  asset: string,
): { readonly ok: true; readonly signed: SignedX402 } | { readonly ok: false; readonly problem: FieldProblem } {
  if ("permit2Authorization" in payload) {
    const parsed = byPermit2.safeParse(payload);
    if (!parsed.success) return { ok: false, problem: readProblem(parsed.error, "a Permit2 payload") };
    const { permit2Authorization: permit, signature: given } = parsed.data;
    const terms: X402Terms = {
      ...{ kind: "permit2", token: permit.permitted.token, payer: permit.from, payee: permit.witness.to },
      ...{ amount: permit.permitted.amount, validAfter: permit.witness.validAfter, validBefore: permit.deadline },
      nonce: toBeHex(permit.nonce, 32),
    };
    return { ok: true, signed: { terms, signature: given, spender: permit.spender } };
  }
  const parsed = byToken.safeParse(payload);
  if (!parsed.success) return { ok: false, problem: readProblem(parsed.error, "an ERC-3009 payload") };
  const { authorization, signature: given } = parsed.data;
  const { from, to, value, validAfter, validBefore, nonce } = authorization;
  const terms: X402Terms = {
    ...{ kind: "erc3009", token: asset, payer: from, payee: to, amount: value, validAfter, validBefore, nonce },
  };
  return { ok: true, signed: { terms, signature: given, spender: undefined } };
}

const TRANSFER_TYPES = struct(
  "TransferWithAuthorization",
  "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce",
);
const PERMIT_TYPES: Types = {
  ...struct(
    "PermitWitnessTransferFrom",
    "TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Witness witness",
  ),
  ...struct("TokenPermissions", "address token,uint256 amount"),
  ...struct("Witness", "address to,uint256 validAfter"),
};

/** What the payer signed. @param domain The token's name and version, as the requirements have them. */
export function digestOf(
  { kind, token, payer, payee, amount: value, validAfter, validBefore, nonce }: X402Terms,
  chainId: bigint,
  place: { readonly proxy: string; readonly permit2: string },
  domain: { readonly name: string; readonly version: string },
): string {
  switch (kind) {
    case "erc3009":
      return TypedDataEncoder.hash({ ...domain, chainId, verifyingContract: token }, TRANSFER_TYPES, {
        ...{ from: payer, to: payee, value, validAfter, validBefore, nonce },
      });
    case "permit2":
      return TypedDataEncoder.hash({ name: "Permit2", chainId, verifyingContract: place.permit2 }, PERMIT_TYPES, {
        ...{ permitted: { token, amount: value }, spender: place.proxy, nonce: BigInt(nonce), deadline: validBefore },
        witness: { to: payee, validAfter },
      });
  }
}
