import { readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";

import { priceOf, worthOf } from "../../maker/pricing.ts";
import { dayAt, parseSeries, type RateDay, rateOf } from "../../maker/rates/series.ts";
import { usdPrice } from "../../maker/rates/usd-prices.ts";

const ECB = parseSeries(readFileSync("maker/rates/ecb.csv", "utf8"));

function dayOf(date: string): RateDay {
  const found = ECB.find((day) => day.date === date);
  if (found === undefined) throw new Error(`no rates of ${date}`);
  return found;
}

describe("reference rates", () => {
  it("are those that were published, a business day each", () => {
    expect(ECB).to.have.length(254);
    expect(ECB.at(0)?.date).to.equal("2025-11-03");
    expect(ECB.at(-1)?.date).to.equal("2026-10-30");
    expect(ECB.every(({ date }) => ![0, 6].includes(new Date(date).getUTCDay()))).to.equal(true);
    // 1.1172 dollars and 175.68 yen a euro.
    const last = dayOf("2026-10-30");
    expect(rateOf(last, "USD", "EUR")).to.deep.equal({ numerator: 11_172n, denominator: 10_000n });
    expect(rateOf(last, "EUR", "EUR")).to.deep.equal({ numerator: 1n, denominator: 1n });
    const cross = rateOf(last, "JPY", "USD");
    expect((cross?.numerator ?? 0n) * 11_172n * 100n).to.equal((cross?.denominator ?? 0n) * 17_568n * 10_000n);
    expect(rateOf(last, "XXX", "EUR")).to.equal(undefined);
  });

  it("are read strictly", () => {
    const wrong: readonly string[] = [
      "",
      "date\n2026-01-02",
      "day,USD\n2026-01-02,1",
      "date,usd\n2026-01-02,1",
      "date,USD",
      "date,USD\n2026-01-02",
      "date,USD\n2026-01-02,1,2",
      "date,USD\n2026-1-2,1",
      "date,USD\n2026-01-02,N/A",
      "date,USD\n2026-01-02,-1",
      "date,USD\n2026-01-02,0.0",
      "date,USD\n2026-01-02,1e3",
      "date,USD\n2026-01-03,1\n2026-01-02,1",
      "date,USD\n2026-01-02,1\n2026-01-02,1",
    ];
    for (const csv of wrong) expect(() => parseSeries(csv), csv).to.throw(RangeError);
  });

  it("are replayed from the first business day on, a day at a time, up to the last", () => {
    const replay = { from: "2026-10-24", secondsPerDay: 10 }; // a Saturday
    const dates = [0, 9.9, 10, 39, 40, 1e9].map((elapsed) => dayAt(ECB, replay, elapsed).date);
    expect(dates).to.deep.equal(["2026-10-26", "2026-10-26", "2026-10-27", "2026-10-29", "2026-10-30", "2026-10-30"]);
    expect(() => dayAt(ECB, { ...replay, from: "2026-10-31" }, 0)).to.throw(RangeError);
  });

  it("come to prices in dollars as a feed answers them", () => {
    expect(usdPrice(dayOf("2026-10-30"), "EUR")).to.equal(111_720_000n);
    expect(usdPrice(dayOf("2026-10-30"), "USD")).to.equal(100_000_000n);
    // 1.1172 / 175.68 = 0.00635929
    expect(usdPrice(dayOf("2026-10-30"), "JPY")).to.equal(635_929n);
    expect(() => usdPrice(dayOf("2026-10-30"), "XXX")).to.throw(RangeError);
  });
});

describe("a maker's prices", () => {
  it("have the spread above the rate, for any decimals", () => {
    const day = dayOf("2026-10-30");
    const pair = {
      rate: rateOf(day, "USD", "EUR") ?? { numerator: 0n, denominator: 1n },
      payDecimals: 6,
      settleDecimals: 6,
    };
    expect(priceOf(pair, 100_000_000n, 0)).to.equal(111_720_000n);
    expect(priceOf(pair, 100_000_000n, 25)).to.equal(111_999_300n);
    const yen = { ...pair, rate: rateOf(day, "JPY", "EUR") ?? pair.rate, payDecimals: 0 };
    // One euro in yen without decimals: 175.68 is 176.
    expect(priceOf(yen, 1_000_000n, 0)).to.equal(176n);
    expect(worthOf(100n, rateOf(day, "JPY", "EUR") ?? pair.rate, 0)).to.equal(17_568n);
  });

  it("are rounded up: never a unit below the rate, and less than one above", () => {
    const whole = fc.bigInt(1n, 10n ** 20n);
    fc.assert(
      fc.property(
        whole,
        whole,
        whole,
        fc.integer({ min: 0, max: 18 }),
        fc.integer({ min: 0, max: 18 }),
        fc.integer({ min: 0, max: 10_000 }),
        (numerator, denominator, amount, payDecimals, settleDecimals, spread) => {
          const price = priceOf({ rate: { numerator, denominator }, payDecimals, settleDecimals }, amount, spread);
          const exact = amount * numerator * 10n ** BigInt(payDecimals) * BigInt(10_000 + spread);
          const unit = denominator * 10n ** BigInt(settleDecimals) * 10_000n;
          return price * unit >= exact && (price - 1n) * unit < exact;
        },
      ),
    );
  });
});
