import { expect } from "chai";
import { recoverAddress, Wallet, ZeroAddress } from "ethers";

import type { ActView, HoldView, PaymentView, TermsView } from "../../sdk/client.ts";
import { CAPTURE_TYPES, consentDigest, REFUND_TYPES, VOID_TYPES } from "../../sdk/hold-typed-data.ts";
import { actUnderWay, possibleActs, ruledRefundUntil } from "../../web/merchant/acts/possible-acts.ts";
import { signAct } from "../../web/merchant/acts/sign-act.ts";

const [CAPTURE, REFUND] = [1_000n, 2_000n];
const ID = `0x${"01".repeat(32)}`;
const [ARBITER, ESCROW, TOKEN] = ["02", "03", "04"].map((byte) => `0x${byte.repeat(20)}`) as [string, string, string];

interface Changes {
  readonly state?: PaymentView["state"];
  readonly hold?: Partial<HoldView> | null;
  readonly terms?: Partial<TermsView>;
  readonly exchange?: Partial<NonNullable<PaymentView["exchange"]>>;
}

function payment({ state = "final", hold = {}, terms = {}, exchange }: Changes = {}): PaymentView {
  return {
    state,
    terms: {
      ...{ payee: TOKEN, splits: [], captureDeadline: CAPTURE.toString(), refundDeadline: REFUND.toString() },
      ...{ arbiter: ARBITER, rulingPeriod: "60", defaultPayerBps: 0, memo: ID, ...terms },
    },
    hold: hold && {
      ...{ id: ID, token: TOKEN, amount: "100", status: "open", captured: "0", refunded: "0", held: "100" },
      ...{ disputedAt: "0", ...hold },
    },
    exchange: exchange === undefined ? null : { refunded: "0", ...exchange },
  } as PaymentView;
}

const verbs = (changes: Changes, now = 0n) => possibleActs(payment(changes), now).map(({ verb }) => verb);

describe("what a merchant may do with a hold", () => {
  it("depends on its status", () => {
    expect(verbs({})).to.deep.equal(["capture", "void", "dispute"]);
    expect(verbs({ hold: { captured: "40", held: "60" } })).to.deep.equal(["capture", "void", "dispute", "refund"]);
    expect(verbs({ hold: { status: "disputed" } })).to.deep.equal(["evidence"]);
    expect(verbs({ hold: { status: "disputed", captured: "40", held: "60" } })).to.deep.equal(["evidence", "refund"]);
    expect(verbs({ hold: { status: "captured", captured: "100", held: "0" } })).to.deep.equal(["refund"]);
    for (const status of ["voided", "reclaimed", "ruled", "resolved", "agreed"] as const) {
      expect(verbs({ hold: { status, held: "0" } }), status).to.deep.equal([]);
    }
    expect(verbs({ hold: null })).to.deep.equal([]);
    expect(verbs({ state: "submitted" })).to.deep.equal([]);
    expect(verbs({ terms: { arbiter: ZeroAddress } })).to.deep.equal(["capture", "void"]);
  });

  it("depends on the deadlines, which are inclusive", () => {
    expect(verbs({}, CAPTURE)).to.deep.equal(["capture", "void", "dispute"]);
    expect(verbs({}, CAPTURE + 1n)).to.deep.equal(["void"]);
    const captured = { hold: { status: "captured", captured: "100", held: "0" } } as const;
    expect(verbs(captured, REFUND)).to.deep.equal(["refund"]);
    expect(verbs(captured, REFUND + 1n)).to.deep.equal([]);
    expect(verbs({ ...captured, terms: { refundDeadline: "0" } }, 1n)).to.deep.equal([]);
  });

  it("is bounded by what is held, and by what was captured and not refunded", () => {
    const acts = possibleActs(payment({ hold: { captured: "40", refunded: "15", held: "60" } }), 0n);
    expect(acts).to.deep.equal([
      { verb: "capture", most: 60n, until: CAPTURE },
      { verb: "void", returns: 60n },
      { verb: "dispute", until: CAPTURE },
      { verb: "refund", most: 25n, until: REFUND },
    ]);
    expect(verbs({ hold: { status: "captured", captured: "100", refunded: "100", held: "0" } })).to.deep.equal([]);
  });

  it("of an exchanged payment goes by its refund rule", () => {
    const hold = { status: "captured", captured: "100", held: "0" } as const;
    expect(verbs({ hold, exchange: { refundRule: "settlement_currency" } })).to.deep.equal(["refund"]);
    for (const refundRule of ["payer_bears", "payee_bears"] as const) {
      const ruled = { hold, exchange: { refundRule, refundDeadline: "9" } };
      expect(verbs(ruled), refundRule).to.deep.equal([]);
      expect(ruledRefundUntil(payment(ruled), 9n)).to.equal(9n);
      expect(ruledRefundUntil(payment(ruled), 10n)).to.equal(undefined);
      const whole = { hold, exchange: { ...ruled.exchange, refunded: "100" } };
      expect(ruledRefundUntil(payment(whole), 9n)).to.equal(undefined);
    }
    expect(ruledRefundUntil(payment({ hold }), 0n)).to.equal(undefined);
  });

  it("waits for an act that is on its way", () => {
    const act = (state: ActView["state"]) => ({ state }) as ActView;
    for (const state of ["accepted", "assigned", "submitted"] as const) {
      expect(actUnderWay([act("final"), act(state)])?.state).to.equal(state);
    }
    expect(actUnderWay([act("settled"), act("final"), act("rejected")])).to.equal(undefined);
  });
});

describe("a merchant's signature over an act", () => {
  const wallet = Wallet.createRandom();
  const signer = {
    kind: "node",
    name: "",
    address: wallet.address,
    signTypedData: wallet.signTypedData.bind(wallet),
    signMessage: wallet.signMessage.bind(wallet),
  } as const;
  const view = payment({ hold: { captured: "40", refunded: "15", held: "60" } });
  const domain = { chainId: 31_337n, escrow: ESCROW };

  it("is over the hold's sums before it", async () => {
    const network = { chainId: "31337", escrow: ESCROW };
    const cases = [
      [{ verb: "capture", amount: 7n }, CAPTURE_TYPES, { amount: 7n, captured: 40n }],
      [{ verb: "refund", amount: 7n }, REFUND_TYPES, { amount: 7n, refunded: 15n }],
      [{ verb: "void" }, VOID_TYPES, { captured: 40n }],
    ] as const;
    for (const [decision, types, value] of cases) {
      const { body } = await signAct(signer, network, view, decision, 100n);
      const { deadline, signature } = body.consent;
      expect(deadline).to.equal("3700");
      const digest = consentDigest(domain, types, { id: ID, ...value, deadline });
      expect(recoverAddress(digest, signature), decision.verb).to.equal(wallet.address);
    }
  });
});
