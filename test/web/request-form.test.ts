import { expect } from "chai";
import { ZeroAddress } from "ethers";

import {
  formField,
  readPercent,
  readRequestForm,
  type RequestForm,
  writeLocalTime,
} from "../../web/merchant/requests/request-form.ts";

const EURO = { token: `0x${"01".repeat(20)}`, code: "EUR", name: "Euro", decimals: 6, signing: null };
const NOW = 1_800_000_000;
const MEMO = `0x${"aa".repeat(32)}`;
const [CARRIER, ARBITER] = [`0x${"02".repeat(20)}`, `0x${"03".repeat(20)}`];

function form(changes: Partial<RequestForm> = {}): RequestForm {
  return {
    ...{ title: " Shoes ", token: EURO.token, amount: "12,50", capture: "automatic", isReusable: false },
    ...{ payerCountry: "pt", expiresAt: writeLocalTime(NOW + 60), captureDeadline: writeLocalTime(NOW + 120) },
    ...{ refundDeadline: writeLocalTime(NOW + 180), arbiter: "", rulingDays: "7", payerPercent: "50", splits: [] },
    ...changes,
  };
}

const read = (changes: Partial<RequestForm> = {}) => readRequestForm(form(changes), EURO, MEMO, BigInt(NOW));

function mistakes(changes: Partial<RequestForm>) {
  const result = read({ capture: "manual", ...changes });
  return "mistakes" in result ? result.mistakes : {};
}

describe("the form of a payment request", () => {
  it("asks for a payment at once, and says nothing that was left out", () => {
    const common = { token: EURO.token, amount: "12500000", memo: MEMO, expiresAt: String(NOW + 60) };
    expect(read()).to.deep.equal({ body: { ...common, capture: "automatic", title: "Shoes", payerCountry: "PT" } });
    expect(read({ title: " ", payerCountry: "", isReusable: true })).to.deep.equal({
      body: { ...common, capture: "automatic", reusable: true },
    });
  });

  it("asks for a hold, with shares in hundredths of a percent", () => {
    const splits = [{ recipient: CARRIER, percent: "12.5" }];
    expect(read({ capture: "manual", arbiter: ARBITER, splits })).to.have.deep.nested.property("body.hold", {
      ...{ captureDeadline: String(NOW + 120), refundDeadline: String(NOW + 180), arbiter: ARBITER },
      ...{
        rulingPeriod: String(7 * 86_400),
        defaultPayerBps: 5_000,
        splits: [{ recipient: CARRIER, shareBps: 1_250 }],
      },
    });
    expect(read({ capture: "manual", refundDeadline: "" })).to.have.deep.nested.property("body.hold", {
      ...{ captureDeadline: String(NOW + 120), refundDeadline: "0", arbiter: ZeroAddress },
      ...{ rulingPeriod: "0", defaultPayerBps: 0, splits: [] },
    });
  });

  it("says which field is wrong", () => {
    const at = (seconds: number) => writeLocalTime(NOW + seconds);
    const split = (percent: string, recipient = CARRIER) => ({ recipient, percent });
    expect(mistakes({ amount: "0" })).to.deep.equal({ amount: "amount" });
    expect(mistakes({ amount: "1.0000001" })).to.deep.equal({ amount: "amount" });
    expect(mistakes({ amount: "99999999999999999999" })).to.deep.equal({});
    expect(mistakes({ expiresAt: at(0) })).to.deep.equal({ expiresAt: "past" });
    expect(mistakes({ expiresAt: "" })).to.deep.equal({ expiresAt: "required" });
    expect(mistakes({ captureDeadline: at(0) })).to.deep.equal({ captureDeadline: "past" });
    expect(mistakes({ refundDeadline: at(60) })).to.deep.equal({ refundDeadline: "beforeCapture" });
    expect(mistakes({ refundDeadline: at(120) })).to.deep.equal({});
    expect(mistakes({ arbiter: "0x12" })).to.deep.equal({ arbiter: "address" });
    expect(mistakes({ arbiter: ARBITER, rulingDays: "365" })).to.deep.equal({});
    expect(mistakes({ arbiter: ARBITER, rulingDays: "366" })).to.deep.equal({ rulingDays: "days" });
    expect(mistakes({ arbiter: ARBITER, rulingDays: "0" })).to.deep.equal({ rulingDays: "days" });
    expect(mistakes({ splits: [split("0")] })).to.deep.equal({ "splits.0.percent": "percent" });
    expect(mistakes({ splits: [split("1", "x")] })).to.deep.equal({ "splits.0.recipient": "address" });
    expect(mistakes({ splits: [split("1"), split("2")] })).to.deep.equal({ splits: "splits" });
    expect(mistakes({ splits: [split("60"), split("40.01", ARBITER)] })).to.deep.equal({ splits: "splits" });
    expect(mistakes({ splits: [split("60"), split("40", ARBITER)] })).to.deep.equal({});
  });

  it("reads shares to two decimals", () => {
    expect(["0", "0.01", "12,5", "100", "100.00"].map(readPercent)).to.deep.equal([0, 1, 1_250, 10_000, 10_000]);
    for (const bad of ["", "-1", "100.01", "1.234", "1e1", "101"]) expect(readPercent(bad), bad).to.equal(undefined);
  });

  it("finds the field that the relayer names", () => {
    expect(formField("hold.rulingPeriod")).to.equal("rulingDays");
    expect(formField("hold.splits.1.shareBps")).to.equal("splits.1.percent");
    expect(formField("hold.splits[0].recipient")).to.equal("splits.0.recipient");
    expect(formField("hold.splits")).to.equal("splits");
    expect(formField("amount")).to.equal("amount");
    expect(formField("merchant")).to.equal(undefined);
    expect(formField(undefined)).to.equal(undefined);
  });
});
