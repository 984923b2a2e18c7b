import { expect } from "chai";

import { spanOf, usualDays } from "../../web/merchant/reports/reconciliation-days.ts";

describe("the days of a reconciliation", () => {
  it("are the last month and this one at first", () => {
    expect(usualDays(new Date(2026, 10, 28))).to.deep.equal({ from: "2026-10-01", to: "2026-11-28" });
    expect(usualDays(new Date(2026, 0, 3))).to.deep.equal({ from: "2025-12-01", to: "2026-01-03" });
  });

  it("are whole, the last one too", () => {
    const at = (...day: [number, number, number]): number => new Date(...day).getTime() / 1_000;
    expect(spanOf({ from: "2026-11-28", to: "2026-11-28" })).to.deep.equal({
      from: at(2026, 10, 28),
      to: at(2026, 10, 29),
    });
    expect(spanOf({ from: "2026-01-01", to: "2026-12-31" })).to.deep.equal({
      from: at(2026, 0, 1),
      to: at(2027, 0, 1),
    });
  });

  it("are none where they are in no order, or no days", () => {
    for (const [from, to] of [
      ["2026-11-29", "2026-11-28"],
      ["", "2026-11-28"],
      ["2026-11-28", "soon"],
    ] as const) {
      expect(spanOf({ from, to }), `${from} ${to}`).to.equal(undefined);
    }
  });
});
