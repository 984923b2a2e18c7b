import { Interface } from "ethers";

import { ICalls__factory } from "../../typechain-types/factories/contracts/interfaces/ICalls__factory.ts";
import type { PayableRow } from "../batching/batches.ts";
import type { SignedDigest } from "../hold-effects.ts";

const CALLS = new Interface(ICalls__factory.abi);

/** The signatures of rows that carry none themselves. */
export function noted(rows: readonly PayableRow[]): SignedDigest[] {
  return rows.flatMap(({ id, payer, signer, signature }) =>
    signature === null ? [] : [{ signer: signer ?? payer, digest: id, signature }],
  );
}

/** A call of Ledger or Escrow with signatures of other kinds than compact ECDSA checked before it. */
export function withSignatures(signatures: readonly SignedDigest[], data: string): string {
  return signatures.length === 0 ? data : CALLS.encodeFunctionData("callWithSignatures", [signatures, data]);
}

/** What the call itself answered, out of the answer to {@link withSignatures}. */
export function innerAnswer(signatures: readonly SignedDigest[], answer: string): string {
  return signatures.length === 0 ? answer : String(CALLS.decodeFunctionResult("callWithSignatures", answer)[0]);
}
