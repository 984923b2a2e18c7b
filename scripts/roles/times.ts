const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** A delay as people read it: `2 d`, `1 d 12 h`. @param seconds {s} */
export function delayText(seconds: number): string {
  let left = seconds;
  const parts = UNITS.flatMap(([size, name]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? [] : [`${count} ${name}`];
  });
  return parts.length === 0 ? "no delay" : parts.join(" ");
}

/** @param time Unix seconds. */
export function timeText(time: number): string {
  const date = new Date(time * 1_000);
  return Number.isNaN(date.getTime()) ? `second ${time}` : date.toISOString().replace(".000Z", "Z");
}
