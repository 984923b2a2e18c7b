/** The beginning of a step as people write it. @param start Unix seconds. */
export function stepText(start: number, bucket: "hour" | "day", language: string): string {
  const options: Intl.DateTimeFormatOptions =
    bucket === "hour" ? { hour: "2-digit", minute: "2-digit" } : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(language, options).format(new Date(start * 1_000));
}

/** Seconds as people write them: "4.2 sec", "3 min". */
export function secondsText(seconds: number, language: string): string {
  const [value, unit] =
    seconds < 120 ? [seconds, "second"] : seconds < 7_200 ? [seconds / 60, "minute"] : [seconds / 3_600, "hour"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}
