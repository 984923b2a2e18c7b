import { isError, type Provider } from "ethers";

import { type RowCode, rowCode } from "../../sdk/row-codes.ts";

/** What a call would do to each row now. */
export interface Simulation<R> {
  readonly good: readonly R[];
  readonly bad: readonly { readonly row: R; readonly code: RowCode | "simulation_reverted" }[];
}

/** A call of rows that the contract isolates: it answers one code a row, in the order in which `encode` put them. */
export interface RowCall<R> {
  readonly to: string;
  encode(rows: readonly R[]): { readonly rows: readonly R[]; readonly data: string; readonly gasLimit: number };
  /** @param rows Those that were encoded, as some make the call take another form. */
  decode(answer: string, rows: readonly R[]): readonly bigint[];
}

export interface Simulator {
  readonly provider: Pick<Provider, "call">;
  readonly from: string;
}

/**
 * Runs the rows by `eth_call` under the gas limit that they would be sent with. If the whole call reverts, halves are
 * tried, so that one poisonous row is found and does not hold up the others.
 * @throws what the provider throws if the node does not answer: that says nothing about the rows.
 */
export async function simulate<R>(with_: Simulator, call: RowCall<R>, rows: readonly R[]): Promise<Simulation<R>> {
  const encoded = call.encode(rows);
  let answer: string;
  try {
    answer = await with_.provider.call({
      from: with_.from,
      to: call.to,
      data: encoded.data,
      gasLimit: encoded.gasLimit,
    });
  } catch (error) {
    if (!isError(error, "CALL_EXCEPTION")) throw error;
    const first = rows[0];
    if (first === undefined) return { good: [], bad: [] };
    if (rows.length === 1) return { good: [], bad: [{ row: first, code: "simulation_reverted" }] };
    const middle = Math.ceil(rows.length / 2);
    const left = await simulate(with_, call, rows.slice(0, middle));
    const right = await simulate(with_, call, rows.slice(middle));
    return { good: [...left.good, ...right.good], bad: [...left.bad, ...right.bad] };
  }
  const codes = call.decode(answer, encoded.rows);
  const good: R[] = [];
  const bad: { row: R; code: RowCode }[] = [];
  encoded.rows.forEach((row, index) => {
    const code = rowCode(codes[index] ?? 0n);
    if (code === "settled") good.push(row);
    else bad.push({ row, code });
  });
  return { good, bad };
}
