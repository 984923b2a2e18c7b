import { expect } from "chai";

import { type Move, nextMove, type SlowView } from "../../relayer/lanes/next-move.ts";

const PATIENCE = { resendMs: 100, stuckMs: 1_000 };
const NONCE = 5n;
const BASE_FEE = 50n;
/** Sent just now, bid for just now, with a fee that the block takes. */
const FRESH: SlowView = { nonce: NONCE, sinceSentMs: 0, sinceBidMs: 0, maxFee: 100n, hasWork: true };

describe("the next move about a transaction", () => {
  const cases: [string, Partial<SlowView>, bigint, Move][] = [
    ["was sent just now", {}, NONCE, "wait"],
    ["was sent as long ago as is waited for", { sinceSentMs: 100 }, NONCE, "wait"],
    ["was sent longer ago", { sinceSentMs: 101 }, NONCE, "resend"],
    ["was never sent", { sinceSentMs: null }, NONCE, "resend"],
    ["was bid for as long ago as is waited for", { sinceBidMs: 1_000 }, NONCE, "wait"],
    ["was bid for longer ago and holds up the others", { sinceBidMs: 1_001 }, NONCE, "raise"],
    ["holds up the others and was never sent", { sinceBidMs: 1_001, sinceSentMs: null }, NONCE, "raise"],
    ["holds up the others and was decided otherwise", { sinceBidMs: 1_001, hasWork: false }, NONCE, "free"],
    ["was decided otherwise and is not stuck", { hasWork: false }, NONCE, "wait"],
    ["waits for another one", { sinceBidMs: 1_001 }, NONCE - 1n, "wait"],
    ["waits for another one and was sent long ago", { sinceBidMs: 1_001, sinceSentMs: 101 }, NONCE - 1n, "resend"],
    ["waits for another one, decided otherwise", { sinceBidMs: 1_001, hasWork: false }, NONCE - 1n, "wait"],
    ["waits for another one and offers what a block costs", { sinceBidMs: 1_001, maxFee: BASE_FEE }, 4n, "wait"],
    ["waits for another one and offers too little", { sinceBidMs: 1_001, maxFee: BASE_FEE - 1n }, 4n, "raise"],
    ["offers too little since a short time", { maxFee: BASE_FEE - 1n }, 4n, "wait"],
    ["offers too little for nothing", { sinceBidMs: 1_001, maxFee: 1n, hasWork: false }, 4n, "free"],
    ["has a nonce that is used", {}, NONCE + 1n, "find-winner"],
    ["has a nonce that is used, and is stuck", { sinceBidMs: 1_001, sinceSentMs: null }, NONCE + 9n, "find-winner"],
    ["has a nonce that is used, decided otherwise", { sinceBidMs: 1_001, hasWork: false }, NONCE + 1n, "find-winner"],
  ];
  for (const [what, changes, chainNonce, move] of cases) {
    it(`is to ${move}, if it ${what}`, () => {
      expect(nextMove({ ...FRESH, ...changes }, chainNonce, BASE_FEE, PATIENCE)).to.equal(move);
    });
  }
});
