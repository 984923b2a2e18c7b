import type { MerchantReport, ReportCorridor, TokenSums } from "../../sdk/merchant-report.ts";

/** Settled payments of one step, from one country, paid and settled in the same tokens. */
export interface SettledGroup {
  /** Unix seconds. */
  readonly start: number;
  readonly payerCountry: string | null;
  readonly payToken: string;
  readonly settleToken: string;
  readonly payments: number;
  /** In the settlement token, as `fees`. {qTok} */
  readonly volume: bigint;
  readonly fees: bigint;
}

interface Sums {
  payments: number;
  volume: bigint;
  fees: bigint;
}

/** Pure: the groups added up: by token, by step and token, and by corridor. */
export function addUp(
  groups: readonly SettledGroup[],
  merchantCountry: string | null,
): Pick<MerchantReport, "totals" | "series" | "corridors"> {
  const view = (token: string, { payments, volume, fees }: Sums): TokenSums => ({
    ...{ token, payments, volume: volume.toString(), fees: fees.toString() },
  });
  const totals = sumBy(groups, ({ settleToken }) => settleToken);
  const series = sumBy(groups, ({ start, settleToken }) => `${start}:${settleToken}`);
  const corridors = sumBy(groups, (group) => `${group.payerCountry}:${group.payToken}:${group.settleToken}`);
  return {
    totals: totals.map(({ first, sums }) => view(first.settleToken, sums)).sort((a, b) => inOrder(a.token, b.token)),
    series: series
      .map(({ first, sums }) => ({ start: first.start, ...view(first.settleToken, sums) }))
      .sort((a, b) => a.start - b.start || inOrder(a.token, b.token)),
    corridors: corridors
      .map(({ first: { payerCountry, payToken, settleToken }, sums: { payments, volume } }): ReportCorridor => {
        return { payerCountry, payToken, merchantCountry, settleToken, payments, volume: volume.toString() };
      })
      .sort((a, b) => b.payments - a.payments || inOrder(placeOf(a), placeOf(b))),
  };
}

function sumBy(
  groups: readonly SettledGroup[],
  keyOf: (group: SettledGroup) => string,
): { first: SettledGroup; sums: Sums }[] {
  const found = new Map<string, { first: SettledGroup; sums: Sums }>();
  for (const group of groups) {
    const key = keyOf(group);
    const entry = found.get(key) ?? { first: group, sums: { payments: 0, volume: 0n, fees: 0n } };
    found.set(key, entry);
    entry.sums.payments += group.payments;
    entry.sums.volume += group.volume;
    entry.sums.fees += group.fees;
  }
  return [...found.values()];
}

function placeOf({ payerCountry, payToken, settleToken }: ReportCorridor): string {
  return `${payerCountry ?? ""}:${payToken}:${settleToken}`;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
