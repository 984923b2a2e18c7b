import { Interface, isError, type Provider, toBeHex, ZeroHash } from "ethers";

import { authorizationNumber } from "../../sdk/gateway-typed-data.ts";
import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import { type CompactSignature, toCompactSignature } from "../../sdk/signature.ts";
import { IX402Settler__factory } from "../../typechain-types/factories/contracts/interfaces/IX402Settler__factory.ts";
import { AppError } from "../app-error.ts";
import { type X402Row, type X402Terms, x402Id } from "../x402-payment.ts";
import { inTime } from "./timeout.ts";

const SETTLER = new Interface(IX402Settler__factory.abi);

/** Room for all that the settler lets one row use, and what it keeps beside. */
const QUESTION_GAS = 1_500_000;
/** Longer than others are waited for: who sells by x402 takes "try again" for a refusal, and where many buy at once, they queue. */
const QUESTION_MS = 20_000;

/** `X402Settler.settle`, in batches that share kind and token. @returns the rows in the order in which codes come back. */
export function encodeX402<R extends X402Row>(
  rows: readonly R[],
): { readonly rows: readonly R[]; readonly batches: number; readonly data: string } {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const key = `${row.kind}:${row.token}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const signatures: string[] = [];
  const batches = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const encoded = group.map((row) => ({ ...row, ...placeOf(row, signatures) }));
    return [{ kind: authorizationNumber(first.kind), token: first.token, rows: encoded }];
  });
  return {
    rows: [...groups.values()].flat(),
    batches: batches.length,
    data: SETTLER.encodeFunctionData("settle", [batches, signatures]),
  };
}

/** The signature in the row, or its index beside the rows. */
function placeOf({ r, vs, signature }: X402Row, beside: string[]): CompactSignature {
  if (signature === null) return { r, vs };
  beside.push(signature);
  return { r: ZeroHash, vs: toBeHex(beside.length - 1, 32) };
}

export function decodeX402(answer: string): bigint[] {
  return (SETTLER.decodeFunctionResult("settle", answer)[0] as bigint[][]).flat();
}

/** What the settler would do to a payment now, and the form of its signature that does it. */
export interface X402Trial {
  readonly code: RowCode | "simulation_reverted";
  readonly row: X402Row;
}

/**
 * Runs a payment by `eth_call`, alone, as the settler would. A payer with code may be a wallet that reads a signature as it
 * was made, or an account whose token takes its key's; so both forms are tried.
 * @param from Who would send it.
 * @throws AppError `chain_unavailable`, retriable, if the node does not answer: that says nothing about the payment.
 */
export function createX402Question(
  provider: Pick<Provider, "call" | "getCode">,
  settler: string,
  from: string,
): (terms: X402Terms, signature: string) => Promise<X402Trial> {
  async function tryRow(row: X402Row): Promise<X402Trial> {
    try {
      const { data } = encodeX402([row]);
      const answer = await provider.call({ from, to: settler, data, gasLimit: QUESTION_GAS });
      return { code: rowCode(decodeX402(answer)[0] ?? 0n), row };
    } catch (error) {
      if (isError(error, "CALL_EXCEPTION")) return { code: "simulation_reverted", row };
      throw error;
    }
  }

  async function formsOf(terms: X402Terms, signature: string): Promise<X402Row[]> {
    const id = x402Id(terms);
    const full = { ...terms, id, r: ZeroHash, vs: ZeroHash, signature };
    const compact = toCompactSignature(signature);
    if (compact === undefined) return [full];
    const plain = { ...terms, id, ...compact, signature: null };
    return (await provider.getCode(terms.payer)) === "0x" ? [plain] : [full, plain];
  }

  async function tryEach(terms: X402Terms, signature: string): Promise<X402Trial> {
    let first: X402Trial | undefined;
    for (const form of await formsOf(terms, signature)) {
      const trial = await tryRow(form);
      if (trial.code === "settled") return trial;
      first ??= trial;
    }
    if (first === undefined) throw new Error("A signature has no form");
    return first;
  }

  return async (terms, signature) => {
    try {
      return await inTime(tryEach(terms, signature), QUESTION_MS);
    } catch (cause) {
      throw new AppError("chain_unavailable", "The chain could not be asked about a payment.", {
        retriable: true,
        cause,
      });
    }
  };
}

/** Where the settler's Permit2 rows go, as its deployment fixed it. */
export interface X402Place {
  readonly proxy: string;
  readonly permit2: string;
}

/** @returns `undefined` if there is no settler at this address. */
export async function readX402Place(provider: Pick<Provider, "call">, settler: string): Promise<X402Place | undefined> {
  const read = async (name: "proxy" | "permit2"): Promise<string> => {
    const answer = await provider.call({ to: settler, data: SETTLER.encodeFunctionData(name) });
    return String(SETTLER.decodeFunctionResult(name, answer)[0]);
  };
  try {
    return { proxy: await read("proxy"), permit2: await read("permit2") };
  } catch {
    return undefined;
  }
}
