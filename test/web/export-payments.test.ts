import { expect } from "chai";

import type { PaymentView } from "../../sdk/client.ts";
import { paymentsCsv, toCsv } from "../../web/merchant/payments/export-payments.ts";
import { filterMistakes, filterQuery, NO_FILTER, readPaymentId } from "../../web/merchant/payments/payment-filter.ts";

const EURO = { token: "0xAb", code: "EUR", name: "Euro", decimals: 6, signing: null };
const DOLLAR = { token: "0xCd", code: "USD", name: "Dollar", decimals: 6, signing: null };

describe("exported payments", () => {
  it("are quoted by RFC 4180", () => {
    expect(toCsv([["a", 'say "b"', "c,d", "e\nf"], [""]])).to.equal('a,"say ""b""","c,d","e\nf"\r\n\r\n');
  });

  it("have no formula in a cell", () => {
    expect(toCsv([["=1+1", "+1", "-1", "@a", "\t=1", "1-1"]])).to.equal("'=1+1,'+1,'-1,'@a,'\t=1,1-1\r\n");
    expect(toCsv([['=HYPERLINK("x")']])).to.equal('"\'=HYPERLINK(""x"")"\r\n');
  });

  it("say in units what the merchant got and what was paid", () => {
    const payment = {
      ...{ id: "0x01", status: "succeeded", state: "final", code: null, acceptedAt: "2026-11-28T15:00:00Z" },
      ...{ settledAt: "1800000000", payer: "0x02", merchant: "0x03", token: "0xcd", amount: "2000000", memo: "0x04" },
      ...{ requestId: null, transactionHash: "0x05", blockNumber: "7", hold: null },
      exchange: { settleToken: "0xab", settleAmount: "1500000", paid: "1600001", fee: "1000" },
    } as PaymentView;
    const [header = "", line = ""] = paymentsCsv([payment], [EURO, DOLLAR]).split("\r\n");
    const cells = line.split(",");
    const cell = Object.fromEntries(header.split(",").map((name, index) => [name, cells[index]]));
    expect(cells).to.have.length(header.split(",").length);
    expect(cell).to.include({
      amount: "1.50",
      currency: "EUR",
      paid_amount: "1.600001",
      paid_token: "0xcd",
      fee: "0.001",
    });
    expect(cell).to.include({ settled_at: "2027-01-15T08:00:00.000Z", block: "7" });
  });
});

describe("filters of payments", () => {
  it("ask for days from their beginning to the beginning of the next", () => {
    const { from, to } = filterQuery({ ...NO_FILTER, from: "2026-11-28", to: "2026-11-28" });
    expect(Number(from)).to.equal(new Date(2026, 10, 28).getTime() / 1_000);
    expect(Number(to)).to.equal(new Date(2026, 10, 29).getTime() / 1_000);
    expect(filterQuery(NO_FILTER)).to.deep.equal({});
  });

  it("are not asked with half an address", () => {
    const wrong = { ...NO_FILTER, payer: "0x12", memo: "0x", request: "1", from: "2026-02-02", to: "2026-02-01" };
    expect(filterMistakes(wrong)).to.have.members(["payer", "memo", "request", "to"]);
    expect(filterMistakes(NO_FILTER)).to.deep.equal([]);
  });

  it("take a payment's id as it was pasted", () => {
    const id = `0x${"ab".repeat(32)}`;
    expect(readPaymentId(` ${id.toUpperCase().replace("0X", "0x")} `)).to.equal(id);
    expect(readPaymentId(id.slice(2))).to.equal(undefined);
  });
});
