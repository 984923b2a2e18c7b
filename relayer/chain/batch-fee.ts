import { shareOut } from "./share-out.ts";

/** Characters of `0x` and one word. */
const FIRST_WORD = 66;

/**
 * Pure: what each payment of a batch bears of the batch's fee, by its amount; together exactly the fee. By an agreement without a flat
 * fee that is, within one unit, what the Ledger took of each; all payments of a batch have one payee, token and block.
 * @param data Of the batch's `Settled` events, whose first word is the amount. {qTok}
 * @returns one a payment, in their order; nothing if the fee is zero.
 */
export function shareFee(fee: bigint, data: readonly string[]): bigint[] {
  // Only where there is a fee are the amounts worth reading.
  if (fee === 0n) return [];
  const amounts = data.map((each) => BigInt(each.slice(0, FIRST_WORD)));
  return shareOut(fee, amounts);
}
