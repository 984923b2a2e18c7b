import { Interface } from "ethers";

import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { gasLimit, groupHolds, type HoldToOpen, OPENING_GAS } from "../batching/batches.ts";
import type { StoredTerms } from "../store/payments.ts";
import type { PaymentCall } from "./settlement.ts";

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
export function openingCall(escrow: string, maxGas: number): PaymentCall<HoldToOpen> {
  return {
    to: escrow,
    encode(rows) {
      const { groups } = groupHolds(rows, maxGas);
      const batches = groups.map(({ first, rows: of }) => ({
        payee: first.terms.payee,
        token: first.token,
        splits: first.terms.splits,
        rows: of.map((row) => ({ hold: holdRow(row), r: row.r, vs: row.vs })),
      }));
      const ordered = groups.flatMap((group) => group.rows);
      return {
        rows: ordered,
        batches: batches.length,
        data: ESCROW.encodeFunctionData("open", [batches]),
        gasLimit: gasLimit(ordered.length, batches.length, OPENING_GAS),
      };
    },
    decode: (answer) => (ESCROW.decodeFunctionResult("open", answer)[0] as bigint[][]).flat(),
  };
}
