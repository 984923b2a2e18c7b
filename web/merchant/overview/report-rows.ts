import { formatUnits } from "ethers";

import type { MerchantReport, ReportCorridor, SettleTimes } from "../../../sdk/merchant-report.ts";
import { bucketStarts } from "./period.ts";

/** A step of a currency's chart. `height` is for drawing only; what is written comes of `volume`. */
export interface VolumeRow {
  readonly start: number;
  readonly payments: number;
  readonly volume: bigint;
  readonly fees: bigint;
  readonly height: number;
}

/** A currency's steps, those in which nothing happened too. */
export function volumeRows(report: MerchantReport, token: string, decimals: number): readonly VolumeRow[] {
  const steps = new Map(
    report.series.filter((step) => isSame(step.token, token)).map((step) => [step.start, step] as const),
  );
  return bucketStarts(report).map((start) => {
    const step = steps.get(start);
    const volume = BigInt(step?.volume ?? "0");
    return {
      start,
      payments: step?.payments ?? 0,
      volume,
      fees: BigInt(step?.fees ?? "0"),
      height: Number(formatUnits(volume, decimals)),
    };
  });
}

/** Times to settle by step; null where nothing settled, as no time is not a short time. */
export function settleRows(
  report: MerchantReport,
): readonly { readonly start: number; readonly times: SettleTimes | null }[] {
  const steps = new Map(report.settleSeries.map((step) => [step.start, step] as const));
  return bucketStarts(report).map((start) => ({ start, times: steps.get(start) ?? null }));
}

/** By what is paid in, then the most payments first: amounts of different currencies are not compared. */
export function sortedCorridors(corridors: readonly ReportCorridor[]): readonly ReportCorridor[] {
  return corridors.toSorted(
    (a, b) =>
      a.settleToken.localeCompare(b.settleToken) ||
      b.payments - a.payments ||
      compare(BigInt(b.volume), BigInt(a.volume)),
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a report has nothing to show. */
export function isEmptyReport({ totals, refusals }: Pick<MerchantReport, "totals" | "refusals">): boolean {
  return totals.every(({ payments }) => payments === 0) && refusals.length === 0;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
