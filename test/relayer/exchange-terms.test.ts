import { expect } from "chai";
import { keccak256, Wallet, ZeroAddress, ZeroHash } from "ethers";
import fc from "fast-check";

import type { Authorization } from "../../relayer/intake/authorization.ts";
import { checkAuthorization } from "../../relayer/intake/check.ts";
import type { CheckContext } from "../../relayer/intake/check-context.ts";
import { toStoredQuote } from "../../relayer/intake/fx.ts";
import type { QuoteRecord } from "../../relayer/store/quotes.ts";
import { fxTermsHash } from "../../sdk/exchange-typed-data.ts";
import type { FxHoldTerms, FxTerms } from "../../sdk/fx.ts";
import { holdId } from "../../sdk/hold-typed-data.ts";
import { costOf } from "../../sdk/quote.ts";

const NAMES = ["ledger", "escrow", "gateway", "exchange", "payer", "merchant", "dollar", "euro", "maker"] as const;
const at = Object.fromEntries(
  NAMES.map((name, index) => [name, new Wallet(keccak256(`0x0${index}`)).address]),
) as Record<(typeof NAMES)[number], string>;
const ID = keccak256("0xaa");
const QUOTE_ID = keccak256("0xbb");
const NOW = 1_000n;

const quote: QuoteRecord = {
  ...{ id: QUOTE_ID, maker: at.maker, payToken: at.dollar, settleToken: at.euro, payAmount: 110n, settleAmount: 100n },
  ...{ generation: 0n, deadline: NOW, salt: ZeroHash, r: ZeroHash, vs: ZeroHash, filled: 0n, cancelled: false },
};
const terms: FxTerms = { payee: at.merchant, settleToken: at.euro, settleAmount: 10n, quote: QUOTE_ID, memo: ID };
const hold = {
  ...{ payee: at.merchant, splits: [], captureDeadline: NOW, refundDeadline: NOW, arbiter: ZeroAddress },
  ...{ rulingPeriod: 0n, defaultPayerBps: 0, memo: ID },
};
const held: FxHoldTerms = {
  ...{ settleToken: at.euro, settleAmount: 10n, quote: QUOTE_ID, refundRule: "settlement_currency" },
  ...{ refundDeadline: 0n, hold },
};

type Payment = Authorization["payment"];

const payment: Payment = {
  ...{ payer: at.payer, payee: at.exchange, token: at.dollar, amount: 11n, nonce: 4n, deadline: NOW, terms },
};

function check(changes: Partial<Payment> = {}, known: Partial<QuoteRecord> = {}, served: Partial<CheckContext> = {}) {
  const context: CheckContext = {
    ...{
      domain: { chainId: 1n, ledger: at.ledger },
      ledger: at.ledger,
      escrow: at.escrow,
      gateway: at.gateway,
      exchange: at.exchange,
    },
    ...{ quotes: new Map([[QUOTE_ID, { ...quote, ...known }]]), tokens: new Set([at.dollar, at.euro]), now: NOW },
    ...served,
  };
  return checkAuthorization(ID, { payment: { ...payment, ...changes }, funding: "account" }, context);
}

function code(...given: Parameters<typeof check>): string {
  const draft = check(...given);
  return "code" in draft ? `${draft.code} ${draft.field}` : "good";
}

describe("what the relayer asks of a payment at a quote", () => {
  it("makes a draft that names merchant, memo, quote and cost", () => {
    expect(check({ amount: 500n })).to.deep.include({
      ...{ id: ID, merchant: at.merchant, memo: fxTermsHash(terms), amount: 500n, terms: null, holdId: null },
      fx: {
        ...{ quote: toStoredQuote(quote), settleAmount: "10", cost: "11", payee: at.merchant, memo: ID },
        ...{ refundRule: null, refundDeadline: 0 },
      },
    });
  });

  it("names a hold by the payment that the Escrow would have known it by", () => {
    const asPaid = {
      ...{ payer: at.payer, payee: at.escrow, token: at.euro, amount: 10n, nonce: 4n, deadline: NOW },
      terms: hold,
    };
    expect(check({ terms: held })).to.deep.include({
      ...{ merchant: at.merchant, memo: fxTermsHash(held), holdId: holdId({ chainId: 1n, ledger: at.ledger }, asPaid) },
      terms: { ...hold, captureDeadline: 1_000, refundDeadline: 1_000, rulingPeriod: 0 },
    });
  });

  it("takes a quote up to its last second, and a ceiling down to the cost", () => {
    expect(code({}, { deadline: NOW })).to.equal("good");
    expect(code({}, { deadline: NOW - 1n })).to.equal("quote_expired payment.terms.quote");
    expect(code({ amount: 11n })).to.equal("good");
    expect(code({ amount: 10n })).to.equal("ceiling_too_low payment.amount");
    // Rounded up: a fraction of a unit is a unit.
    expect(code({ amount: 11n }, { payAmount: 111n })).to.equal("ceiling_too_low payment.amount");
  });

  it("refuses in the contract's order", () => {
    const cancelled = { cancelled: true };
    const low = { amount: 1n };
    expect(code({ ...low, payee: at.merchant }, cancelled)).to.equal("invalid_payee payment.payee");
    expect(code({ ...low, terms: { ...terms, quote: ID } }, cancelled)).to.equal("unknown_quote payment.terms.quote");
    expect(code(low, { ...cancelled, settleToken: at.dollar })).to.equal("invalid_terms payment.terms.settleToken");
    expect(code(low, { ...cancelled, payToken: at.euro })).to.equal("invalid_terms payment.token");
    expect(code(low, { ...cancelled, deadline: 1n })).to.equal("quote_expired payment.terms.quote");
    expect(code({ ...low, terms: { ...terms, payee: at.ledger } }, cancelled)).to.equal(
      "quote_cancelled payment.terms.quote",
    );
    expect(code({ ...low, terms: { ...terms, payee: at.ledger } })).to.equal("invalid_payee payment.terms.payee");
    expect(code({ ...low, deadline: 1n })).to.equal("ceiling_too_low payment.amount");
    expect(code({ deadline: NOW - 1n })).to.equal("expired payment.deadline");
    expect(code({ token: at.maker })).to.equal("unknown_token payment.token");
  });

  it("refuses it where nothing is exchanged, and into holds where none are served", () => {
    expect(code({}, {}, { exchange: undefined })).to.equal("invalid_payee payment.payee");
    expect(code({ terms: held }, {}, { escrow: undefined })).to.equal("invalid_payee payment.payee");
  });

  it("refuses payments to the Exchange without its terms, whose money would be lost", () => {
    const { payer, payee, token, amount, nonce, deadline } = payment;
    const plain = { payer, payee, token, amount, nonce, deadline };
    const context = {
      ...{
        domain: { chainId: 1n, ledger: at.ledger },
        ledger: at.ledger,
        escrow: at.escrow,
        gateway: at.gateway,
        exchange: at.exchange,
      },
      ...{ quotes: new Map<string, QuoteRecord>(), tokens: new Set([at.dollar]), now: NOW },
    };
    const refusal = (given: Payment) => checkAuthorization(ID, { payment: given, funding: "account" }, context);
    expect(refusal({ ...plain, memo: ID })).to.include({ code: "invalid_payee", field: "payment.terms" });
    expect(refusal({ ...plain, terms: hold })).to.include({ code: "invalid_payee", field: "payment.payee" });
  });

  it("asks that the rule for refunds and the hold's own terms agree", () => {
    const rule = (changes: Partial<FxHoldTerms>, ofHold: Partial<typeof hold> = {}) =>
      code({ terms: { ...held, ...changes, hold: { ...hold, ...ofHold } } });
    const none = { refundDeadline: 0n };
    expect(rule({})).to.equal("good");
    expect(rule({}, none)).to.equal("good");
    expect(rule({}, { refundDeadline: NOW - 1n })).to.equal("invalid_terms payment.terms.hold.refundDeadline");
    expect(rule({ refundDeadline: NOW })).to.equal("invalid_terms payment.terms.refundDeadline");
    for (const refundRule of ["payer_bears", "payee_bears"] as const) {
      expect(rule({ refundRule, refundDeadline: NOW }, none)).to.equal("good");
      expect(rule({ refundRule, refundDeadline: NOW - 1n }, none)).to.equal(
        "invalid_terms payment.terms.refundDeadline",
      );
      expect(rule({ refundRule, refundDeadline: NOW })).to.equal("invalid_terms payment.terms.hold.refundDeadline");
    }
  });

  it("never asks a ceiling below what any part of a quote costs, nor a unit above it", () => {
    const amount = fc.bigInt(1n, 10n ** 12n);
    fc.assert(
      fc.property(amount, amount, amount, (payAmount, settleAmount, part) => {
        const cost = costOf({ payAmount, settleAmount }, part);
        const given = { payAmount, settleAmount };
        expect(code({ amount: cost, terms: { ...terms, settleAmount: part } }, given)).to.equal("good");
        expect(cost * settleAmount >= part * payAmount).to.equal(true);
        expect((cost - 1n) * settleAmount < part * payAmount).to.equal(true);
      }),
    );
  });
});
