export const DECIMAL_MARKS = ["point", "comma"] as const;

/** What stands between whole and fraction; the other one groups thousands. */
export type DecimalMark = (typeof DECIMAL_MARKS)[number];

/** `mixed`: amounts that cannot be read by one mark. `ambiguous`: 1.000 may be one or a thousand, and no amount tells. */
export type FoundMark = DecimalMark | "mixed" | "ambiguous";

/** Which mark amounts are written with. Nothing is guessed: who is wrong about 1.000 is wrong a thousandfold. */
export function findDecimalMark(amounts: Iterable<string>): FoundMark {
  const found = new Set<DecimalMark>();
  let isAmbiguous = false;
  for (const amount of amounts) {
    const told = markOf(amount);
    if (told === "ambiguous") isAmbiguous = true;
    else if (told !== undefined) found.add(told);
  }
  const [first] = found;
  if (found.size > 1) return "mixed";
  return first ?? (isAmbiguous ? "ambiguous" : "point");
}

function markOf(amount: string): DecimalMark | "ambiguous" | undefined {
  const marks = amount.replace(/[^.,]/g, "");
  const [first, last] = [marks.at(0), marks.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (first !== last) return nameOf(last);
  // Twice the same mark: it groups.
  if (marks.length > 1) return last === "." ? "comma" : "point";
  const [whole = "", rest = ""] = amount.trim().split(last);
  return rest.length === 3 && /^[1-9]\d{0,2}$/.test(whole) ? "ambiguous" : nameOf(last);
}

function nameOf(mark: string): DecimalMark {
  return mark === "." ? "point" : "comma";
}

const GROUPED = /^\d{1,3}([ '’\u00a0\u202f]\d{3})+(?![\d ])/;

/** An amount as "1234.5"; `undefined` if it is none by that mark. */
export function plainAmount(text: string, mark: DecimalMark): string | undefined {
  const trimmed = text.trim();
  const joined = GROUPED.test(trimmed) ? trimmed.replace(/[ '’\u00a0\u202f]/g, "") : trimmed;
  const pattern = mark === "point" ? /^(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/ : /^(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$/;
  if (joined.length > 60 || !pattern.test(joined)) return undefined;
  return mark === "point" ? joined.replaceAll(",", "") : joined.replaceAll(".", "").replace(",", ".");
}
