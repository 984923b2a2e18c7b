export const PERIODS = ["today", "week", "month"] as const;

export type Period = (typeof PERIODS)[number];

/** What to report on: whole days as the merchant's clock has them. Unix seconds, `to` exclusive. */
export interface PeriodRange {
  readonly from: number;
  readonly to: number;
  readonly bucket: "hour" | "day";
}

/** @param now A local time; the range reaches to the end of its day. */
export function periodRange(period: Period, now: Date): PeriodRange {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()];
  // By dates, not by seconds: where clocks change, a day has 23 or 25 hours.
  const to = seconds(new Date(year, month, day + 1));
  switch (period) {
    case "today":
      return { from: seconds(new Date(year, month, day)), to, bucket: "hour" };
    case "week":
      return { from: seconds(new Date(year, month, day - 6)), to, bucket: "day" };
    case "month":
      return { from: seconds(new Date(year, month, 1)), to, bucket: "day" };
  }
}

function seconds(date: Date): number {
  return date.getTime() / 1_000;
}

/** The beginnings of all steps of a range: those of a report, in which nothing happened too. */
export function bucketStarts({ from, to, bucket }: PeriodRange): readonly number[] {
  const step = bucket === "hour" ? 3_600 : 86_400;
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}
