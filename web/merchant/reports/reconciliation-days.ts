/** Days as date fields have them: YYYY-MM-DD, both inclusive. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** The month before this one and this one, until today. */
export function usualDays(now: Date): Days {
  return { from: dayOf(new Date(now.getFullYear(), now.getMonth() - 1, 1)), to: dayOf(now) };
}

/** The seconds of whole days as the merchant's clock has them. @returns undefined if they are no days, or in no order. */
export function spanOf({ from, to }: Days): { readonly from: number; readonly to: number } | undefined {
  const [first, last] = [startOf(from), startOf(to)];
  if (first === undefined || last === undefined || last < first) return undefined;
  // By dates, not by seconds: where clocks change, a day has 23 or 25 hours.
  const end = new Date(last.getFullYear(), last.getMonth(), last.getDate() + 1);
  return { from: first.getTime() / 1_000, to: end.getTime() / 1_000 };
}

function startOf(day: string): Date | undefined {
  const [year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.slice(1).map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined || year < 1970) return undefined;
  return new Date(year, month - 1, date);
}

function dayOf(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}
