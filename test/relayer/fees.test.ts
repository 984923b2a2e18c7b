import { expect } from "chai";
import fc from "fast-check";

import { type FeePolicy, firstBid, raisedBid } from "../../relayer/lanes/fees.ts";

const GWEI = 1_000_000_000n;
/** Small amounts, where rounding shows, and those of chains. */
const wei = fc.oneof(fc.bigInt(0n, 20n), fc.bigInt(0n, 500n * GWEI));
const policy: fc.Arbitrary<FeePolicy> = fc.record({ tip: wei, ceiling: wei });
const bid = fc.tuple(wei, wei).map(([a, b]) => (a < b ? { tip: a, maxFee: b } : { tip: b, maxFee: a }));

/** An eighth more, rounded up; anything instead of nothing. */
const eighthMore = (fee: bigint): bigint => (fee === 0n ? 1n : (fee * 9n + 7n) / 8n);

describe("the fees of a lane's transactions", () => {
  it("cover the base fee and the tip, within the ceiling, from the first bid on", () => {
    fc.assert(
      fc.property(wei, policy, (baseFee, { tip, ceiling }) => {
        const fees = firstBid(baseFee, { tip, ceiling });
        if (fees === undefined) return baseFee + tip > ceiling;
        return fees.tip === tip && fees.maxFee >= baseFee + tip && fees.maxFee <= ceiling;
      }),
    );
  });

  it("leave room for the base fee to double, where the ceiling does", () => {
    expect(firstBid(10n, { tip: 2n, ceiling: 100n })).to.deep.equal({ maxFee: 22n, tip: 2n });
    expect(firstBid(10n, { tip: 2n, ceiling: 22n })).to.deep.equal({ maxFee: 22n, tip: 2n });
    expect(firstBid(10n, { tip: 2n, ceiling: 21n })).to.deep.equal({ maxFee: 21n, tip: 2n });
    expect(firstBid(10n, { tip: 2n, ceiling: 12n })).to.deep.equal({ maxFee: 12n, tip: 2n });
    expect(firstBid(10n, { tip: 2n, ceiling: 11n })).to.equal(undefined);
  });

  it("rise both by a tenth at least, so that a node takes the replacement, and never above the ceiling", () => {
    fc.assert(
      fc.property(bid, wei, policy, (last, baseFee, limits) => {
        const fees = raisedBid(last, baseFee, limits);
        if (fees === undefined) return;
        for (const fee of ["maxFee", "tip"] as const) {
          expect(fees[fee] * 10n >= last[fee] * 11n, `${fee} of ${fees[fee]}`).to.equal(true);
          expect(fees[fee] > last[fee], `${fee} of ${fees[fee]}`).to.equal(true);
        }
        expect(fees.maxFee <= limits.ceiling).to.equal(true);
        expect(fees.tip <= fees.maxFee).to.equal(true);
        expect(fees.tip >= limits.tip).to.equal(true);
        // As much as a first bid would be, if the ceiling lets it.
        const first = 2n * baseFee + fees.tip;
        expect(fees.maxFee >= first || fees.maxFee === limits.ceiling).to.equal(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("are not raised exactly where an eighth more, or the tip that is wanted, is above the ceiling", () => {
    fc.assert(
      fc.property(bid, wei, policy, (last, baseFee, limits) => {
        const needed = [eighthMore(last.maxFee), eighthMore(last.tip), limits.tip];
        const isPossible = needed.every((fee) => fee <= limits.ceiling);
        expect(raisedBid(last, baseFee, limits) !== undefined).to.equal(isPossible);
      }),
      { numRuns: 1_000 },
    );
  });

  it("reach the ceiling in a few bids, and end there", () => {
    fc.assert(
      fc.property(wei, fc.bigInt(1n, 100n * GWEI), (baseFee, ceiling) => {
        const limits = { tip: 1n, ceiling };
        let last = firstBid(baseFee, limits);
        let bids = 0;
        for (; last !== undefined && bids < 1_000; bids += 1) last = raisedBid(last, baseFee, limits);
        // log(100 gwei) / log(9/8), and the single steps of the smallest fees.
        expect(bids).to.be.at.most(240);
      }),
    );
  });
});
