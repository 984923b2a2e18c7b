import { Interface, isError, type Provider, toBeHex, ZeroHash } from "ethers";

import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import { type CompactSignature, toCompactSignature } from "../../sdk/signature.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { AppError } from "../app-error.ts";
import { type AuthorizationKind, authorizationNumber } from "../../sdk/gateway-typed-data.ts";
import type { DepositContent } from "../instruction-content.ts";
import { inTime } from "./timeout.ts";

const GATEWAY = new Interface(IGateway__factory.abi);

/** Room for all that the Gateway lets one row use, and what it keeps beside. */
const QUESTION_GAS = 1_500_000;

export interface SignedDeposit {
  readonly content: DepositContent;
  readonly signature: string;
}

/** `Gateway.deposit`, in batches that share a token. @returns the rows in the order in which the codes come back. */
export function encodeDeposits<D extends SignedDeposit>(
  kind: AuthorizationKind,
  deposits: readonly D[],
): { readonly rows: readonly D[]; readonly batches: number; readonly data: string } {
  const byToken = new Map<string, D[]>();
  for (const deposit of deposits) {
    const { token } = deposit.content;
    byToken.set(token, [...(byToken.get(token) ?? []), deposit]);
  }
  const signatures: string[] = [];
  const batches = [...byToken].map(([token, group]) => ({
    token,
    rows: group.map(({ content, signature }) => {
      const { from, owner, amount, nonce, deadline } = content;
      return { from, owner, amount, nonce, deadline, ...place(content, signature, signatures) };
    }),
  }));
  return {
    rows: [...byToken.values()].flat(),
    batches: batches.length,
    data: GATEWAY.encodeFunctionData("deposit", [authorizationNumber(kind), batches, signatures]),
  };
}

/** The signature in the row, or its index beside the rows. */
function place(content: DepositContent, signature: string, beside: string[]): CompactSignature {
  const compact = content.inFull ? undefined : toCompactSignature(signature);
  if (compact !== undefined) return compact;
  beside.push(signature);
  return { r: ZeroHash, vs: toBeHex(beside.length - 1, 32) };
}

export function decodeDeposits(answer: string): bigint[] {
  return (GATEWAY.decodeFunctionResult("deposit", answer)[0] as bigint[][]).flat();
}

export type TryDeposit = (deposit: SignedDeposit) => Promise<RowCode | "simulation_reverted">;

/**
 * Asks the chain what the Gateway would do to a deposit now.
 * @throws AppError `chain_unavailable`, retriable, if the node does not answer: that says nothing about the deposit.
 */
export function createDepositQuestion(provider: Pick<Provider, "call">, gateway: string): TryDeposit {
  return async (deposit) => {
    const { data } = encodeDeposits(deposit.content.authorization, [deposit]);
    try {
      const answer = await inTime(provider.call({ to: gateway, data, gasLimit: QUESTION_GAS }));
      return rowCode(decodeDeposits(answer)[0] ?? 0n);
    } catch (cause) {
      if (isError(cause, "CALL_EXCEPTION")) return "simulation_reverted";
      throw new AppError("chain_unavailable", "The chain could not be asked about a deposit.", {
        retriable: true,
        cause,
      });
    }
  };
}
