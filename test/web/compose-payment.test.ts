import { expect } from "chai";
import { verifyTypedData, Wallet } from "ethers";

import type { NetworkView, PaymentRequestView, QuotedView } from "../../sdk/client.ts";
import { FX_HOLD_PAYMENT_TYPES } from "../../sdk/exchange-typed-data.ts";
import { RECEIVE_WITH_AUTHORIZATION_TYPES } from "../../sdk/gateway-typed-data.ts";
import { PAYMENT_TYPES, typedDataDomain } from "../../sdk/typed-data.ts";
import { composePayment, SIGNATURE_SECONDS, signatureDeadline } from "../../web/checkout/compose-payment.ts";
import { idOf, signAny } from "../../web/checkout/sign-payment.ts";

const address = (digit: string) => `0x${digit.repeat(40)}`;
const [EURO, DOLLAR, MERCHANT, ESCROW, EXCHANGE, GATEWAY, LEDGER] = ["1", "2", "3", "4", "5", "6", "7"].map(
  address,
) as [...[string, string, string, string, string, string, string]];
const MEMO = `0x${"ab".repeat(32)}`;
const NOW = 1_000_000n;
const payer = new Wallet(`0x${"11".repeat(32)}`);

const network = {
  ...{ chainId: "31337", ledger: LEDGER, gateway: GATEWAY, exchange: EXCHANGE },
  currencies: [{ token: EURO, code: "EUR", name: "Euro", decimals: 6, signing: { name: "Euro", version: "2" } }],
} satisfies Partial<NetworkView>;

const request: PaymentRequestView = {
  ...{ id: "1", status: "requires_authorization", capture: "automatic", merchant: MERCHANT, payee: MERCHANT },
  ...{ token: EURO, amount: "12340000", memo: MEMO, terms: null, expiresAt: String(NOW + 3_600n), title: null },
  ...{ payerCountry: null, reusable: false, payments: 0, paymentId: null, createdAt: "1999999" },
  profile: { merchant: MERCHANT, name: null, country: null },
};
const held: PaymentRequestView = {
  ...request,
  ...{ capture: "manual", payee: ESCROW },
  terms: {
    ...{ payee: MERCHANT, splits: [{ recipient: DOLLAR, shareBps: 100 }], captureDeadline: "1009999" },
    ...{ refundDeadline: "1019999", arbiter: address("0"), rulingPeriod: "0", defaultPayerBps: 0, memo: MEMO },
  },
};
const quoted: QuotedView = {
  ...{ id: `0x${"cd".repeat(32)}`, signature: "0x", filled: "0", cancelled: false, payToken: DOLLAR },
  ...{ payAmount: "13500000", settleToken: EURO, settleAmount: request.amount, ttlSeconds: 60 },
  expiresAt: String(NOW + 60n),
  quote: {
    ...{ maker: address("9"), payToken: DOLLAR, settleToken: EURO, payAmount: "108", settleAmount: "100" },
    ...{ generation: "0", deadline: String(NOW + 60n), salt: MEMO },
  },
};
const choice = { payer: payer.address, nonce: 7n, now: NOW, quoted: undefined };

describe("what a payer signs at the checkout", () => {
  it("is the request's amount to its payee, with its memo, in her currency", async () => {
    const payment = composePayment(network, request, choice);
    const common = { payer: payer.address, payee: MERCHANT, token: EURO, amount: 12_340_000n, nonce: 7n, memo: MEMO };
    expect(payment).to.deep.equal({ ...common, deadline: NOW + SIGNATURE_SECONDS });
    const signature = await signAny(payer, network, payment, "account");
    const domain = typedDataDomain({ chainId: 31_337n, ledger: LEDGER });
    expect(verifyTypedData(domain, PAYMENT_TYPES, payment, signature)).to.equal(payer.address);
  });

  it("holds the money by the request's terms to the letter", () => {
    const payment = composePayment(network, held, choice);
    expect(payment).to.deep.include({ payee: ESCROW, amount: 12_340_000n });
    expect("terms" in payment && payment.terms).to.deep.equal({
      ...held.terms,
      ...{ captureDeadline: 1_009_999n, refundDeadline: 1_019_999n, rulingPeriod: 0n },
    });
  });

  it("costs what the quote says, no more, and no longer than the quote", () => {
    const payment = composePayment(network, request, { ...choice, quoted });
    expect(payment).to.deep.include({ payee: EXCHANGE, token: DOLLAR, amount: 13_500_000n, deadline: NOW + 60n });
    const terms = { payee: MERCHANT, settleToken: EURO, settleAmount: 12_340_000n, quote: quoted.id, memo: MEMO };
    expect("terms" in payment && payment.terms).to.deep.equal(terms);
  });

  it("holds what was exchanged in the merchant's currency, refunded by the Escrow", async () => {
    const payment = composePayment(network, held, { ...choice, quoted });
    expect("terms" in payment && payment.terms).to.deep.include({
      ...{ refundRule: "settlement_currency", refundDeadline: 0n, settleAmount: 12_340_000n },
    });
    const value = { ...payment, terms: { ...("terms" in payment ? payment.terms : {}), refundRule: 0 } };
    const signature = await signAny(payer, network, payment, "account");
    const domain = typedDataDomain({ chainId: 31_337n, ledger: LEDGER });
    expect(verifyTypedData(domain, FX_HOLD_PAYMENT_TYPES, value, signature)).to.equal(payer.address);
  });

  it("is refused at a quote for another amount, another currency, or where nothing is exchanged", () => {
    const at = (changes: Partial<QuotedView>, exchange: string | null = EXCHANGE) =>
      composePayment({ exchange }, request, { ...choice, quoted: { ...quoted, ...changes } });
    expect(() => at({ settleAmount: "12340001" })).to.throw(RangeError);
    expect(() => at({ settleToken: DOLLAR })).to.throw(RangeError);
    expect(() => at({}, null)).to.throw(RangeError);
  });

  it("ends with the first of request, quote and a quarter of an hour", () => {
    const ends = { expiresAt: String(NOW + SIGNATURE_SECONDS) };
    expect(signatureDeadline(ends, undefined, NOW)).to.equal(NOW + SIGNATURE_SECONDS);
    expect(signatureDeadline(ends, undefined, NOW + 1n)).to.equal(NOW + SIGNATURE_SECONDS);
    expect(signatureDeadline(ends, undefined, NOW - 1n)).to.equal(NOW + SIGNATURE_SECONDS - 1n);
    expect(signatureDeadline(ends, quoted, NOW)).to.equal(NOW + 60n);
  });

  it("moves tokens that she holds herself, only into the payment of this id", async () => {
    for (const asked of [request, held]) {
      const payment = composePayment(network, asked, choice);
      const domain = { name: "Euro", version: "2", chainId: 31_337n, verifyingContract: EURO };
      const value = {
        ...{ from: payer.address, to: GATEWAY, value: 12_340_000n, validAfter: 0n },
        ...{ validBefore: payment.deadline + 1n, nonce: idOf(network, payment, "erc3009") },
      };
      const signature = await signAny(payer, network, payment, "erc3009");
      expect(verifyTypedData(domain, RECEIVE_WITH_AUTHORIZATION_TYPES, value, signature)).to.equal(payer.address);
    }
    const exchanged = composePayment(network, request, { ...choice, quoted });
    expect(() => idOf(network, exchanged, "erc3009")).to.throw(RangeError);
  });
});
