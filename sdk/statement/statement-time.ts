/** The most that a place is away from UTC: 14 hours. */
const MAX_OFFSET = 14 * 60;

/** `+08:00`, `-03:30` or `Z` as minutes east of UTC. @returns undefined of what is none. */
export function parseOffset(text: string): number | undefined {
  if (text === "Z") return 0;
  const [, sign, hours = "", minutes = ""] = /^([+-])(\d{2}):([0-5]\d)$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const offset = Number(hours) * 60 + Number(minutes);
  return offset > MAX_OFFSET ? undefined : sign === "-" ? -offset : offset;
}

/** Unix seconds as ISO 8601 with the offset: `2026-10-02T08:00:00+08:00`, or with `Z`. */
export function isoTime(seconds: number, offset: number): string {
  const local = new Date((seconds + offset * 60) * 1_000).toISOString().slice(0, 19);
  return `${local}${offsetText(offset)}`;
}

/** The day of a moment at the offset: `2026-10-02`. */
export function isoDay(seconds: number, offset: number): string {
  return isoTime(seconds, offset).slice(0, 10);
}

/** The first second of a day at the offset. @returns undefined of a day that no calendar has. */
export function startOfDay(day: string, offset: number): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  // Date.parse takes the 31st of a month of 30 days for the next month's first.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day) return undefined;
  return time / 1_000 - offset * 60;
}

export function offsetText(offset: number): string {
  if (offset === 0) return "Z";
  const minutes = Math.abs(offset);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
