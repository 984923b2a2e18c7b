import { expect } from "chai";
import { Interface, keccak256, Wallet } from "ethers";

import { readEscrowLogs } from "../../relayer/chain/escrow-reader.ts";
import { type ActContent, ALLOWED_IN, effectOf, fxRefundEffect, VERBS } from "../../relayer/hold-effects.ts";
import { HOLD_STATUSES } from "../../sdk/hold.ts";
import { paymentStatus } from "../../sdk/payment-status.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";

const ABI = new Interface(Escrow__factory.abi);
const ID = keccak256("0x01");
const EVIDENCE = keccak256("0x02");
const ACTOR = new Wallet(keccak256("0x03")).address;
const CONSENT = { deadline: 1, r: ID, vs: ID };

describe("effects of acts", () => {
  const cases: [ActContent, string, unknown[]][] = [
    [{ verb: "capture", amount: "30", sum: "12", consent: CONSENT }, "Captured", [ID, 30, 42]],
    [{ verb: "refund", amount: "5", sum: "0", consent: CONSENT }, "Refunded", [ID, 5, 5, 4]],
    [{ verb: "void", consent: CONSENT }, "Voided", [ID, 7]],
    [{ verb: "reclaim" }, "Reclaimed", [ID, 7]],
    [{ verb: "dispute", actor: ACTOR, evidence: EVIDENCE, consent: CONSENT }, "Disputed", [ID, ACTOR, EVIDENCE]],
    [
      { verb: "evidence", actor: ACTOR, evidence: EVIDENCE, consent: CONSENT },
      "EvidenceSubmitted",
      [ID, ACTOR, EVIDENCE],
    ],
    [{ verb: "rule", payerBps: 250, consent: CONSENT }, "Ruled", [ID, ACTOR, 250, 1, 2]],
    [{ verb: "resolve" }, "Resolved", [ID, 1, 2]],
    [{ verb: "settle", toPayer: "9", payerConsent: CONSENT, payeeConsent: CONSENT }, "SettledByAgreement", [ID, 9, 1]],
  ];

  it("are told from each of the Escrow's events", () => {
    expect(cases.map(([{ verb }]) => verb).sort()).to.deep.equal(VERBS.filter((verb) => verb !== "fx_refund").sort());
    for (const [content, name, values] of cases) {
      const place = { transactionHash: EVIDENCE, blockNumber: 3, blockHash: ID };
      const log = { ...ABI.encodeEventLog(name, values), ...place };
      const { effects, touched } = readEscrowLogs(ABI, [
        log as unknown as Parameters<typeof readEscrowLogs>[1][number],
      ]);
      expect(effects, name).to.deep.equal([{ id: effectOf(ID, content), transactionHash: EVIDENCE, blockNumber: 3n }]);
      expect(touched).to.deep.equal([ID]);
    }
  });

  it("of a refund in the pay currency is told by the payment's id and the sum with it", () => {
    const more = { quote: ID, maxCost: "9", consent: CONSENT };
    const effect = effectOf(ID, { verb: "fx_refund", amount: "5", sum: "7", ...more });
    expect(effect).to.equal(fxRefundEffect(ID, 5n, 12n));
    expect(effect).to.not.equal(effectOf(ID, { verb: "refund", amount: "5", sum: "7", consent: CONSENT }));
  });

  it("are those of the statuses that the contract documents", () => {
    for (const verb of VERBS) {
      expect(ALLOWED_IN[verb], verb).to.not.include("none");
      expect(HOLD_STATUSES).to.include.members([...ALLOWED_IN[verb]]);
    }
  });
});

describe("the status of a payment", () => {
  const sums = { captured: 0n, refunded: 0n };
  const some = { captured: 5n, refunded: 2n };
  for (const [state, hold, status] of [
    ["accepted", undefined, "processing"],
    ["submitted", undefined, "processing"],
    ["rejected", undefined, "canceled"],
    ["expired", undefined, "canceled"],
    ["settled", undefined, "processing"],
    ["settled", { ...sums, status: "none" }, "processing"],
    ["settled", { ...sums, status: "open" }, "requires_capture"],
    ["final", { ...some, status: "open" }, "requires_capture"],
    ["final", { ...some, status: "disputed" }, "disputed"],
    ["final", { ...some, status: "captured" }, "succeeded"],
    ["final", { captured: 5n, refunded: 5n, status: "captured" }, "refunded"],
    ["final", { ...some, status: "voided" }, "succeeded"],
    ["final", { ...sums, status: "voided" }, "canceled"],
    ["final", { ...sums, status: "reclaimed" }, "canceled"],
    ["final", { ...sums, status: "resolved" }, "canceled"],
    ["final", { ...some, status: "ruled" }, "succeeded"],
    ["final", { ...some, status: "agreed" }, "succeeded"],
  ] as const) {
    it(`is ${status} when the payment is ${state} and its hold ${hold?.status ?? "unknown"}`, () => {
      expect(paymentStatus(state, true, hold)).to.equal(status);
    });
  }

  it("of a payment without terms is succeeded as soon as it has settled", () => {
    expect(paymentStatus("settled", false, undefined)).to.equal("succeeded");
  });
});
