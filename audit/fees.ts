import type { AgreementState, SplitState } from "./books.ts";

const BPS = 10_000n;

/** What an operator earns of one payment, as the contract's library `Fees` has it. */
export function feeOn(agreement: AgreementState | undefined, amount: bigint): bigint {
  if (agreement === undefined) return 0n;
  const fee = (amount * agreement.feeBps) / BPS + agreement.flatFee;
  return fee < amount ? fee : amount;
}

/** What each recipient gets of a total that grows, and what is left for the payee, as the contract's library `Splits` has it. */
export function shareGrowth(
  splits: readonly SplitState[],
  before: bigint,
  later: bigint,
): { readonly parts: readonly bigint[]; readonly left: bigint } {
  const rest = { before, later, bps: BPS };
  const parts = splits.map(({ shareBps }) => {
    const [was, is] = [(rest.before * shareBps) / rest.bps, (rest.later * shareBps) / rest.bps];
    rest.before -= was;
    rest.later -= is;
    rest.bps -= shareBps;
    return is - was;
  });
  return { parts, left: rest.later - rest.before };
}

/** What `settled` costs at a rate, rounded for the maker. */
export function costOf(payAmount: bigint, settleAmount: bigint, settled: bigint): bigint {
  return settleAmount === 0n ? 0n : (settled * payAmount + settleAmount - 1n) / settleAmount;
}

/** What each payment of a batch bears of its fee by its amount, together exactly the fee: as relayers write it down. */
export function shareFee(fee: bigint, amounts: readonly bigint[]): readonly bigint[] {
  const gross = amounts.reduce((sum, amount) => sum + amount, 0n);
  let [before, given] = [0n, 0n];
  return amounts.map((amount) => {
    before += amount;
    const share = gross === 0n ? 0n : (fee * before) / gross - given;
    given += share;
    return share;
  });
}
