import { type Interface, isError, type Provider } from "ethers";

import { type RowCode, rowCode } from "../../sdk/row-codes.ts";
import { type BatchOf, gasLimit, groupIntoBatches, type PayableRow } from "../batching/batches.ts";

/** A call of `Ledger.settle`, encoded. */
export interface Settlement<R extends PayableRow> {
  readonly rows: readonly R[];
  readonly batches: number;
  readonly data: string;
  readonly gasLimit: number;
}

export function encodeSettlement<R extends PayableRow>(
  ledger: Interface,
  batches: readonly BatchOf<R>[],
): Settlement<R> {
  const rows = batches.flatMap((batch) => batch.rows);
  return {
    rows,
    batches: batches.length,
    data: ledger.encodeFunctionData("settle", [batches]),
    gasLimit: gasLimit(rows.length, batches.length),
  };
}

/** What `settle` would do to each row now. */
export interface Simulation<R extends PayableRow> {
  readonly good: readonly R[];
  readonly bad: readonly { readonly row: R; readonly code: RowCode | "simulation_reverted" }[];
}

export interface Simulator {
  readonly provider: Pick<Provider, "call">;
  readonly ledger: Interface;
  readonly ledgerAddress: string;
  readonly from: string;
  readonly maxGas: number;
}

/**
 * Runs the rows by `eth_call` under the gas limit that they would be sent with. If the whole call reverts, halves are
 * tried, so that one poisonous row is found and does not hold up the others.
 * @throws what the provider throws if the node does not answer: that says nothing about the rows.
 */
export async function simulate<R extends PayableRow>(with_: Simulator, rows: readonly R[]): Promise<Simulation<R>> {
  const { batches } = groupIntoBatches(rows, with_.maxGas);
  const settlement = encodeSettlement(with_.ledger, batches);
  let answer: string;
  try {
    answer = await with_.provider.call({
      from: with_.from,
      to: with_.ledgerAddress,
      data: settlement.data,
      gasLimit: settlement.gasLimit,
    });
  } catch (error) {
    if (!isError(error, "CALL_EXCEPTION")) throw error;
    const first = rows[0];
    if (first === undefined) return { good: [], bad: [] };
    if (rows.length === 1) return { good: [], bad: [{ row: first, code: "simulation_reverted" }] };
    const middle = Math.ceil(rows.length / 2);
    const left = await simulate(with_, rows.slice(0, middle));
    const right = await simulate(with_, rows.slice(middle));
    return { good: [...left.good, ...right.good], bad: [...left.bad, ...right.bad] };
  }
  const codes = (with_.ledger.decodeFunctionResult("settle", answer)[0] as bigint[][]).flat();
  const good: R[] = [];
  const bad: { row: R; code: RowCode }[] = [];
  settlement.rows.forEach((row, index) => {
    const code = rowCode(codes[index] ?? 0n);
    if (code === "settled") good.push(row);
    else bad.push({ row, code });
  });
  return { good, bad };
}
