import { dataLength } from "ethers";

import { TRANSACTION_GAS } from "../batching/batches.ts";
import { decodeDeposits, encodeDeposits, type SignedDeposit } from "../chain/deposits.ts";
import type { AuthorizationKind } from "../../sdk/gateway-typed-data.ts";
import type { DepositContent } from "../instruction-content.ts";
import type { InstructionRecord } from "../store/instructions.ts";
import type { InstructionCalls } from "./instruction-work.ts";
import { type RowCall, simulate, type Simulator } from "./simulation.ts";

/** Gas of a deposit above the worst case, by compact ECDSA. */
const DEPOSIT_GAS = 180_000;
/** What the Gateway keeps ready for each row, used or not, and passes through two calls: see its `ROW_GAS`. */
const ROW_RESERVE = 560_000;
const BATCH_GAS = 20_000;
const BYTE_GAS = 50;

type Deposit = InstructionRecord & { readonly content: DepositContent };

/** A signature in full may be a wallet's, which may spend all that the Gateway lets it. */
export function depositGas({ content, signature }: SignedDeposit): number {
  return BATCH_GAS + (content.inFull ? ROW_RESERVE + dataLength(signature) * BYTE_GAS : DEPOSIT_GAS);
}

/**
 * What a transaction of deposits may use: room for each row to use all that the Gateway lets it, as far as the limit goes,
 * since an account can get code after it was simulated.
 */
export function depositGasLimit(deposits: readonly SignedDeposit[], maxGas: number): number {
  const fixed = TRANSACTION_GAS + ROW_RESERVE;
  const expected = fixed + deposits.reduce((sum, deposit) => sum + depositGas(deposit), 0);
  const worst = expected + deposits.length * ROW_RESERVE;
  return Math.max(expected, Math.min(worst, maxGas));
}

/** All deposits of one kind in one `Gateway.deposit`. */
export function depositCalls(
  simulator: Simulator,
  gateway: string,
  kind: AuthorizationKind,
  maxGas: number,
): InstructionCalls {
  const call: RowCall<Deposit> = {
    to: gateway,
    encode(rows) {
      const { rows: ordered, data } = encodeDeposits(kind, rows);
      return { rows: ordered, data, gasLimit: depositGasLimit(rows, maxGas) };
    },
    decode: decodeDeposits,
  };
  return {
    carrier: kind,
    to: gateway,
    gasOf: (row) => depositsOf([row]).reduce((sum, deposit) => sum + depositGas(deposit), 0),
    judge: (instructions) => simulate(simulator, call, depositsOf(instructions)),
    encode(instructions) {
      const deposits = depositsOf(instructions);
      const { data, batches } = encodeDeposits(kind, deposits);
      return { data, batches, gasLimit: depositGasLimit(deposits, maxGas) };
    },
  };
}

function depositsOf(instructions: readonly InstructionRecord[]): Deposit[] {
  return instructions.flatMap((instruction) => {
    const { content } = instruction;
    return content.kind === "deposit" ? [{ ...instruction, content }] : [];
  });
}
