import { Interface } from "ethers";

import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { gasLimit, groupIntoBatches, type PayableRow, SETTLEMENT_GAS } from "../batching/batches.ts";
import type { RowCall } from "./simulation.ts";

const LEDGER = new Interface(Ledger__factory.abi);

/** `Ledger.settle` of as many rows as the gas allows. */
export function settlementCall<R extends PayableRow>(ledger: string, maxGas: number): PaymentCall<R> {
  return {
    to: ledger,
    encode(rows) {
      const { batches } = groupIntoBatches(rows, maxGas);
      const ordered = batches.flatMap((batch) => batch.rows);
      return {
        rows: ordered,
        batches: batches.length,
        data: LEDGER.encodeFunctionData("settle", [batches]),
        gasLimit: gasLimit(ordered.length, batches.length, SETTLEMENT_GAS),
      };
    },
    decode: (answer) => (LEDGER.decodeFunctionResult("settle", answer)[0] as bigint[][]).flat(),
  };
}

/** A call that carries payments, in batches. */
export interface PaymentCall<R> extends RowCall<R> {
  encode(rows: readonly R[]): {
    readonly rows: readonly R[];
    readonly batches: number;
    readonly data: string;
    readonly gasLimit: number;
  };
}
