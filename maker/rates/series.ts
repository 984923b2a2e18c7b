/** A number as it was published: `digits` divided by ten to the power of `scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** An exact rate. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** The reference rates of a day: units of each currency for one euro. */
export interface RateDay {
  readonly date: string;
  readonly perEuro: ReadonlyMap<string, Decimal>;
}

const ONE: Decimal = { digits: 1n, scale: 0 };

/**
 * Reads a series as the European Central Bank publishes it: a line a business day, `date` and a column a currency, in the order
 * of their dates. @throws RangeError on anything else, naming the line.
 */
export function parseSeries(csv: string): RateDay[] {
  const [head = "", ...lines] = csv.trimEnd().split("\n");
  const [date, ...currencies] = head.split(",");
  if (date !== "date" || !currencies.every((currency) => /^[A-Z]{3}$/.test(currency)) || currencies.length === 0) {
    throw new RangeError("The first line must be `date` and currencies");
  }
  const days = lines.map((line, index) => parseDay(line, index + 2, currencies));
  days.forEach((day, index) => {
    const before = days[index - 1];
    if (before !== undefined && before.date >= day.date)
      throw new RangeError(`${day.date} does not follow ${before.date}`);
  });
  if (days.length === 0) throw new RangeError("The series has no days");
  return days;
}

function parseDay(line: string, number: number, currencies: readonly string[]): RateDay {
  const [date = "", ...rates] = line.split(",");
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || rates.length !== currencies.length) {
    throw new RangeError(`Line ${number} is not a date and ${currencies.length} rates`);
  }
  const perEuro = new Map([["EUR", ONE]]);
  currencies.forEach((currency, index) => {
    perEuro.set(currency, parseDecimal(rates[index] ?? "", number));
  });
  return { date, perEuro };
}

function parseDecimal(text: string, line: number): Decimal {
  const [whole = "", fraction = ""] = text.split(".");
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(text) || BigInt(whole + fraction) === 0n) {
    throw new RangeError(`Line ${line}: ${text} is no rate`);
  }
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

/** Units of `pay` for one of `settle`, exactly; `undefined` if the day has no rate of one of them. */
export function rateOf({ perEuro }: RateDay, pay: string, settle: string): Ratio | undefined {
  const [of, per] = [perEuro.get(pay), perEuro.get(settle)];
  if (of === undefined || per === undefined) return undefined;
  return { numerator: of.digits * 10n ** BigInt(per.scale), denominator: per.digits * 10n ** BigInt(of.scale) };
}

/**
 * The day that a replay has got to: it begins with the first one from `from` on, goes on by a day every `secondsPerDay` and stays
 * at the last. Times in seconds. @throws RangeError if the series ends before `from`.
 */
export function dayAt(
  series: readonly RateDay[],
  { from, secondsPerDay }: { readonly from: string; readonly secondsPerDay: number },
  elapsed: number,
): RateDay {
  const first = series.findIndex(({ date }) => date >= from);
  if (first === -1) throw new RangeError(`The series ends before ${from}`);
  const index = Math.min(first + Math.floor(elapsed / secondsPerDay), series.length - 1);
  const day = series[index];
  if (day === undefined) throw new RangeError("The series has no days");
  return day;
}
