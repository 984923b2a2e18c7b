import { Interface } from "ethers";

import type { CompactSignature } from "../../sdk/signature.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { gasLimit, type Group, groupHolds, type HoldToOpen, OPENING_GAS, signedRowGas } from "../batching/batches.ts";
import type { StoredTerms } from "../store/payments.ts";
import type { PaymentCall } from "./settlement.ts";
import { innerAnswer, noted, withSignatures } from "./signatures.ts";

const ESCROW = new Interface(Escrow__factory.abi);

/** What a hold is made from, beside what it shares with its batch. */
export interface HoldSource {
  readonly payer: string;
  readonly token: string;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly deadline: bigint;
  readonly terms: StoredTerms;
}

/** A hold as the contract's `HoldRow`. */
export function holdRow({ payer, amount, nonce, deadline, terms }: HoldSource): Record<string, unknown> {
  const { captureDeadline, refundDeadline, arbiter, rulingPeriod, defaultPayerBps, memo } = terms;
  return {
    ...{ payer, amount, nonce, deadline },
    ...{ captureDeadline, refundDeadline, arbiter, rulingPeriod, defaultPayerBps, memo },
  };
}

/** `Escrow.open` of as many rows as the gas allows. */
export function openingCall<R extends HoldToOpen>(
  escrow: string,
  maxGas: number,
  hasP256Precompile = false,
): PaymentCall<R> {
  const rowGas = signedRowGas<R>(OPENING_GAS, hasP256Precompile);
  return {
    to: escrow,
    encode(rows) {
      const { groups } = groupHolds(rows, maxGas, OPENING_GAS.batch, rowGas);
      const batches = groups.map((group) => openBatch(group, (row) => row));
      const ordered = groups.flatMap((group) => group.rows);
      return {
        rows: ordered,
        batches: batches.length,
        data: withSignatures(noted(ordered), ESCROW.encodeFunctionData("open", [batches])),
        gasLimit: gasLimit(groups, OPENING_GAS.batch, rowGas),
      };
    },
    decode: (answer, rows) =>
      (ESCROW.decodeFunctionResult("open", innerAnswer(noted(rows), answer))[0] as bigint[][]).flat(),
  };
}

/** Holds as the contracts' `OpenBatch`. @param signatureOf What stands in the rows for the signatures. */
export function openBatch(
  { first, rows }: Group<HoldToOpen>,
  signatureOf: (row: HoldToOpen) => CompactSignature,
): Record<string, unknown> {
  const { payee, splits } = first.terms;
  return {
    ...{ payee, splits, token: first.token },
    rows: rows.map((row) => {
      const { r, vs } = signatureOf(row);
      return { hold: holdRow(row), r, vs };
    }),
  };
}
