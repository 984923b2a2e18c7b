import { expect } from "chai";
import fc from "fast-check";

import { formatAmount, parseAmount } from "../../sdk/amounts.ts";
import { rowCode } from "../../sdk/row-codes.ts";

describe("amounts", () => {
  it("reads back what it writes, for any decimals", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 128n - 1n), fc.integer({ min: 0, max: 18 }), (amount, decimals) => {
        expect(parseAmount(formatAmount(amount, decimals), decimals)).to.equal(amount);
      }),
    );
  });

  it("shows two places where there are two", () => {
    expect(formatAmount(1_500_000n, 6)).to.equal("1.50");
    expect(formatAmount(1_234_567n, 6)).to.equal("1.234567");
    expect(formatAmount(7n, 0)).to.equal("7");
    expect(formatAmount(75n, 1)).to.equal("7.5");
  });

  it("refuses more places than the token has", () => {
    expect(() => parseAmount("1.2345678", 6)).to.throw();
  });
});

describe("row codes", () => {
  it("names each and refuses what it does not know", () => {
    expect(rowCode(1n)).to.equal("settled");
    expect(rowCode(12)).to.equal("transfer_failed");
    expect(rowCode(21)).to.equal("authorization_used");
    expect(rowCode(29)).to.equal("stale_feed");
    expect(() => rowCode(30)).to.throw(RangeError);
  });
});
