import { expect } from "chai";
import { keccak256, toUtf8Bytes, TypedDataEncoder, Wallet, ZeroAddress } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";

import {
  exchangeTypedDataDomain,
  FX_HOLD_PAYMENT_TYPES,
  FX_PAYMENT_TYPES,
  fxPaymentId,
  fxTermsHash,
  QUOTE_TYPES,
  quoteId,
  signFxPayment,
  signQuote,
} from "../../sdk/exchange-typed-data.ts";
import { type FxHoldTerms, type FxPayment, type FxTerms, REFUND_RULES } from "../../sdk/fx.ts";
import { holdId } from "../../sdk/hold-typed-data.ts";
import { bought, costOf, type Quote, shareOfPaid } from "../../sdk/quote.ts";
import { recoverSigner, toCompactSignature } from "../../sdk/signature.ts";
import { paymentId } from "../../sdk/typed-data.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";

const at = (byte: string): string => new Wallet(`0x${byte.repeat(32)}`).address;
const MEMO = `0x${"ab".repeat(32)}`;

describe("the typed data of the Exchange", () => {
  async function deployed() {
    const { ethers } = await network.create();
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new Error("no account");
    const manager = await ethers.deployContract("AccessManager", [deployer.address]);
    const verifier = await ethers.deployContract("SignatureVerifier");
    const ledger = await ethers.deployContract("Ledger", [await manager.getAddress(), await verifier.getAddress()]);
    const escrow = await ethers.deployContract("Escrow", [await ledger.getAddress()]);
    const contract = await ethers.deployContract("Exchange", [await manager.getAddress(), await escrow.getAddress()]);
    const { chainId } = await ethers.provider.getNetwork();
    return {
      exchange: Exchange__factory.connect(await contract.getAddress(), deployer),
      domain: { chainId, exchange: await contract.getAddress() },
      ledgerDomain: { chainId, ledger: await ledger.getAddress() },
      escrow: await escrow.getAddress(),
    };
  }

  const quote: Quote = {
    ...{ maker: at("11"), payToken: at("22"), settleToken: at("33"), payAmount: 108_330n, settleAmount: 100_000n },
    ...{ generation: 3n, deadline: 1_900_000_000n, salt: MEMO },
  };

  it("names quotes as the contract does, and is signed for by their maker", async () => {
    const { exchange, domain } = await deployed();
    expect(quoteId(domain, quote)).to.equal(await exchange.quoteId(quote));
    const maker = new Wallet(`0x${"11".repeat(32)}`);
    const compact = toCompactSignature(await signQuote(maker, domain, quote));
    if (compact === undefined) throw new Error("no signature");
    expect(recoverSigner(quoteId(domain, quote), compact)).to.equal(maker.address);
  });

  it("names payments into holds, and the holds, as the contract does", async () => {
    const { exchange, domain, ledgerDomain, escrow } = await deployed();
    for (const refundRule of REFUND_RULES) {
      const hold = {
        ...{
          payee: at("44"),
          splits: [{ recipient: at("55"), shareBps: 12 }],
          captureDeadline: 7n,
          refundDeadline: 0n,
        },
        ...{ arbiter: ZeroAddress, rulingPeriod: 0n, defaultPayerBps: 0, memo: MEMO },
      };
      const terms: FxHoldTerms = {
        ...{ settleToken: quote.settleToken, settleAmount: 500n, quote: quoteId(domain, quote) },
        ...{ refundRule, refundDeadline: 9n, hold },
      };
      const payment: FxPayment<FxHoldTerms> = {
        ...{ payer: at("66"), payee: domain.exchange, token: quote.payToken, amount: 600n, nonce: 4n, deadline: 5n },
        terms,
      };
      const { payer, nonce, deadline } = payment;
      const row = { ...hold, payer, nonce, deadline, amount: 500n };
      const [id, heldAs] = await exchange.idsOf({
        ...{ quote, refundRule: REFUND_RULES.indexOf(refundRule), refundDeadline: 9n, amount: 600n },
        hold: { payee: hold.payee, token: quote.settleToken, splits: hold.splits, hold: row },
      });
      expect(fxPaymentId(ledgerDomain, payment)).to.equal(id);
      const held = { ...payment, payee: escrow, token: quote.settleToken, amount: 500n, terms: hold };
      expect(holdId(ledgerDomain, held)).to.equal(heldAs);
    }
  });

  it("signs payments whose terms are what the Ledger sees in the memo's place", async () => {
    const domain = { chainId: 1n, ledger: at("77") };
    const terms: FxTerms = {
      ...{ payee: at("44"), settleToken: quote.settleToken, settleAmount: 500n, quote: MEMO, memo: MEMO },
    };
    const payer = new Wallet(`0x${"66".repeat(32)}`);
    const payment: FxPayment = {
      ...{ payer: payer.address, payee: at("88"), token: quote.payToken, amount: 600n, nonce: 4n, deadline: 5n, terms },
    };
    const compact = toCompactSignature(await signFxPayment(payer, domain, payment));
    if (compact === undefined) throw new Error("no signature");
    expect(recoverSigner(fxPaymentId(domain, payment), compact)).to.equal(payer.address);
    // The members are those of a plain payment; the type is not, so neither is the id.
    const plain = { ...payment, memo: fxTermsHash(terms) };
    expect(fxPaymentId(domain, payment)).to.not.equal(paymentId(domain, plain));
    expect(keccak256(toUtf8Bytes(TypedDataEncoder.from(FX_PAYMENT_TYPES).encodeType("Payment")))).to.equal(
      keccak256(
        toUtf8Bytes(
          "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,FxTerms terms)FxTerms(address payee,address settleToken,uint128 settleAmount,bytes32 quote,bytes32 memo)",
        ),
      ),
    );
    expect(TypedDataEncoder.from(FX_HOLD_PAYMENT_TYPES).encodeType("Payment")).to.match(
      /FxHoldTerms terms\)FxHoldTerms\(.*HoldTerms hold\)HoldTerms\(.*\)Split\(/,
    );
    expect(TypedDataEncoder.from(QUOTE_TYPES).encodeType("Quote")).to.contain("uint64 generation");
    expect(exchangeTypedDataDomain({ chainId: 1n, exchange: at("88") }).name).to.equal("Corridor Exchange");
  });

  it("reckons as the contract does: for the maker, and to the unit", async () => {
    const { exchange } = await deployed();
    const amount = fc.bigInt(1n, 2n ** 100n);
    for (const [payAmount, settleAmount, what] of fc.sample(fc.tuple(amount, amount, amount), {
      numRuns: 25,
      seed: 5,
    })) {
      const rate = { payAmount, settleAmount };
      const { cost } = await exchange.check({ ...quote, ...rate }, MEMO, MEMO, what);
      expect(costOf(rate, what)).to.equal(cost);
      expect(costOf(rate, what) * settleAmount >= what * payAmount).to.equal(true);
      expect(bought(rate, what) * payAmount <= what * settleAmount).to.equal(true);
    }
    fc.assert(
      fc.property(amount, fc.array(fc.bigInt(1n, 1_000n), { minLength: 1 }), (paid, parts) => {
        const settled = parts.reduce((sum, part) => sum + part, 0n);
        let [refunded, returned] = [0n, 0n];
        for (const part of parts) {
          returned += shareOfPaid(paid, settled, refunded, part);
          refunded += part;
        }
        return returned === paid;
      }),
    );
  });
});
