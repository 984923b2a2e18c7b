import { dataLength } from "ethers";

import { TRANSACTION_GAS } from "../batching/batches.ts";
import { decodeX402, encodeX402 } from "../chain/x402-settler.ts";
import type { X402Row } from "../x402-payment.ts";
import type { RowCall } from "./simulation.ts";

/**
 * Gas of a payment by compact ECDSA to a payee who had nothing, well above what is measured (test/relayer/x402-gas): real tokens
 * stand behind proxies and ask who is blocked.
 */
export const X402_ROW_GAS = 125_000;
/** A row may be the only one of its batch. */
const BATCH_GAS = 5_000;
/** What the settler keeps ready for each row, used or not, and passes through two calls: see its `ROW_GAS`. */
const ROW_RESERVE = 700_000;
const BYTE_GAS = 50;

/** A signature in full may be a wallet's, which may spend all that the settler lets it. */
export function x402RowGas({ signature }: X402Row): number {
  return BATCH_GAS + (signature === null ? X402_ROW_GAS : ROW_RESERVE + dataLength(signature) * BYTE_GAS);
}

/** Room for rows that fit as `fitting` counts them, and for each to use all that it may, as far as the limit goes. */
function gasLimitOf(rows: readonly X402Row[], maxGas: number): number {
  const fixed = TRANSACTION_GAS + ROW_RESERVE;
  const expected = fixed + rows.reduce((sum, row) => sum + x402RowGas(row), 0);
  // An account can get code after it was simulated, and a row that burns its gas must not take the others' along.
  const worst = expected + rows.length * ROW_RESERVE;
  return Math.max(expected, Math.min(worst, maxGas));
}

/** How much of a transaction's gas rows may count on, so that {@link x402Call} stays within `maxGas`. */
export function x402RowsGas(maxGas: number): number {
  return maxGas - ROW_RESERVE;
}

export interface X402Call<R> extends RowCall<R> {
  encode(rows: readonly R[]): {
    readonly rows: readonly R[];
    readonly batches: number;
    readonly data: string;
    readonly gasLimit: number;
  };
}

/** `X402Settler.settle`. */
export function x402Call<R extends X402Row>(settler: string, maxGas: number): X402Call<R> {
  return {
    to: settler,
    encode: (rows) => ({ ...encodeX402(rows), gasLimit: gasLimitOf(rows, maxGas) }),
    decode: decodeX402,
  };
}
