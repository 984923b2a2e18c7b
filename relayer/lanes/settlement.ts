import { Interface } from "ethers";

import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { gasLimit, groupIntoBatches, type PayableRow, SETTLEMENT_GAS, signedRowGas } from "../batching/batches.ts";
import { encodeSettle } from "./encode-settlement.ts";
import { innerAnswer, noted, withSignatures } from "./signatures.ts";
import type { RowCall } from "./simulation.ts";

const LEDGER = new Interface(Ledger__factory.abi);

/** `Ledger.settle` of as many rows as the gas allows. */
export function settlementCall<R extends PayableRow>(
  ledger: string,
  maxGas: number,
  hasP256Precompile = false,
): PaymentCall<R> {
  const rowGas = signedRowGas<R>(SETTLEMENT_GAS, hasP256Precompile);
  return {
    to: ledger,
    encode(rows) {
      const { batches } = groupIntoBatches(rows, maxGas, SETTLEMENT_GAS.batch, rowGas);
      const ordered = batches.flatMap((batch) => batch.rows);
      return {
        rows: ordered,
        batches: batches.length,
        data: withSignatures(noted(ordered), encodeSettle(batches)),
        gasLimit: gasLimit(batches, SETTLEMENT_GAS.batch, rowGas),
      };
    },
    decode: (answer, rows) =>
      (LEDGER.decodeFunctionResult("settle", innerAnswer(noted(rows), answer))[0] as bigint[][]).flat(),
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
