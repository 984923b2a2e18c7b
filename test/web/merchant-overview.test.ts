import { expect } from "chai";

import type { MerchantReport, ReportCorridor } from "../../sdk/merchant-report.ts";
import { countryChoices, countryName } from "../../web/merchant/overview/countries.ts";
import { bucketStarts, periodRange } from "../../web/merchant/overview/period.ts";
import { isEmptyReport, settleRows, sortedCorridors, volumeRows } from "../../web/merchant/overview/report-rows.ts";
import { secondsText } from "../../web/merchant/overview/step-text.ts";

const DOLLAR = "0x00000000000000000000000000000000000000aB";
const EURO = "0x00000000000000000000000000000000000000cd";
const REPORT: MerchantReport = {
  ...{ merchant: DOLLAR, from: 86_400, to: 3 * 86_400, bucket: "day" },
  totals: [
    { token: DOLLAR, payments: 1, volume: "1500000", fees: "2" },
    { token: EURO, payments: 1, volume: "7", fees: "0" },
  ],
  series: [
    { token: DOLLAR.toLowerCase(), start: 172_800, payments: 1, volume: "1500000", fees: "2" },
    { token: EURO, start: 172_800, payments: 1, volume: "7", fees: "0" },
  ],
  corridors: [],
  settleSeconds: { payments: 2, p50: 2, p95: 3 },
  settleSeries: [{ start: 86_400, payments: 2, p50: 2, p95: 3 }],
  refusals: [],
};

describe("a merchant's overview", () => {
  it("reports whole days of her clock", () => {
    const now = new Date(2026, 10, 3, 15, 30);
    const at = (month: number, day: number) => new Date(2026, month, day).getTime() / 1_000;
    expect(periodRange("today", now)).to.deep.equal({ from: at(10, 3), to: at(10, 4), bucket: "hour" });
    expect(periodRange("week", now)).to.deep.equal({ from: at(9, 28), to: at(10, 4), bucket: "day" });
    expect(periodRange("month", now)).to.deep.equal({ from: at(10, 1), to: at(10, 4), bucket: "day" });
  });

  it("has a step for each hour or day, a shorter last one too", () => {
    expect(bucketStarts({ from: 0, to: 7_201, bucket: "hour" })).to.deep.equal([0, 3_600, 7_200]);
    expect(bucketStarts({ from: 10, to: 86_410, bucket: "day" })).to.deep.equal([10]);
  });

  it("draws a currency's own volume, and nothing where nothing happened", () => {
    const rows = volumeRows(REPORT, DOLLAR, 6);
    expect(rows.map(({ start, volume, height }) => [start, volume, height])).to.deep.equal([
      [86_400, 0n, 0],
      [172_800, 1_500_000n, 1.5],
    ]);
    expect(volumeRows(REPORT, EURO, 0).map(({ volume }) => volume)).to.deep.equal([0n, 7n]);
  });

  it("has no time to settle where nothing settled", () => {
    expect(settleRows(REPORT).map(({ times }) => times?.p95)).to.deep.equal([3, undefined]);
  });

  it("is empty only without payments and refusals", () => {
    expect(isEmptyReport({ totals: [], refusals: [] })).to.equal(true);
    expect(isEmptyReport({ totals: [], refusals: [{ code: "expired", payments: 1 }] })).to.equal(false);
    expect(isEmptyReport(REPORT)).to.equal(false);
  });

  it("orders corridors within a currency", () => {
    const corridor = (settleToken: string, payments: number, volume: string): ReportCorridor => ({
      ...{ payerCountry: null, payToken: EURO, merchantCountry: null, settleToken, payments, volume },
    });
    const [a, b, c, d] = [
      corridor(DOLLAR, 1, "5"),
      corridor(DOLLAR, 1, "9"),
      corridor(DOLLAR, 2, "1"),
      corridor(EURO, 9, "1"),
    ] as const;
    expect(sortedCorridors([d, a, b, c])).to.deep.equal([c, b, a, d]);
  });

  it("names countries and times in her language", () => {
    expect(countryName("PT", "zh-TW")).to.equal("葡萄牙");
    expect(countryChoices("en")).to.have.length(249);
    expect(secondsText(4.25, "en")).to.equal("4.3 sec");
    expect(secondsText(180, "en")).to.equal("3 min");
  });
});
