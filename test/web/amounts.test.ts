import { expect } from "chai";

import { readAmount, showAmount } from "../../web/parts/show-amount.ts";

const DOLLAR = { token: "0x01", code: "USD", name: "Dollar", decimals: 6, signing: null };
const YEN = { token: "0x02", code: "JPY", name: "Yen", decimals: 0, signing: null };

describe("amounts on screen", () => {
  it("are shown to the last unit, with the currency's code", () => {
    expect(showAmount(1_234_500_000n, DOLLAR, "en")).to.equal("1,234.50\u00a0USD");
    expect(showAmount(1n, DOLLAR, "en")).to.equal("0.000001\u00a0USD");
    expect(showAmount(0n, DOLLAR, "en")).to.equal("0.00\u00a0USD");
    expect(showAmount(-1_500_000n, DOLLAR, "en")).to.equal("-1.50\u00a0USD");
    expect(showAmount(1_234n, YEN, "en")).to.equal("1,234\u00a0JPY");
    expect(showAmount(2n ** 128n - 1n, YEN, "en")).to.equal(
      "340,282,366,920,938,463,463,374,607,431,768,211,455\u00a0JPY",
    );
  });

  it("are shown as the language writes them", () => {
    expect(showAmount(1_234_500_000n, DOLLAR, "de")).to.equal("1.234,50\u00a0USD");
    expect(showAmount(1_234_500_000n, DOLLAR, "zh-TW")).to.equal("1,234.50\u00a0USD");
  });

  it("of an unknown token are whole numbers with its address", () => {
    expect(showAmount(12n, undefined, "en", "0x00000000000000000000000000000000000000ab")).to.equal("12 0x0000…00ab");
  });

  it("are read with a point or a comma, never with more decimals than there are", () => {
    expect(readAmount("12.5", 6)).to.equal(12_500_000n);
    expect(readAmount(" 12,5 ", 6)).to.equal(12_500_000n);
    expect(readAmount("0.000001", 6)).to.equal(1n);
    expect(readAmount("0.0000001", 6)).to.equal(undefined);
    expect(readAmount("5", 0)).to.equal(5n);
    expect(readAmount("5.", 0)).to.equal(5n);
    for (const bad of ["", "0", "0.0", "-1", "1e3", "1,234.50", "1 000", ".5", "0x10"]) {
      expect(readAmount(bad, 6), bad).to.equal(undefined);
    }
  });
});
